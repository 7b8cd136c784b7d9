import type { Conduct, ForwardingRequests, Upstream } from '../conduct.ts'
import { has, tokens, valuesOf, withField, without } from '../messages.ts'

/** What this intermediary calls itself in Via. */
export const PSEUDONYM = 'strict-intermediary'
/** Fields that are known to be for one connection (RFC 9110 §7.6.1). */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade']
/** Methods that may be repeated (RFC 9110 §9.2.2). */
const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']

/** The request as the upstream is sent it: what it came as, but for what belongs to one connection. */
export const forwardingRequests: ForwardingRequests & ThisType<Conduct> = {
  forwardedMethod: ({ method }) => method,

  forwardedTarget: ({ path }) => path,

  forwardedRequestFields(request) {
    let fields = this.endToEndRequestFields(request.fields)
    fields = this.withHost(fields, request)
    fields = this.withRequestVia(fields, request)
    fields = this.withForwardedFor(fields, request)
    fields = this.withMaxForwards(fields, request)
    return this.withExpectation(fields, request)
  },

  connectionOptions: (fields) => tokens(fields, 'connection'),

  isHopByHop: (name) => HOP_BY_HOP.includes(name.toLowerCase()),

  endToEndRequestFields(fields) {
    const listed = this.connectionOptions(fields)
    return without(fields, 'content-length', ...listed).filter(([name]) => !this.isHopByHop(name))
  },

  // In the place it came in; the authority of an absolute target replaces it (RFC 9112 §3.2.2).
  withHost: (fields, { authority }) =>
    has(fields, 'host') || authority !== '' ? withField(fields, 'Host', authority) : fields,

  withRequestVia: (fields, { version }) =>
    withField(fields, 'Via', [...valuesOf(fields, 'via'), `${version.slice(5)} ${PSEUDONYM}`].join(', ')),

  withForwardedFor: (fields, { peer }) =>
    withField(fields, 'X-Forwarded-For', [...valuesOf(fields, 'x-forwarded-for'), peer].join(', ')),

  withMaxForwards(fields, { method }) {
    const left = valuesOf(fields, 'max-forwards')[0]
    if ((method !== 'OPTIONS' && method !== 'TRACE') || left === undefined || !/^\d+$/.test(left)) return fields
    return withField(fields, 'Max-Forwards', String(Math.max(0, Number(left) - 1)))
  },

  // An HTTP/1.0 client knows no expectation; the request that is forwarded is one of HTTP/1.1.
  withExpectation: (fields, { version }) => (version === 'HTTP/1.0' ? without(fields, 'expect') : fields),

  requestFramingFields({ framing }) {
    if (framing === 'chunked') return [['Transfer-Encoding', 'chunked']]
    return typeof framing === 'object' ? [['Content-Length', String(framing.length)]] : []
  },

  ownRequestFields: () => [],

  requestPiece: (piece) => piece,

  buffersRequest: () => false,
}

/** Connections to the upstream: kept, but no request is put at risk by that, and none is sent twice that must not be. */
export const upstream: Upstream & ThisType<Conduct> = {
  mayUseOldConnection: ({ method, framing }) => IDEMPOTENT.includes(method) && framing === 'none',

  keepsConnection: ({ version, fields }, framing) =>
    version !== 'HTTP/1.0' && framing !== 'close' && !tokens(fields, 'connection').includes('close'),

  takesUnasked: () => false,

  // The upstream had closed a connection that it kept, before it saw the request.
  mayRetry: ({ method, framing }, { how, begun }, old) =>
    old && how === 'closed' && !begun && IDEMPOTENT.includes(method) && framing === 'none',

  patience: (usual) => usual,
}
