import type { Conduct, ReadingResponses } from '../conduct.ts'
import { has, Refused, tokens, valuesOf } from '../messages.ts'
import { split } from './requests.ts'

const STATUS_LINE = /^(HTTP\/1\.\d) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/

/** Responses of the upstream; what makes no sense is refused, and the client gets 502. */
export const responses: ReadingResponses & ThisType<Conduct> = {
  statusLine(line) {
    const [, version, status, reason = ''] = STATUS_LINE.exec(line) ?? []
    if (version === undefined) throw new Refused(502, 'not a status line')
    return { version, status: Number(status), reason }
  },

  // RFC 9112 §5.2: a proxy replaces folds by spaces, or the response by 502.
  unfoldedResponse(lines) {
    if (/^[ \t]/.test(lines[0] ?? '')) throw new Refused(502, 'whitespace before the first field')
    const joined: string[] = []
    for (const line of lines)
      if (/^[ \t]/.test(line)) joined.push(`${joined.pop()!.trimEnd()} ${line.trim()}`)
      else joined.push(line)
    return joined
  },

  // RFC 9112 §5.1: a proxy removes whitespace between name and colon from a response.
  responseField(line) {
    const [name, value] = split(line)
    const bare = name.trimEnd()
    this.checkFieldName(bare)
    this.checkFieldValue(value)
    return [bare, value]
  },

  responseFraming(head, request) {
    if (head.status === 101) throw new Refused(502, 'an upgrade that nobody asked for')
    if (this.isBodyless(request.method, head.status)) return 'none'
    const { fields } = head
    const lengths = valuesOf(fields, 'content-length')
    if (has(fields, 'transfer-encoding')) {
      if (lengths.length > 0) throw new Refused(502, 'both Content-Length and Transfer-Encoding')
      if (head.version === 'HTTP/1.0') throw new Refused(502, 'Transfer-Encoding in HTTP/1.0')
      const codings = tokens(fields, 'transfer-encoding')
      if (codings.length !== 1 || codings[0] !== 'chunked') throw new Refused(502, 'an unexpected transfer coding')
      return 'chunked'
    }
    return lengths.length === 0 ? 'close' : { length: this.contentLength(lengths) }
  },

  isInterim: ({ status }) => status >= 100 && status < 200 && status !== 101,
}
