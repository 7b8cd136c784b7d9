/** The status line and the fields of a response, as they came. */
export interface Head {
  readonly version: string
  readonly status: number
  readonly reason: string
  /** Field lines in order: names as sent, values without the whitespace around them, as Latin-1. */
  readonly fields: readonly (readonly [name: string, value: string])[]
}

/** How a response says where its body ends. */
export type Framing = 'none' | 'length' | 'chunked' | 'close'

/** Why bytes are no HTTP response. */
export class Malformed extends Error {}

const STATUS_LINE = /^(HTTP\/\d\.\d) (\d{3})(?: ([\t\x20-\x7e\x80-\xff]*))?$/
/** A field line, without its end: name and value. */
export const FIELD_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/

/** The values of every field with this name, in order. */
export function values(head: Head, name: string): readonly string[] {
  return head.fields.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
}

/** A date so many seconds from now, as fields have it. */
export function httpDate(seconds = 0): string {
  return new Date(Date.now() + seconds * 1000).toUTCString()
}

/** The head of a response from its lines; throws `Malformed`. */
export function parseHead(lines: readonly string[], problems: string[]): Head {
  const status = STATUS_LINE.exec(lines[0]!)
  if (!status) throw new Malformed(`status line ${JSON.stringify(lines[0]!.slice(0, 60))}`)
  if (status[3] === undefined) problems.push('no space after the status code')
  const fields = lines.slice(1).map((text): readonly [string, string] => {
    const field = FIELD_LINE.exec(text)
    if (!field) throw new Malformed(`field line ${JSON.stringify(text.slice(0, 60))}`)
    return [field[1]!, field[2]!]
  })
  return { version: status[1]!, status: Number(status[2]), reason: status[3] ?? '', fields }
}

/** Where the body of a response to this method ends (RFC 9112 §6.3), noting what a sender must not do. */
export function framingOf(head: Head, method: string, problems: string[]): Framing {
  const lengths = values(head, 'content-length')
  const codings = values(head, 'transfer-encoding')
  if (method === 'HEAD' || head.status === 204 || head.status === 304 || head.status === 101) return 'none'
  if (codings.length > 0) {
    if (lengths.length > 0) problems.push('both Transfer-Encoding and Content-Length')
    if (head.version === 'HTTP/1.0') problems.push('Transfer-Encoding in an HTTP/1.0 response')
    const all = codings
      .join(',')
      .split(',')
      .map((coding) => coding.trim().toLowerCase())
    if (all.length > 1) problems.push(`Transfer-Encoding ${all.join(', ')}`)
    return all.at(-1) === 'chunked' ? 'chunked' : 'close'
  }
  if (lengths.length === 0) return 'close'
  if (lengths.length > 1) problems.push('more than one Content-Length')
  if (lengths.some((length) => !/^\d{1,15}$/.test(length) || length !== lengths[0]))
    throw new Malformed(`Content-Length ${lengths.join(' and ')}`)
  return 'length'
}
