import type { Socket } from 'node:net'
import { Refused } from './messages.ts'

/** The peer sent nothing for too long. */
export class Silence extends Error {}
/** The connection was lost in the middle of something. */
export class Lost extends Error {}

/** Reads what arrives on a socket, in lines or pieces, no faster than it is asked for. */
export interface Reader {
  /** The next line without its LF; undefined when the connection ended before its first byte. */
  line(limit: number, tooLong: number): Promise<string | undefined>
  /** At most so many bytes, at least one; undefined when the connection has ended in order. */
  some(most: number): Promise<Buffer | undefined>
  /** Whether anything has arrived that was not read. */
  hasMore(): boolean
  /** Milliseconds of silence after which reading fails with `Silence`. */
  patience: number
  /** Whether silence is no fault of the peer's at the moment. */
  isExcused: () => boolean
}

const HIGH_WATER = 256 * 1024

/** A reader of all that a socket receives. It must be made before the first byte arrives. */
export function readerOf(socket: Socket): Reader {
  let buffered: Buffer = Buffer.alloc(0)
  let state: 'open' | 'ended' | 'lost' = 'open'
  let wake: () => void = () => {}
  socket.on('data', (bytes) => {
    buffered = buffered.length === 0 ? bytes : Buffer.concat([buffered, bytes])
    if (buffered.length > HIGH_WATER) socket.pause()
    wake()
  })
  socket.on('end', () => {
    if (state === 'open') state = 'ended'
    wake()
  })
  for (const event of ['error', 'close'])
    socket.on(event, () => {
      if (state === 'open') state = 'lost'
      wake()
    })

  /** Waits for more bytes; false when there will be none. */
  async function more(): Promise<boolean> {
    if (state === 'lost') throw new Lost('the connection was lost')
    if (state === 'ended') return false
    socket.resume()
    const before = buffered.length
    const { promise, resolve } = Promise.withResolvers<'woken' | 'late'>()
    wake = () => resolve('woken')
    const timer = setInterval(() => {
      if (!reader.isExcused()) resolve('late')
    }, reader.patience)
    const how = await promise
    clearInterval(timer)
    if (buffered.length > before) return true
    if (how === 'late') throw new Silence(`nothing came for ${reader.patience} ms`)
    return more()
  }

  function take(length: number): Buffer {
    const taken = buffered.subarray(0, length)
    buffered = buffered.subarray(length)
    return taken
  }

  const reader: Reader = {
    async line(limit, tooLong) {
      for (;;) {
        const end = buffered.indexOf('\n')
        if (end > limit || (end === -1 && buffered.length > limit)) throw new Refused(tooLong, 'a line is too long')
        if (end !== -1) return take(end + 1).toString('latin1', 0, end)
        if (await more()) continue
        if (buffered.length === 0) return undefined
        throw new Lost('the connection ended in the middle of a line')
      }
    },
    async some(most) {
      while (buffered.length === 0) if (!(await more())) return undefined
      return take(Math.min(most, buffered.length))
    },
    hasMore: () => buffered.length > 0,
    patience: 60_000,
    isExcused: () => false,
  }
  return reader
}
