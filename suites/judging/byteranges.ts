import { FIELD_LINE } from './head.ts'

/** One part of a representation: what its Content-Range says, and its bytes. */
export interface Part {
  readonly range: string | undefined
  readonly bytes: Buffer
}

const BOUNDARY = /^multipart\/byteranges\s*;\s*boundary=(?:"([^"]{1,70})"|([^\s";,]{1,70}))\s*$/i

/** The parts of a body of this media type (RFC 9110 §14.6, RFC 2046 §5.1.1); undefined when it is no such body. */
export function partsOf(type: string, body: Buffer): readonly Part[] | undefined {
  const [, quoted, token] = BOUNDARY.exec(type) ?? []
  const delimiter = `--${quoted ?? token}`
  if (delimiter === '--undefined') return undefined
  const parts: Part[] = []
  // Before the first delimiter only empty lines may stand.
  let at = body.indexOf(delimiter)
  if (at === -1 || !/^(?:\r\n)*$/.test(body.toString('latin1', 0, at))) return undefined
  for (;;) {
    at += delimiter.length
    if (body.toString('latin1', at, at + 2) === '--') return parts
    if (body.toString('latin1', at, at + 2) !== '\r\n') return undefined
    const end = body.indexOf(`\r\n${delimiter}`, at)
    const empty = body.indexOf('\r\n\r\n', at)
    if (end === -1 || empty === -1 || empty > end) return undefined
    const fields = body
      .toString('latin1', at + 2, empty)
      .split('\r\n')
      .filter(Boolean)
    const pairs = fields.map((line) => FIELD_LINE.exec(line))
    if (pairs.includes(null)) return undefined
    const range = pairs.find((pair) => pair![1]!.toLowerCase() === 'content-range')?.[2]
    parts.push({ range, bytes: body.subarray(empty + 4, end) })
    at = end + 2
  }
}
