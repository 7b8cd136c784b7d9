import type { Head, HeadReader } from './response-head.ts'

/** How far a response has come, or what is wrong with it. */
export type Reading = 'unfinished' | 'complete' | 'malformed response' | 'bytes after the response'

/** Reads one response after the other from a connection, keeping nothing of their bodies (RFC 9112). */
export interface ResponseReader {
  /** The next bytes are those of a new response; `toHead` says that it answers a HEAD and has no body. */
  begin(toHead: boolean): void
  /** Takes in the first `length` of these bytes. */
  take(bytes: Buffer, length: number): Reading
  /** The connection has ended. */
  end(): Reading
  /** Bytes of this response so far, its head included. */
  received(): number
  /** The head of a response that is complete, or whose head is. */
  head(): Head
  bodyBytes(): number
  /** Whether the connection can carry another response after this one, which is complete. */
  reusable(): boolean
}

/** Where in a response the next byte is. */
type Place = 'head' | 'body' | 'until close' | 'chunk size' | 'chunk' | 'chunk end' | 'trailer' | 'done'

/** Longest head, line of a chunk's size, and trailer section taken from a server, in bytes. */
const LONGEST = 80 * 1024

const [LF, CR] = [10, 13] as const
const NONE: Head = { status: 0, bodyAt: 0, length: undefined, chunked: false, persistent: false, madeAt: 0 }

/** A reader for one connection. */
export function createResponseReader(readHead: HeadReader): ResponseReader {
  let place: Place = 'head'
  let isToHead = false
  let head = NONE
  /** The beginning of a head whose rest has not come yet. */
  let held: Buffer | undefined
  let [received, bodyBytes] = [0, 0]
  /** Bytes still to come of the body or of the chunk. */
  let missing = 0
  /** Length of the line that is being read, or of the whole trailer section; the digits of a chunk's size. */
  let [line, size, sizeDigits, isInExtension] = [0, 0, 0, false]

  /** What the head says of the body's end (RFC 9112 section 6.3). */
  const placeAfterHead = (): Place => {
    const { status, chunked, length } = head
    if (isToHead || status === 204 || status === 304 || status === 101) return 'done'
    if (chunked) return 'chunk size'
    if (length === undefined) return 'until close'
    missing = length
    return length === 0 ? 'done' : 'body'
  }

  /** Reads heads, interim ones as well, from `at` on; returns where the body begins, -1 when malformed, length if not whole. */
  const readHeads = (bytes: Buffer, length: number): number => {
    let at = 0
    do {
      const found = readHead(bytes, at, length)
      if (found === 'malformed') return -1
      if (found === 'unfinished') {
        if (length - at > LONGEST) return -1
        held = Buffer.from(bytes.subarray(at, length))
        return length
      }
      head = found
      at = found.bodyAt
      // Interim responses (100, 103) come before the one that counts.
    } while (head.status < 200 && head.status !== 101)
    place = placeAfterHead()
    beginLine()
    return at
  }

  const beginLine = (): void => {
    line = size = sizeDigits = 0
    isInExtension = false
  }

  /** One byte of a chunk's size line, of the line's end after a chunk, or of the trailer section; false when malformed. */
  const takeOfChunking = (byte: number): boolean => {
    if (++line > LONGEST) return false
    if (place === 'chunk end') {
      if (byte === CR && line === 1) return true
      if (byte !== LF) return false
      place = 'chunk size'
      beginLine()
      return true
    }
    if (place === 'trailer') {
      if (byte === CR) return true
      // An empty line ends it. `size` counts what is in the line.
      if (byte !== LF) size += 1
      else if (size === 0) place = 'done'
      else size = 0
      return true
    }
    if (byte === LF) {
      if (sizeDigits === 0) return false
      missing = size
      place = size === 0 ? 'trailer' : 'chunk'
      beginLine()
      return true
    }
    const digit = isInExtension ? -1 : hexDigit(byte)
    if (digit >= 0) {
      size = size * 16 + digit
      return ++sizeDigits <= 12
    }
    isInExtension = true
    // A blank, a carriage return or a semicolon ends the size.
    return sizeDigits > 0
  }

  const take = (bytes: Buffer, length: number): Reading => {
    let at = 0
    if (place === 'head') {
      at = readHeads(bytes, length)
      if (at < 0) return 'malformed response'
    }
    while (at < length && place !== 'done') {
      if (place === 'body' || place === 'chunk') {
        const taken = Math.min(missing, length - at)
        at += taken
        bodyBytes += taken
        missing -= taken
        if (missing === 0) {
          place = place === 'body' ? 'done' : 'chunk end'
          line = 0
        }
      } else if (place === 'until close') {
        bodyBytes += length - at
        at = length
      } else if (!takeOfChunking(bytes[at++]!)) return 'malformed response'
    }
    if (place !== 'done') return 'unfinished'
    return at < length ? 'bytes after the response' : 'complete'
  }

  return {
    begin(toHead) {
      place = 'head'
      isToHead = toHead
      held = undefined
      received = bodyBytes = 0
    },
    take(bytes, length) {
      received += length
      if (held === undefined) return take(bytes, length)
      const whole = Buffer.concat([held, bytes.subarray(0, length)])
      held = undefined
      return take(whole, whole.length)
    },
    end: () => (place === 'until close' || place === 'done' ? 'complete' : 'unfinished'),
    received: () => received,
    head: () => head,
    bodyBytes: () => bodyBytes,
    reusable: () => head.persistent && place === 'done',
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  const letter = byte | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}
