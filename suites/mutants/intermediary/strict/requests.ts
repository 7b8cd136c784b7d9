import type { Conduct, ReadingRequests } from '../conduct.ts'
import { has, Refused, tokens, valuesOf, type Field } from '../messages.ts'
import { TOKEN } from './fields.ts'

const REQUEST_LINE = /^(\S+) (\S+) (HTTP\/\d\.\d)$/
const VISIBLE = /^[\x21-\x7e\x80-\xff]+$/
const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/i
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|(?:[0-9A-Za-z\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)(?::\d*)?$/
const LENGTH = /^\d{1,15}$/

/** Splits a field line at its first colon, with what stands between name and colon left on the name. */
export function split(line: string): Field {
  const colon = line.indexOf(':')
  return colon === -1 ? ['', line] : [line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')]
}

/** Requests by the letter of RFC 9112: what does not match is refused. */
export const requests: ReadingRequests & ThisType<Conduct> = {
  // Left over from the request before (§2.2).
  skipsEmptyLine: (already) => already === 0,

  requestLine(line) {
    const [, method = '', target = '', version = ''] = REQUEST_LINE.exec(line) ?? []
    if (!TOKEN.test(method) || !VISIBLE.test(target)) throw new Refused(400, 'not a request line')
    this.checkVersion(version)
    return { method, target, version }
  },

  checkVersion(version) {
    if (!version.startsWith('HTTP/1.')) throw new Refused(505, 'only HTTP/1.x is spoken here')
  },

  unfoldedRequest(lines) {
    if (lines.some((line) => /^[ \t]/.test(line))) throw new Refused(400, 'whitespace before a field, or a folded one')
    return lines
  },

  requestField(line) {
    const [name, value] = split(line)
    this.checkFieldName(name)
    this.checkFieldValue(value)
    return [name, value]
  },

  resolvedTarget(head) {
    const { method, target } = head
    const host = valuesOf(head.fields, 'host')[0] ?? ''
    const absolute = ABSOLUTE.exec(target)
    if (method === 'CONNECT') return { path: target, authority: target }
    if (absolute) {
      const [, authority = '', rest = ''] = absolute
      if (authority === '' || authority.includes('@')) throw new Refused(400, 'a target without a valid host')
      this.checkHostValue(authority)
      if (rest === '' && method === 'OPTIONS') return { path: '*', authority }
      return { path: rest.startsWith('/') ? rest : `/${rest}`, authority }
    }
    if (target === '*' && method === 'OPTIONS') return { path: '*', authority: host }
    if (!target.startsWith('/') || target.includes('#')) throw new Refused(400, 'not a request target')
    return { path: target, authority: host }
  },

  checkHost({ version, fields }) {
    const hosts = valuesOf(fields, 'host')
    if (hosts.length === 0 && version !== 'HTTP/1.0') throw new Refused(400, 'no Host')
    if (hosts.length > 1) throw new Refused(400, 'more than one Host')
    for (const host of hosts) this.checkHostValue(host)
  },

  checkHostValue(host) {
    if (!HOST.test(host)) throw new Refused(400, 'an invalid Host')
  },

  requestFraming(head) {
    this.refuseBothFramings(head)
    if (this.isRequestChunked(head)) return 'chunked'
    const lengths = valuesOf(head.fields, 'content-length')
    return lengths.length === 0 ? 'none' : { length: this.contentLength(lengths) }
  },

  refuseBothFramings({ fields }) {
    if (has(fields, 'content-length') && has(fields, 'transfer-encoding'))
      throw new Refused(400, 'both Content-Length and Transfer-Encoding')
  },

  isRequestChunked({ version, fields }) {
    if (!has(fields, 'transfer-encoding')) return false
    if (version === 'HTTP/1.0') throw new Refused(400, 'Transfer-Encoding in HTTP/1.0')
    const codings = tokens(fields, 'transfer-encoding')
    if (codings.at(-1) !== 'chunked' || codings.indexOf('chunked') < codings.length - 1)
      throw new Refused(400, 'chunked is not the last transfer coding, or not the only one of its kind')
    if (codings.length > 1) throw new Refused(501, 'a transfer coding other than chunked')
    return true
  },

  contentLength(values) {
    if (values.length !== 1 || !LENGTH.test(values[0]!)) throw new Refused(400, 'an invalid Content-Length')
    return Number(values[0])
  },

  isPersistent({ version, fields }) {
    return version !== 'HTTP/1.0' && !tokens(fields, 'connection').includes('close')
  },
}
