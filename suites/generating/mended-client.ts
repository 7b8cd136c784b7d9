// oxlint-disable no-underscore-dangle -- autocannon's own names
import net from 'node:net'
import { performance } from 'node:perf_hooks'
import { BACK_OFF, kindOf } from './connection-errors.ts'
import { mendParser, type Parser, type Reading } from './mended-parser.ts'
import type { Recorder } from './recorder.ts'

/*
 * autocannon 9.0.0 builds the requests, owns the clients and their timeouts, and starts and ends a run. What one of its
 * clients says on its connection (in its lib/httpClient.js: `_connect`, `_doRequest` and the parser's callbacks) is
 * replaced here and in mended-parser.ts. That is longer than what it replaces, because the defects are in how those
 * parts work together. Each is named where it is mended; a mend can go when autocannon's own client passes
 * generators/autocannon.test.ts without it.
 */

/** The part of autocannon's client that is not in its types. */
export interface Client extends NodeJS.EventEmitter {
  conn: net.Socket
  readonly parser: Parser
  readonly destroyed: boolean
  /** Milliseconds. */
  readonly timeout: number
  readonly timeoutTicker: { reschedule(milliseconds: number): void }
  getRequestBuffer(): Buffer
  destroy(): void
  _connect(): void
  _destroyConnection(): void
}

/** What the clients of a run have in common. */
export interface Shared {
  readonly address: net.TcpNetConnectOpts
  readonly recorder: Recorder
  /** What arrives is read into here, by one client after the other. */
  readonly room: Buffer
  /** Some connection has answered more than one request. */
  keepsAlive: boolean
  /** The server closes after each response, although it does not say so. */
  closesSilently: boolean
}

/** Makes a client tell the truth: one request in flight on its connection, all that befalls it told to the recorder. */
export function mend(client: Client, shared: Shared): void {
  const { recorder } = shared
  const reader = mendParser(client.parser, shared.room)
  /** When the request in flight was intended; on a new connection that is before connecting. */
  let intendedAt = 0
  /** How many requests this connection has answered. */
  let answers = 0

  const send = (): void => {
    reader.begin()
    client.timeoutTicker.reschedule(client.timeout)
    client.conn.write(client.getRequestBuffer())
  }

  const connect = (): void => {
    reader.connect()
    answers = 0
    client.conn = net.connect({ ...shared.address, onread: { buffer: shared.room, callback: read } })
    client.conn.on('connect', () => recorder.connected())
    client.conn.on('end', end)
    client.conn.on('error', fail)
    send()
  }

  const replace = (): void => {
    client._destroyConnection()
    connect()
  }

  const next = (reusable: boolean): void => {
    intendedAt = performance.now()
    // Defect: writes the next request to a connection that the server has said it closes, and after reconnecting
    // times every response against that older request.
    if (reusable && !shared.closesSilently) send()
    else replace()
  }

  const wrong = (kind: string): void => {
    recorder.error(kind, intendedAt)
    next(false)
  }

  const settle = (reading: Reading): void => {
    if (reading === 'unfinished') return
    if (reading !== 'complete') return wrong(reading)
    const { status, bodyBytes, reusable } = reader.response()
    recorder.answer(status, bodyBytes, intendedAt, performance.now())
    answers += 1
    if (answers > 1) shared.keepsAlive = true
    next(reusable)
  }

  const read = (length: number): boolean => {
    recorder.received(length)
    settle(reader.take(length))
    return true
  }

  const end = (): void => {
    const reading = reader.end()
    if (reading === 'unfinished') lost(reader.received() > 0 ? 'truncated response' : 'closed without an answer')
    else settle(reading)
  }

  /** Defect: a connection lost with a request in flight is not counted, and its request stays queued for ever. */
  const lost = (kind: string): void => {
    if (reader.received() > 0 || answers !== 1 || shared.keepsAlive) return wrong(kind)
    // No connection of this run has ever answered twice: the server closes after each response without saying so,
    // and this request met the closing. As RFC 9112 section 9.3.1 allows, it goes out again, its clock running on.
    shared.closesSilently = true
    replace()
  }

  const fail = (error: NodeJS.ErrnoException): void => {
    const kind = kindOf(error)
    if (error.syscall === 'write' || error.syscall === 'read') return lost(kind)
    // Defect: reconnects at once, 10 000 times a second.
    recorder.error(kind, intendedAt)
    client._destroyConnection()
    setTimeout(() => client.destroyed || client._connect(), BACK_OFF)
  }

  client.on('timeout', () => recorder.timeout(intendedAt))
  // Called by autocannon to start, and after a timeout.
  client._connect = () => {
    intendedAt = performance.now()
    connect()
  }
}
