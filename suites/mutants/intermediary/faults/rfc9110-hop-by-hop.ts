import { fault } from '../faults.ts'
import { valuesOf, withField, type Fields } from '../messages.ts'
import { strict } from '../strict/index.ts'

const named = (fields: Fields, name: string): Fields => fields.filter(([each]) => each.toLowerCase() === name)

export default [
  fault(
    'hop.connection-listed-removed',
    'knows only the first field that Connection lists',
    {
      connectionOptions(fields) {
        return strict.connectionOptions.call(this, fields).slice(0, 1)
      },
    },
    { name: 'first' },
  ),

  fault(
    'hop.connection-listed-removed',
    'does not look at Connection in responses',
    {
      endToEndResponseFields(fields) {
        return fields.filter(([name]) => name.toLowerCase() !== 'content-length' && !this.isHopByHop(name))
      },
    },
    { name: 'response' },
  ),

  fault('hop.connection-own', 'forwards the Connection field of requests', {
    endToEndRequestFields(fields) {
      return [...strict.endToEndRequestFields.call(this, fields), ...named(fields, 'connection')]
    },
  }),

  fault('hop.known-removed', 'does not know that Proxy-Connection belongs to one connection', {
    isHopByHop(name) {
      return name.toLowerCase() !== 'proxy-connection' && strict.isHopByHop.call(this, name)
    },
  }),

  fault('te.only-with-connection', 'forwards "TE: trailers" without a word about it in Connection', {
    endToEndRequestFields(fields) {
      const te = named(fields, 'te').filter(([, value]) => value === 'trailers')
      return [...strict.endToEndRequestFields.call(this, fields), ...te]
    },
  }),

  fault('via.added', 'adds no Via to requests', { withRequestVia: (fields) => fields }, { name: 'none' }),

  fault(
    'via.added',
    'puts its own Via in place of the one before',
    { withRequestVia: (fields, { version }) => withField(fields, 'Via', `${version.slice(5)} another`) },
    { name: 'replaced' },
  ),

  fault(
    'via.added',
    'says of every request that it came in HTTP/1.1',
    { withRequestVia: (fields) => withField(fields, 'Via', [...valuesOf(fields, 'via'), '1.1 another'].join(', ')) },
    { name: 'version' },
  ),

  fault('via.response', 'adds no Via to responses', { withResponseVia: (fields) => fields }, { observed: true }),

  fault('maxforwards.zero', 'forwards what may not be forwarded any more', { isLastForward: () => false }),

  fault('maxforwards.updated', 'does not count Max-Forwards down', { withMaxForwards: (fields) => fields }),

  fault(
    'expect.100-forwarded',
    'leaves an expectation to nobody',
    { withExpectation: (fields) => fields.filter(([name]) => name.toLowerCase() !== 'expect') },
    { name: 'dropped' },
  ),

  fault(
    'expect.100-forwarded',
    'keeps 100 from the client',
    {
      passesInterim(interim, request) {
        return interim.status !== 100 && strict.passesInterim.call(this, interim, request)
      },
    },
    { name: 'swallowed' },
  ),

  fault('expect.100-not-to-10', 'passes 1xx on to clients of HTTP/1.0', { passesInterim: () => true }),

  fault('trace.no-sensitive', 'shows all that a TRACE came with', {
    lastForwardAnswer(request) {
      const { method, fields } = request
      if (method !== 'TRACE') return strict.lastForwardAnswer.call(this, request)
      return { status: 200, body: fields.map(([name, value]) => `${name}: ${value}\n`).join('') }
    },
  }),

  fault('framing.connect-2xx', 'accepts CONNECT with a length', {
    refusesMethod: ({ method }) => (method === 'CONNECT' ? { status: 200 } : undefined),
  }),
]
