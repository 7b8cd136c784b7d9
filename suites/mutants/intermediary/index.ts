import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { passedOn } from './answers.ts'
import { cached } from './cache.ts'
import { serve, type Answering } from './client.ts'
import type { Conduct } from './conduct.ts'
import type { Address } from './connections.ts'
import { upstreamAt } from './upstream.ts'

/**
 * A reverse proxy and shared cache for tests: it keeps every rule of HTTP/1.1 that binds an intermediary, unless it is
 * started with a conduct that breaks one.
 *
 * A client's connection (`client.ts`) gives requests (`heads.ts`, `bodies.ts`), each is answered by the upstream
 * (`upstream.ts`) or from the store (`cache.ts`), and the answer is sent (`answers.ts`). What is decided on the way stands in
 * `conduct.ts`, and is decided rightly in `strict/`. How to break it: `faults.ts`.
 */
export interface Intermediary extends AsyncDisposable {
  readonly url: URL
}

/** How an intermediary is started. */
export interface Options {
  /** The loopback address it listens on, and connects from. */
  readonly host: string
  /** The server behind. */
  readonly behind: Omit<Address, 'source'>
  readonly conduct: Conduct
  /** Whether it stores responses. */
  readonly cache?: boolean
  /** Milliseconds that the upstream may be silent. */
  readonly patience?: number
}

const PATIENCE = 3000

/** Starts an intermediary on a port that is free. */
export async function startedIntermediary(options: Options): Promise<Intermediary> {
  const { host, behind, conduct, cache = false, patience = PATIENCE } = options
  const upstream = upstreamAt({ ...behind, source: host }, conduct, patience)
  const passing: Answering = async ({ request, body, interim, signal }) => {
    const fields = conduct.forwardedRequestFields(request)
    return passedOn(await upstream.ask({ request, fields, body, interim, signal }), request, conduct)
  }
  const answering = cache ? cached(upstream, conduct) : passing
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    void serve(socket, answering, conduct)
  })
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as { readonly port: number }
  return {
    url: new URL(`http://${host}:${port}/`),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      upstream[Symbol.dispose]()
      await closed
    },
  }
}
