import net from 'node:net'
import type { SlowClients } from '../load/index.ts'
import { BACK_OFF } from './connection-errors.ts'

/** What a trickling client sends: a small upload, a byte of its body at a time. */
const BODY_BYTES = 20
/** Milliseconds between two of its bytes: a request takes 2 s, as over a bad mobile connection. */
const EVERY = 100
/** Connections that take their time, beside the measured ones. Nothing of theirs is recorded. */
export function slowClients(
  address: net.TcpNetConnectOpts,
  host: string,
  { idle, trickling }: SlowClients,
): { stop(): void } {
  let running = true
  const sockets = new Set<net.Socket>()
  const timers = new Set<NodeJS.Timeout>()
  const head = `POST /upload HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${BODY_BYTES}\r\n\r\n`

  /** Opens a connection, opened anew when it ends. */
  const keep = (use: (socket: net.Socket) => void): void => {
    const socket = net.connect(address, () => use(socket))
    sockets.add(socket)
    // Not read, answers would fill the buffers and the server would wait for this client in another way.
    socket.resume()
    // What becomes of it does not matter, only that there is one.
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      if (running) later(() => keep(use), BACK_OFF)
    })
  }

  const later = (act: () => void, milliseconds: number): void => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      act()
    }, milliseconds)
    timers.add(timer)
  }

  const trickle = (socket: net.Socket, left: number): void => {
    if (socket.destroyed || !running) return
    socket.write(left === BODY_BYTES ? `${head}x` : 'x')
    later(() => trickle(socket, left === 1 ? BODY_BYTES : left - 1), EVERY)
  }

  for (let each = 0; each < idle; each++) keep(() => {})
  for (let each = 0; each < trickling; each++) keep((socket) => trickle(socket, BODY_BYTES))
  return {
    stop() {
      running = false
      for (const timer of timers) clearTimeout(timer)
      for (const socket of sockets) socket.destroy()
    },
  }
}
