import { once } from 'node:events'
import net from 'node:net'
import { afterAll } from 'vitest'

/** A small response on a connection that stays open, and one on a connection that the server closes. */
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
export const OK_CLOSE = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello'

/** One request as a server sees it: its number on the server and on its connection, its head, and where to answer. */
export interface Asked {
  readonly total: number
  readonly onConnection: number
  readonly head: string
  readonly socket: net.Socket
}

const sockets = new Set<net.Socket>()
const servers: net.Server[] = []
// Not when a test is finished: which one that is nobody knows while several go on at a time.
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers) server.close()
})

/** Brings up a server for a test that says exactly what the test wants it to say, and counts its connections. */
export async function serve(answer: (asked: Asked) => void): Promise<{ url: string; connections: () => number }> {
  let [total, connections] = [0, 0]
  const server = net.createServer((socket) => {
    connections += 1
    sockets.add(socket)
    let [onConnection, text] = [0, '']
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end)
        const bodyBytes = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
        if (text.length < end + 4 + bodyBytes) break
        text = text.slice(end + 4 + bodyBytes)
        total += 1
        onConnection += 1
        answer({ total, onConnection, head, socket })
      }
    })
  })
  servers.push(server.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/`, connections: () => connections }
}
