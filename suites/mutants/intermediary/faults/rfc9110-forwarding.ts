import { fault } from '../faults.ts'
import { has, valuesOf, withField, without, type Fields, type ResponseHead } from '../messages.ts'
import { strict } from '../strict/index.ts'

const isPlainPage = ({ fields }: ResponseHead): boolean =>
  valuesOf(fields, 'content-type').join() === 'text/html' && !isNoTransform(fields)

const isNoTransform = (fields: Fields): boolean => /no-transform/.test(valuesOf(fields, 'cache-control').join())

/** The same number of other bytes. */
const transformed = (piece: Buffer): Buffer => Buffer.from(piece.map((byte) => byte ^ 1))

export default [
  fault('host.forwarded-intact', 'leaves the port out of Host', {
    withHost(fields, request) {
      const { target, authority } = request
      const isAbsolute = !target.startsWith('/')
      return isAbsolute
        ? strict.withHost.call(this, fields, request)
        : withField(fields, 'Host', authority.replace(/:\d+$/, ''))
    },
  }),

  fault('host.absolute-form', 'forwards the received Host whatever the target says', { withHost: (fields) => fields }),

  fault(
    'path.untouched',
    'merges slashes in paths',
    { forwardedTarget: ({ path }) => path.replaceAll(/\/+/g, '/') },
    { observed: true, name: 'merged' },
  ),

  fault(
    'path.untouched',
    'decodes what need not be coded in paths',
    { forwardedTarget: ({ path }) => path.replaceAll('%7E', '~') },
    { observed: true, name: 'normalised' },
  ),

  fault(
    'unknown-fields.forwarded',
    'turns the order of fields round in requests',
    {
      endToEndRequestFields(fields) {
        return strict.endToEndRequestFields.call(this, fields).toReversed()
      },
    },
    { name: 'order' },
  ),

  fault(
    'unknown-fields.forwarded',
    'drops fields without a value from responses',
    {
      endToEndResponseFields(fields) {
        return strict.endToEndResponseFields.call(this, fields).filter(([, value]) => value !== '')
      },
    },
    { name: 'empty' },
  ),

  fault(
    'unknown-fields.forwarded',
    'keeps the first of several fields with a name that it does not know',
    {
      endToEndRequestFields(fields) {
        const [first, ...others] = valuesOf(fields, 'x-lab')
        const kept = others.length > 0 ? withField(fields, 'X-Lab', first!) : fields
        return strict.endToEndRequestFields.call(this, kept)
      },
    },
    { name: 'repeats' },
  ),

  fault('unknown-fields.any-name', 'drops request fields whose names have an underscore', {
    endToEndRequestFields(fields) {
      return strict.endToEndRequestFields.call(this, fields).filter(([name]) => !name.includes('_'))
    },
  }),

  fault('unknown-method.forwarded', 'refuses a method that it does not know', {
    refusesMethod(request) {
      return request.method === 'LAB' ? { status: 501 } : strict.refusesMethod.call(this, request)
    },
  }),

  fault('unknown-status.forwarded', 'puts another status in place of one that it does not know', {
    forwardedStatus: ({ status, reason }) => (status === 499 ? { status: 400, reason } : { status, reason }),
  }),

  fault('set-cookie.not-folded', 'puts all cookies into one line', {
    endToEndResponseFields(fields) {
      const kept = strict.endToEndResponseFields.call(this, fields)
      return has(kept, 'set-cookie') ? withField(kept, 'Set-Cookie', valuesOf(kept, 'set-cookie').join(', ')) : kept
    },
  }),

  fault('notransform', 'transforms what says no-transform', {
    responsePiece: (piece, { fields }) => (isNoTransform(fields) ? transformed(piece) : piece),
  }),

  fault('etag.per-encoding', 'changes the coding of a page, but not its entity tag', {
    responsePiece: (piece, head) => (isPlainPage(head) ? transformed(piece) : piece),
  }),

  fault('date.recipient-adds', 'adds no Date', { withDate: (fields) => fields }),

  fault(
    'date.kept',
    'dates every response anew',
    { withDate: (fields) => withField(fields, 'Date', new Date().toUTCString()) },
    { observed: true },
  ),

  fault(
    'content-length.false-not-forwarded',
    'forwards a length that is in the response twice as it is',
    {
      contentLength(values) {
        return strict.contentLength.call(this, new Set(values).size === 1 ? values.slice(0, 1) : values)
      },
      responseFramingFields(framing, head, request) {
        const lengths = valuesOf(head.fields, 'content-length')
        const fields = strict.responseFramingFields.call(this, framing, head, request)
        return lengths.length > 1 ? lengths.map((length) => ['Content-Length', length]) : fields
      },
    },
    { name: 'twice' },
  ),

  fault(
    'content-length.false-not-forwarded',
    'forwards a length beside the chunks of a request',
    {
      refuseBothFramings: () => {},
      requestFramingFields(request) {
        const lengths = valuesOf(request.fields, 'content-length').map((length) => ['Content-Length', length] as const)
        const fields = strict.requestFramingFields.call(this, request)
        return request.framing === 'chunked' ? [...fields, ...lengths] : fields
      },
    },
    { name: 'request' },
  ),

  fault(
    'forwarded.chain',
    'leaves X-Forwarded-For to whoever claims something',
    { withForwardedFor: (fields) => fields },
    { observed: true, name: 'claims' },
  ),

  fault(
    'forwarded.chain',
    'drops Forwarded',
    { withForwardedFor: (fields) => without(fields, 'forwarded') },
    { observed: true, name: 'dropped' },
  ),
]
