/** What the head of a plain response says: one with a Content-Length on a connection that stays open. */
interface PlainHead {
  readonly statusCode: number
  /** Where the body begins, in bytes. */
  readonly bodyAt: number
  readonly bodyBytes: number
}

const END = Buffer.from('\r\n\r\n')
const STATUS_LINE = 'HTTP/1.1 '

/** The fields that decide where a response ends, and continuation lines; their text up to the line's end. */
const FRAMING = /\n(?:content-length|transfer-encoding|connection|upgrade|[ \t])[^\n]*/gi
const LENGTH = /^\ncontent-length: ?(\d{1,15})\r$/i
const KEEP_ALIVE = /^\nconnection: ?keep-alive\r$/i

/**
 * Reads the head at the start of `bytes`, if it is whole and plain; undefined leaves it to the real parser.
 * It says what the parser would say. http-parser-js takes a third of the generator's CPU time, which decides whether
 * a fast server can be measured at all.
 */
export function plainHead(bytes: Buffer, length: number): PlainHead | undefined {
  const end = bytes.indexOf(END)
  if (end < 0 || end + END.length > length) return undefined
  const text = bytes.toString('latin1', 0, end + 2)
  if (!text.startsWith(STATUS_LINE) || text[12] !== ' ') return undefined
  const statusCode = Number(text.slice(9, 12))
  // Interim responses, 204 and 304 have no body whatever their fields say.
  if (!(statusCode >= 200 && statusCode <= 599) || statusCode === 204 || statusCode === 304) return undefined

  let bodyBytes: number | undefined
  for (const [field] of text.matchAll(FRAMING)) {
    if (KEEP_ALIVE.test(field)) continue
    const size = LENGTH.exec(field)
    if (size === null || bodyBytes !== undefined) return undefined
    bodyBytes = Number(size[1])
  }
  return bodyBytes === undefined ? undefined : { statusCode, bodyAt: end + END.length, bodyBytes }
}
