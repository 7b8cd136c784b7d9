import net from 'node:net'
import { performance } from 'node:perf_hooks'
import { kindOf } from './connection-errors.ts'
import type { Recorder } from './recorder.ts'
import type { Request } from './requests.ts'
import type { HeadReader } from './response-head.ts'
import { createResponseReader } from './response-reader.ts'

/** A request and when it was to be sent, in milliseconds of this process's clock. */
export interface Exchange {
  readonly request: Request
  readonly dueAt: number
}

/** What the connections of a load have in common. */
export interface Shared {
  readonly address: net.TcpNetConnectOpts
  readonly recorder: Recorder
  /** What arrives is read into here, by one connection after the other. */
  readonly room: Buffer
  readonly heads: HeadReader
  /** Some connection has answered more than one request. */
  keepsAlive: boolean
  /** The server closes after each response, although it does not say so. */
  closesSilently: boolean
}

/** What becomes of a connection's exchange. Every exchange ends in one of the first four. */
export interface Fate {
  /** At `now`, and recorded already. `reusable`: the connection can take the next one; else it is gone. */
  answered(reusable: boolean, now: number): void
  /** It went wrong, is recorded, and the connection is gone. */
  failed(): void
  /** No connection came about, is recorded. */
  refused(): void
  /** It met a connection that was being closed: it is to go out again over a new one, its clock running on. */
  again(exchange: Exchange): void
  /** The server closed the connection, which was idle. */
  closed(): void
}

/** A connection that carries one exchange at a time. */
export interface Connection {
  /** What is being asked; undefined while it is idle. */
  readonly exchange: () => Exchange | undefined
  ask(exchange: Exchange): void
  destroy(): void
}

/** After this long without a request a server may be about to close a connection, in milliseconds. */
const STALE = 1000

/** An answer made this much before it was asked for came out of a cache, in milliseconds: clocks are not read at once. */
const MADE_BEFORE = 2

/** Opens a connection. What its exchanges come to is recorded here; what happens next is for `fate` to decide. */
export function connect(shared: Shared, fate: Fate): Connection {
  const { recorder, room } = shared
  const reader = createResponseReader(shared.heads)
  let exchange: Exchange | undefined
  let isGone = false
  /** How many requests it has answered, and since when it has been idle. */
  let [answers, idleSince, wasStale] = [0, 0, false]

  const destroy = (): void => {
    isGone = true
    exchange = undefined
    socket.destroy()
  }

  const settle = (): void => {
    const { request, dueAt } = exchange!
    const { status, madeAt } = reader.head()
    // The clock is looked at once: at 100,000 requests a second it would be a part of what is measured.
    const now = performance.now()
    recorder.answer(status, reader.bodyBytes(), dueAt, now, request.expects)
    if (request.isStamped && madeAt > 0)
      recorder.stamped(madeAt * 1e3 < performance.timeOrigin + dueAt - MADE_BEFORE, dueAt)
    answers += 1
    if (answers > 1) shared.keepsAlive = true
    exchange = undefined
    const reusable = reader.reusable() && !shared.closesSilently
    if (reusable) idleSince = now
    else destroy()
    fate.answered(reusable, now)
  }

  const wrong = (kind: string): void => {
    const { dueAt } = exchange!
    destroy()
    recorder.error(kind, dueAt)
    fate.failed()
  }

  /** The connection is lost with a request on it. */
  const lost = (kind: string): void => {
    const asked = exchange!
    const isUntouched = reader.received() === 0 && answers > 0
    // No connection of this run has ever answered twice: the server closes after each response without saying so. Or this
    // one was idle for long. The request met the closing; as RFC 9112 section 9.3.1 allows, it goes out again.
    const meetsClosing = answers === 1 && !shared.keepsAlive
    if (!isUntouched || (!meetsClosing && !wasStale)) return wrong(kind)
    if (meetsClosing) shared.closesSilently = true
    destroy()
    fate.again(asked)
  }

  const read = (length: number): boolean => {
    recorder.received(length)
    // Bytes that nobody asked for come in no response: whatever they are, this connection is of no use any more.
    if (exchange === undefined) return surplus()
    const reading = reader.take(room, length)
    if (reading === 'complete') settle()
    else if (reading !== 'unfinished') wrong(reading)
    return true
  }

  const surplus = (): boolean => {
    if (!isGone) {
      destroy()
      fate.closed()
    }
    return true
  }

  const socket = net.connect({ ...shared.address, noDelay: true, onread: { buffer: room, callback: read } })
  socket.on('connect', () => recorder.connected())
  socket.on('end', () => {
    if (isGone) return
    if (exchange === undefined) surplus()
    else if (reader.end() === 'complete') settle()
    else lost(reader.received() > 0 ? 'truncated response' : 'closed without an answer')
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (isGone) return
    const kind = kindOf(error)
    if (exchange === undefined) surplus()
    else if (error.syscall === 'write' || error.syscall === 'read') lost(kind)
    else {
      const { dueAt } = exchange
      destroy()
      recorder.error(kind, dueAt)
      fate.refused()
    }
  })
  return {
    exchange: () => exchange,
    ask(asked) {
      wasStale = answers > 0 && asked.dueAt - idleSince > STALE
      exchange = asked
      reader.begin(asked.request.isHead)
      socket.write(asked.request.bytes)
    },
    destroy,
  }
}
