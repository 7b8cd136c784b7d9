import type { Conduct, ForwardingResponses } from '../conduct.ts'
import { has, valuesOf, withField, without } from '../messages.ts'
import { PSEUDONYM } from './forwarding-requests.ts'

/** The response as the client is sent it: what it came as, but for what belongs to one connection. */
export const forwardingResponses: ForwardingResponses & ThisType<Conduct> = {
  // RFC 9110 §15.2: all of them are passed on, but none to an HTTP/1.0 client.
  passesInterim: (_, { version }) => version !== 'HTTP/1.0',

  forwardedInterimFields({ fields }) {
    return this.endToEndResponseFields(fields)
  },

  forwardedStatus: ({ status, reason }) => ({ status, reason }),

  forwardedResponseFields(head) {
    return this.withDate(this.withResponseVia(this.endToEndResponseFields(head.fields), head))
  },

  endToEndResponseFields(fields) {
    const listed = this.connectionOptions(fields)
    return without(fields, 'content-length', ...listed).filter(([name]) => !this.isHopByHop(name))
  },

  withResponseVia: (fields, { version }) =>
    withField(fields, 'Via', [...valuesOf(fields, 'via'), `${version.slice(5)} ${PSEUDONYM}`].join(', ')),

  withDate: (fields) => (has(fields, 'date') ? fields : [...fields, ['Date', new Date().toUTCString()]]),

  isBodyless: (method, status) => method === 'HEAD' || status < 200 || status === 204 || status === 304,

  outgoingFraming(head, request, known) {
    if (this.isBodyless(request.method, head.status)) return 'none'
    if (known !== undefined) return { length: known }
    return request.version === 'HTTP/1.0' ? 'close' : 'chunked'
  },

  responseFramingFields(framing, { status, fields }) {
    if (framing === 'chunked') return [['Transfer-Encoding', 'chunked']]
    if (typeof framing === 'object') return [['Content-Length', String(framing.length)]]
    // Of HEAD and 304: the length that a 200 to GET would have.
    const length = valuesOf(fields, 'content-length')[0]
    return framing === 'none' && length !== undefined && status >= 200 && status !== 204
      ? [['Content-Length', length]]
      : []
  },

  responsePiece: (piece) => piece,

  buffersResponse: () => false,

  showsCut: () => true,
}
