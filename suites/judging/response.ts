import { FIELD_LINE, framingOf, Malformed, parseHead, values, type Framing, type Head } from './head.ts'

/** Reads one final response, and the interim ones before it, from bytes in pieces of any size. */
export interface ResponseReader {
  feed(bytes: Buffer): void
  /** The sender has closed: a body that ends with the connection is complete, any other is cut. */
  end(): void
  readonly state: 'reading' | 'complete' | 'cut' | 'malformed'
  readonly interim: readonly Head[]
  readonly head: Head | undefined
  readonly framing: Framing | undefined
  readonly body: Buffer
  readonly bodyLength: number
  /** What makes it malformed, or what a lenient reader would have passed over. */
  readonly problems: readonly string[]
  /** Bytes after the end of the response. */
  readonly rest: Buffer
}

/** Longest head that is read; a longer one is malformed. */
const HEAD_LIMIT = 256 * 1024
const CHUNK_LINE_LIMIT = 4096
const CHUNK_SIZE = /^([0-9A-Fa-f]{1,13})[ \t]*(?:;.*)?$/

/** A strict reader for the answer to a request with this method. */
export function responseReader(method: string): ResponseReader {
  let phase: 'head' | 'counted' | 'size' | 'data end' | 'trailers' | 'until close' | 'done' = 'head'
  let state: ResponseReader['state'] = 'reading'
  // Bytes before `at` are read; those up to `searched` hold no end of a line or head.
  let buffered: Buffer = Buffer.alloc(0)
  let at = 0
  let searched = 0
  let left = 0
  let bodyLength = 0
  let head: Head | undefined
  let framing: Framing | undefined
  const body: Buffer[] = []
  const interim: Head[] = []
  const problems: string[] = []

  /** The next line without its end, or undefined when it has not arrived yet. */
  function line(limit: number, what: string): string | undefined {
    const end = buffered.indexOf('\n', Math.max(at, searched))
    if (end === -1) {
      searched = buffered.length
      if (buffered.length - at > limit) throw new Malformed(`${what} of more than ${limit} bytes`)
      return undefined
    }
    const text = buffered.toString('latin1', at, end)
    at = end + 1
    if (!text.endsWith('\r')) throw new Malformed(`${what} ends in a bare LF`)
    return text.slice(0, -1)
  }

  function readHead(): boolean {
    const end = buffered.indexOf('\r\n\r\n', Math.max(at, searched - 3))
    searched = buffered.length
    if (end === -1 || end - at > HEAD_LIMIT) {
      if (buffered.length - at > HEAD_LIMIT) throw new Malformed(`a head of more than ${HEAD_LIMIT} bytes`)
      // Told early, so that a peer that speaks no HTTP is not waited for.
      if (!'HTTP/'.startsWith(buffered.toString('latin1', at, at + 5)))
        throw new Malformed('does not begin with an HTTP status line')
      return false
    }
    const lines = buffered.toString('latin1', at, end).split('\r\n')
    at = end + 4
    searched = at
    begin(parseHead(lines, problems))
    return true
  }

  function begin(parsed: Head): void {
    if (parsed.status >= 100 && parsed.status < 200 && parsed.status !== 101) {
      interim.push(parsed)
      return
    }
    head = parsed
    framing = framingOf(parsed, method, problems)
    if (framing === 'none') finish('complete')
    else if (framing === 'chunked') phase = 'size'
    else if (framing === 'close') phase = 'until close'
    else {
      left = Number(values(parsed, 'content-length')[0])
      phase = 'counted'
      if (left === 0) finish('complete')
    }
  }

  function finish(how: 'complete' | 'cut'): void {
    phase = 'done'
    state = how
  }

  function take(length: number): void {
    body.push(buffered.subarray(at, at + length))
    bodyLength += length
    at += length
  }

  /** One step of reading; false when more bytes are needed. */
  function step(): boolean {
    const available = buffered.length - at
    if (phase === 'head') return readHead()
    if (phase === 'until close') {
      if (available > 0) take(available)
      return false
    }
    if (phase === 'counted') {
      if (available === 0) return false
      const length = Math.min(left, available)
      take(length)
      left -= length
      if (left > 0) return false
      if (framing === 'chunked') phase = 'data end'
      else finish('complete')
      return true
    }
    if (phase === 'size') {
      const text = line(CHUNK_LINE_LIMIT, 'a chunk-size line')
      if (text === undefined) return false
      const size = CHUNK_SIZE.exec(text)
      if (!size) throw new Malformed(`chunk size ${JSON.stringify(text.slice(0, 40))}`)
      left = Number.parseInt(size[1]!, 16)
      phase = left === 0 ? 'trailers' : 'counted'
      return true
    }
    if (phase === 'data end') {
      if (available < 2) return false
      if (buffered[at] !== 0x0d || buffered[at + 1] !== 0x0a) throw new Malformed('chunk data is not followed by CR LF')
      at += 2
      phase = 'size'
      return true
    }
    if (phase === 'trailers') {
      const text = line(HEAD_LIMIT, 'a trailer line')
      if (text === undefined) return false
      if (text === '') finish('complete')
      else if (!FIELD_LINE.test(text)) throw new Malformed(`trailer ${JSON.stringify(text.slice(0, 40))}`)
      return true
    }
    return false
  }

  return {
    feed(bytes) {
      if (state !== 'reading') return
      buffered = at === buffered.length ? bytes : Buffer.concat([buffered.subarray(at), bytes])
      searched = Math.max(0, searched - at)
      at = 0
      try {
        while (step());
      } catch (error) {
        if (!(error instanceof Malformed)) throw error
        problems.push(error.message)
        state = 'malformed'
      }
    },
    end() {
      if (state === 'reading') finish(phase === 'until close' ? 'complete' : 'cut')
    },
    get state() {
      return state
    },
    interim,
    get head() {
      return head
    },
    get framing() {
      return framing
    },
    get body() {
      return Buffer.concat(body)
    },
    get bodyLength() {
      return bodyLength
    },
    problems,
    get rest() {
      return phase === 'done' ? buffered.subarray(at) : Buffer.alloc(0)
    },
  }
}
