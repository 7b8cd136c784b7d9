import { createServer, connect } from 'node:net'
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import type { Address } from '../servers/index.ts'

/** A port that is free on this address at this moment. Somebody may take it before the server does. */
export async function freePort(host: string): Promise<number> {
  const server = createServer()
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Whether somebody listens at an address. */
export async function isTaken({ host, port }: Address): Promise<boolean> {
  const server = createServer()
  server.listen(port, host)
  const taken = await once(server, 'listening').then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'EADDRINUSE',
  )
  server.close()
  return taken
}

/**
 * The status with which an address answers; undefined when it does not. Every question has a path of its own, so
 * that no cache can answer it.
 */
export async function statusOf(address: Address, timeoutMs: number): Promise<number | undefined> {
  const socket = connect(address.port, address.host)
  socket.setTimeout(timeoutMs, () => socket.destroy())
  socket.write(
    `GET /lab-ready-${randomUUID()} HTTP/1.1\r\nHost: ${address.host}:${address.port}\r\nConnection: close\r\n\r\n`,
  )
  let head = ''
  try {
    for await (const bytes of socket.setEncoding('latin1')) {
      head += bytes as string
      if (head.length >= 12) break
    }
  } catch {
    // Refused or reset: not up yet.
  }
  socket.destroy()
  const status = /^HTTP\/1\.[01] (\d\d\d)/.exec(head)?.[1]
  return status === undefined ? undefined : Number(status)
}
