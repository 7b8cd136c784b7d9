import { plainHead } from './plain-head.ts'

/** The part of http-parser-js, autocannon's parser, that is used here. */
export interface Parser {
  readonly constructor: { kOnHeadersComplete: number; kOnBody: number; kOnMessageComplete: number }
  readonly offset: number
  readonly end: number
  readonly line: string
  readonly trailers: readonly string[]
  headerSize: number
  reinitialize(type: 'RESPONSE'): void
  execute(chunk: Uint8Array, start: number, length: number): number | Error
  finish(): void
  [callback: number]: unknown
}

interface Head {
  readonly statusCode: number
  readonly shouldKeepAlive: boolean
}

/** How far a response has come, or what is wrong with it. */
export type Reading = 'unfinished' | 'complete' | 'malformed response' | 'bytes after the response'

/** Reads one response after the other. */
export interface Reader {
  /** Puts itself in the place of autocannon's callbacks, on a new connection. */
  connect(): void
  /** The next bytes are those of a new response. */
  begin(): void
  /** Takes in the first bytes of the room. */
  take(length: number): Reading
  /** The connection has ended. */
  end(): Reading
  /** Bytes of this response so far, its head included. */
  received(): number
  /** What a complete response was; `reusable` says whether its connection can carry another. */
  response(): { readonly status: number; readonly bodyBytes: number; readonly reusable: boolean }
}

/** Longest line and most trailer fields taken from a server: the parser itself limits neither inside chunked bodies. */
const LONGEST = { line: 80 * 1024, trailers: 1000 }

const isInterim = ({ statusCode }: Head): boolean => statusCode < 200 && statusCode !== 101

/** Reads with a client's own parser what arrives in `room`, whose bytes are not kept. */
export function mendParser(parser: Parser, room: Buffer): Reader {
  const { kOnHeadersComplete, kOnBody, kOnMessageComplete } = parser.constructor
  let head: Head = { statusCode: 0, shouldKeepAlive: false }
  let [received, bodyBytes] = [0, 0]
  /** Bytes still to come of the body of a plain response, which the parser does not see. */
  let missing = 0
  let [complete, surplus] = [false, false]

  const takePlain = (length: number): void => {
    surplus = length > missing
    complete = length >= missing
    missing -= length
    bodyBytes += length
  }

  /** Takes in a plain response or its continuation; false when it is for the parser. */
  const plain = (length: number): boolean => {
    if (missing > 0) {
      takePlain(length)
      return true
    }
    const found = received === 0 ? plainHead(room, length) : undefined
    if (found === undefined) return false
    head = { statusCode: found.statusCode, shouldKeepAlive: true }
    missing = found.bodyBytes
    takePlain(length - found.bodyAt)
    return true
  }

  const parse = (length: number): boolean =>
    // Defect: what the parser finds wrong is ignored, and the connection hangs.
    !(parser.execute(room, 0, length) instanceof Error) &&
    parser.line.length <= LONGEST.line &&
    parser.trailers.length <= LONGEST.trailers

  return {
    connect() {
      // Defect: the parser keeps the rest of a response that the last connection cut short.
      parser.reinitialize('RESPONSE')
      parser[kOnHeadersComplete] = (info: Head) => {
        head = info
        // Defect: waits for the body of a 304 that has a Content-Length. True means that there is no body.
        return info.statusCode < 200 || info.statusCode === 204 || info.statusCode === 304
      }
      // Defect: bodies are collected as strings, without limit. Their length is all we need.
      parser[kOnBody] = (_chunk: Buffer, _start: number, length: number) => {
        bodyBytes += length
      }
      parser[kOnMessageComplete] = () => {
        // Defect: interim responses (103 Early Hints) are counted as if they were the response.
        if (isInterim(head)) return
        complete = true
        surplus ||= parser.offset < parser.end
      }
    },
    begin() {
      received = bodyBytes = missing = 0
      complete = surplus = false
      // Defect: the end of one response is counted against the limit for the head of the next.
      parser.headerSize = 0
    },
    take(length) {
      const right = plain(length) || parse(length)
      received += length
      if (!right) return 'malformed response'
      if (surplus) return 'bytes after the response'
      return complete ? 'complete' : 'unfinished'
    },
    end() {
      // Defect: a body that ends with its connection (HTTP/1.0 without Content-Length) is never complete.
      parser.finish()
      return complete ? 'complete' : 'unfinished'
    },
    received: () => received,
    // A 101 ends HTTP on its connection.
    response: () => ({
      status: head.statusCode,
      bodyBytes,
      reusable: head.shouldKeepAlive && head.statusCode !== 101,
    }),
  }
}
