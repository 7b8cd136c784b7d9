import { STATUS_CODES } from 'node:http'
import type { Answering, Conduct } from '../conduct.ts'
import { valuesOf, without } from '../messages.ts'

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE'
/** Fields that no TRACE may show (RFC 9110 §9.3.8). */
const SECRET = ['authorization', 'proxy-authorization', 'cookie']

/** What is answered here. */
export const answering: Answering & ThisType<Conduct> = {
  ownAnswer(request) {
    return this.refusesMethod(request) ?? (this.isLastForward(request) ? this.lastForwardAnswer(request) : undefined)
  },

  refusesMethod({ method }) {
    return method === 'CONNECT' ? this.refusal(501, 'no tunnels are made here') : undefined
  },

  isLastForward: ({ method, fields }) =>
    (method === 'OPTIONS' || method === 'TRACE') && /^0+$/.test(valuesOf(fields, 'max-forwards')[0] ?? ''),

  lastForwardAnswer({ method, target, version, fields }) {
    if (method === 'OPTIONS') return { status: 200, fields: [['Allow', METHODS]] }
    const lines = without(fields, ...SECRET).map(([name, value]) => `${name}: ${value}\r\n`)
    return {
      status: 200,
      fields: [['Content-Type', 'message/http']],
      body: Buffer.from(`TRACE ${target} ${version}\r\n${lines.join('')}\r\n`, 'latin1'),
    }
  },

  refusal: (status, because) => ({
    status,
    fields: [['Content-Type', 'text/plain']],
    body: `${status} ${STATUS_CODES[status]}: ${because}\n`,
  }),

  failureAnswer({ how, message }, stored) {
    // RFC 9111 §5.2.2.2: what must be validated and cannot be is a timeout of the gateway's.
    const mustValidate = stored !== undefined && this.forbidsStale(stored)
    return this.refusal(how === 'silent' || mustValidate ? 504 : 502, message)
  },
}
