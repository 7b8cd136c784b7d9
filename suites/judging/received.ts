/** A request as the origin received it, as far as it has arrived. */
export interface Received {
  /** Which of the origin's connections it came on, counted from 1. */
  readonly connection: number
  /** Milliseconds of `performance.now()` at its first byte. */
  readonly at: number
  /** The bytes of the request line and the fields with the empty line, as Latin-1; empty until all of them are there. */
  readonly head: string
  readonly method: string
  /** The request-target, as it came. */
  readonly target: string
  readonly version: string
  /** Field lines in order: names as sent, values without the whitespace around them. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** The content, without its transfer coding. */
  readonly body: Buffer
  /** Trailer fields of a chunked body. */
  readonly trailers: readonly (readonly [name: string, value: string])[]
  readonly complete: boolean
  /** Why no end of it can be found. */
  readonly malformed?: string
}

/** Values of a field of a received request, in order. */
export function sentValues({ fields }: Received, name: string): readonly string[] {
  return fields.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
}

/** Reads requests one after another; it judges nothing, so it is lenient where an end can be found. */
export interface ReceivedReader {
  feed(bytes: Buffer): void
  /** The request that is being read; undefined before its first byte. */
  readonly request: Received | undefined
  /** Goes on to the request after a complete one. */
  next(): void
}

type Growing = { -readonly [Key in keyof Received]: Received[Key] }

const CHUNK_SIZE = /^([0-9A-Fa-f]+)/

/** A reader for one connection of the origin's. */
export function receivedReader(connection: number): ReceivedReader {
  let buffered: Buffer = Buffer.alloc(0)
  let current: Growing | undefined
  let phase: 'head' | 'counted' | 'size' | 'chunk' | 'trailers' = 'head'
  let left = 0

  const take = (length: number): Buffer => {
    const taken = buffered.subarray(0, length)
    buffered = buffered.subarray(length)
    return taken
  }
  const line = (): string | undefined => {
    const end = buffered.indexOf('\n')
    return end === -1
      ? undefined
      : take(end + 1)
          .toString('latin1')
          .replace(/\r?\n$/, '')
  }

  function begin(request: Growing): boolean {
    const end = buffered.indexOf('\r\n\r\n')
    if (end === -1) return false
    const head = take(end + 4).toString('latin1')
    const [first = '', ...lines] = head.slice(0, -4).split('\r\n')
    const [, method = '', target = '', version = ''] = /^(\S+) (.*) HTTP\/(\d\.\d)$/.exec(first) ?? []
    Object.assign(request, { head, method, target, version, fields: lines.map(split) })
    const coding = sentValues(request, 'transfer-encoding').join()
    const length = sentValues(request, 'content-length')[0]
    if (method === '') request.malformed = `request line ${JSON.stringify(first)}`
    else if (/chunked\s*$/i.test(coding)) phase = 'size'
    else if (length !== undefined && /^\d+$/.test(length)) {
      left = Number(length)
      phase = 'counted'
      request.complete = left === 0
    } else request.complete = true
    return true
  }

  /** One step of reading; false when more bytes are needed. */
  function step(request: Growing): boolean {
    if (request.complete || request.malformed !== undefined) return false
    if (phase === 'head') return begin(request)
    if (phase === 'counted' || phase === 'chunk') {
      if (buffered.length === 0) return false
      const part = take(Math.min(left, buffered.length))
      left -= part.length
      request.body = Buffer.concat([request.body, part])
      if (left > 0) return false
      if (phase === 'counted') request.complete = true
      else phase = 'size'
      return true
    }
    const text = line()
    if (text === undefined) return false
    if (phase === 'trailers') {
      if (text === '') request.complete = true
      else request.trailers = [...request.trailers, split(text)]
      return true
    }
    // The end of the chunk before.
    if (text === '') return true
    const size = CHUNK_SIZE.exec(text)
    if (!size) request.malformed = `chunk size ${JSON.stringify(text.slice(0, 40))}`
    left = Number.parseInt(size?.[1] ?? '0', 16)
    phase = left === 0 ? 'trailers' : 'chunk'
    return true
  }

  function advance(): void {
    if (current === undefined && buffered.length > 0) {
      const at = performance.now()
      const empty = { head: '', method: '', target: '', version: '', fields: [], trailers: [], body: Buffer.alloc(0) }
      current = { connection, at, ...empty, complete: false }
      phase = 'head'
    }
    if (current !== undefined) drain(current)
  }

  function drain(request: Growing): void {
    while (step(request));
  }

  return {
    feed(bytes) {
      buffered = Buffer.concat([buffered, bytes])
      advance()
    },
    get request() {
      return current
    },
    next() {
      current = undefined
      advance()
    },
  }
}

function split(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  return colon === -1 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).trim()]
}
