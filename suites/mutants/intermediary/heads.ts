import type { Conduct } from './conduct.ts'
import { Refused, type Request, type ResponseHead } from './messages.ts'
import { Lost, type Reader } from './reader.ts'

/** The next request's head; undefined when the client has no more to ask. */
export async function readRequest(reader: Reader, conduct: Conduct, peer: string): Promise<Request | undefined> {
  let empty = 0
  for (;;) {
    const text = await reader.line(conduct.lineLimit(), 414)
    if (text === undefined) return undefined
    const first = conduct.lineWithoutEnd(text)
    if (first === '' && conduct.skipsEmptyLine(empty++)) continue
    const line = conduct.requestLine(first)
    const lines = conduct.unfoldedRequest(await fieldLines(reader, conduct))
    const head = { ...line, fields: lines.map((each) => conduct.requestField(each)) }
    conduct.checkHost(head)
    return { ...head, ...conduct.resolvedTarget(head), framing: conduct.requestFraming(head), peer }
  }
}

/** The next response's head, interim or final; undefined when the connection ended before its first byte. */
export async function readResponseHead(reader: Reader, conduct: Conduct): Promise<ResponseHead | undefined> {
  const text = await reader.line(conduct.lineLimit(), 502)
  if (text === undefined) return undefined
  const line = conduct.statusLine(conduct.lineWithoutEnd(text))
  const lines = conduct.unfoldedResponse(await fieldLines(reader, conduct))
  return { ...line, fields: lines.map((each) => conduct.responseField(each)) }
}

async function fieldLines(reader: Reader, conduct: Conduct): Promise<readonly string[]> {
  const lines: string[] = []
  for (;;) {
    const text = await reader.line(conduct.lineLimit(), 431)
    if (text === undefined) throw new Lost('the connection ended in the middle of a head')
    const line = conduct.lineWithoutEnd(text)
    if (line === '') return lines
    if (lines.length === conduct.fieldLinesLimit()) throw new Refused(431, 'too many fields')
    lines.push(line)
  }
}
