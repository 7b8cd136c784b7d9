import type { Conduct } from './conduct.ts'
import { Refused, type Field, type Fields, type Framing } from './messages.ts'
import { Lost, type Reader } from './reader.ts'

/** A body that is read piece by piece. */
export interface Body {
  /** Its length, where that is known before. */
  readonly length: number | undefined
  /** The next piece; undefined at the end. Throws when the body cannot be read to its end. */
  read(): Promise<Buffer | undefined>
  /** Trailer fields, known at the end. */
  readonly trailers: Fields
  readonly ended: boolean
  /** The same body from its start, where all of it is there. */
  afresh?(): Body
}

const PIECE = 64 * 1024

/** The body that follows a head with this framing. */
export function bodyOf(reader: Reader, framing: Framing, conduct: Conduct): Body {
  if (framing === 'none') return wholeBody(Buffer.alloc(0))
  if (framing === 'chunked') return chunkedBody(reader, conduct)
  if (framing === 'close') return countedBody(reader, undefined)
  return framing.length === 0 ? wholeBody(Buffer.alloc(0)) : countedBody(reader, framing.length)
}

/** A body that is there already. */
export function wholeBody(bytes: Buffer): Body {
  let ended = bytes.length === 0
  return {
    length: bytes.length,
    async read() {
      if (ended) return undefined
      ended = true
      return bytes
    },
    trailers: [],
    get ended() {
      return ended
    },
    afresh: () => wholeBody(bytes),
  }
}

/** All of a body, as one that is there already; `abandon` is called when it cannot be read to its end. */
export async function gathered(body: Body, abandon?: () => void): Promise<Body> {
  const pieces: Buffer[] = []
  try {
    for (let piece = await body.read(); piece !== undefined; piece = await body.read()) pieces.push(piece)
  } catch (error) {
    abandon?.()
    throw error
  }
  return wholeBody(Buffer.concat(pieces))
}

/** A body of so many bytes, or until the connection ends. */
function countedBody(reader: Reader, length: number | undefined): Body {
  let left = length ?? Infinity
  let ended = false
  return {
    length,
    async read() {
      if (ended) return undefined
      const piece = await reader.some(Math.min(left, PIECE))
      if (piece === undefined && length !== undefined) throw new Lost(`the body ended ${left} bytes too early`)
      left -= piece?.length ?? 0
      ended = piece === undefined || left === 0
      return piece
    },
    trailers: [],
    get ended() {
      return ended
    },
  }
}

function chunkedBody(reader: Reader, conduct: Conduct): Body {
  let left = 0
  let ended = false
  const trailers: Field[] = []

  async function line(): Promise<string> {
    const text = await reader.line(conduct.lineLimit(), 400)
    if (text === undefined) throw new Lost('the body ended before its last chunk')
    return conduct.lineWithoutEnd(text)
  }

  async function readTrailers(): Promise<void> {
    for (;;) {
      const text = await line()
      if (text === '') return
      if (trailers.length === conduct.fieldLinesLimit()) throw new Refused(431, 'too many trailers')
      trailers.push(conduct.trailerField(text))
    }
  }

  return {
    length: undefined,
    async read() {
      if (ended) return undefined
      if (left === 0) {
        left = conduct.chunkSize(await line())
        if (left === 0) {
          await readTrailers()
          ended = true
          return undefined
        }
      }
      const piece = await reader.some(Math.min(left, PIECE))
      if (piece === undefined) throw new Lost('the body ended in the middle of a chunk')
      left -= piece.length
      if (left === 0) conduct.checkChunkEnd(await line())
      return piece
    },
    trailers,
    get ended() {
      return ended
    },
  }
}
