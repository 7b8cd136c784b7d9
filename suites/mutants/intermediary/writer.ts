import type { Socket } from 'node:net'
import type { Body } from './bodies.ts'
import type { Fields, Framing } from './messages.ts'
import { Lost } from './reader.ts'

/** Sends bytes, and resolves when the peer can take more. */
export async function send(socket: Socket, bytes: Buffer | string): Promise<void> {
  if (!socket.writable) throw new Lost('the peer has gone')
  if (socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      for (const event of EVENTS) socket.off(event, done)
      resolve()
    }
    for (const event of EVENTS) socket.on(event, done)
  })
}

const EVENTS = ['drain', 'close', 'error'] as const

/** The bytes of a head: its first line and its fields. */
export function headText(first: string, fields: Fields): string {
  return [first, ...fields.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n')
}

/** Sends a body in this framing, each piece as soon as it is there. */
export async function sendBody(
  socket: Socket,
  body: Body,
  framing: Framing,
  piece: (bytes: Buffer) => Buffer,
  trailers: (received: Fields) => Fields,
): Promise<void> {
  if (framing === 'none') return
  for (let bytes = await body.read(); bytes !== undefined; bytes = await body.read()) {
    const sent = piece(bytes)
    if (framing !== 'chunked') await send(socket, sent)
    else if (sent.length > 0)
      await send(socket, Buffer.concat([Buffer.from(`${sent.length.toString(16)}\r\n`), sent, Buffer.from('\r\n')]))
  }
  if (framing === 'chunked') await send(socket, headText('0', trailers(body.trailers)))
}
