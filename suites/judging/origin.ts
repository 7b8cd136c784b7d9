import { createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Target } from '../../topologies/index.ts'
import { receivedReader, type Received } from './received.ts'
import { recording, type Transcript } from './transcript.ts'

/**
 * The lab's own origin server: behind an intermediary that is judged alone. It shows what arrived byte by byte, and answers
 * with whatever bytes an experiment wants, which no WSGI application could.
 */

/**
 * One thing the origin does in answer: sends text (as Latin-1) or bytes, waits so many milliseconds or until something has
 * happened, closes the connection, or resets it. After the last one the connection is open for the next request.
 */
export type Step =
  | string
  | Buffer
  | { readonly wait: number }
  | { readonly until: Promise<unknown> }
  | 'close'
  | 'reset'

/** What the origin does about one request. */
export interface Reply {
  readonly steps: readonly Step[]
  /** Whether it answers as soon as it has the head, not the whole request. */
  readonly early?: boolean
}

/** A whole response as a reply, counted unless its status or a field frames it already. */
export function response(status: string, fields: readonly string[] = [], body: string | Buffer = ''): Reply {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body
  const framed =
    /^(1|204|304)/.test(status) || fields.some((field) => /^(content-length|transfer-encoding):/i.test(field))
  const lines = [...fields, ...(framed ? [] : [`Content-Length: ${bytes.length}`])]
  return { steps: [`HTTP/1.1 ${[status, ...lines].join('\r\n')}\r\n\r\n`, ...(bytes.length > 0 ? [bytes] : [])] }
}

/** An intermediary between our own ends, as the judge sees it. */
export interface AloneTarget extends Target {
  readonly origin: Origin
}

/** The scripted origin. Requests are told apart by the nonce that stands somewhere in their head. */
export interface Origin extends AsyncDisposable {
  /** Where the intermediary finds it. */
  readonly address: { readonly host: string; readonly port: number }
  /**
   * What requests with this nonce are answered with: the first with the first reply, and so on, all further ones with the
   * last. A function is asked for each request. Without a script it answers 404.
   */
  script(nonce: string, ...replies: readonly (Reply | ((received: Received) => Reply))[]): void
  /**
   * The requests with this nonce so far, in order: at once, or as soon as there are so many, or all there are when `wait`
   * milliseconds (1500) are over.
   */
  received(nonce: string, count?: number, wait?: number): Promise<readonly Received[]>
  /** Stops listening and ends every connection, for as long as an exclusive experiment wants it. */
  down(): Promise<void>
  /** Listens again, at the same address. */
  up(): Promise<void>
  /** What the intermediary and the origin said to one another about requests with this nonce. */
  transcripts(nonce: string): readonly Transcript[]
}

const RECEIVED_WAIT = 1500
const RECEIVED_PAUSE = 5
/** How long an idle connection is kept. */
const IDLE_MS = 60_000

interface Script {
  readonly replies: readonly (Reply | ((received: Received) => Reply))[]
  readonly requests: Received[]
  readonly transcripts: (() => Transcript)[]
}

/** Starts an origin at an address of this machine, on a port that is free when none is named. */
export async function startedOrigin(host: string, wanted = 0): Promise<Origin> {
  const scripts = new Map<string, Script>()
  const sockets = new Set<Socket>()
  let connections = 0

  /** The script of the first nonce in the head that has one. */
  function scriptOf(head: string): Script | undefined {
    return head
      .match(NONCE)
      ?.map((nonce) => scripts.get(nonce))
      .find((script) => script !== undefined)
  }

  async function serve(socket: Socket): Promise<void> {
    // One request each; an intermediary that pipelines is shown with the request before.
    let [sent, got] = [recording(), recording()]
    const reader = receivedReader((connections += 1))
    const over = new AbortController()
    let wake: () => void = () => {}
    socket.on('data', (bytes) => {
      got.add(bytes)
      reader.feed(bytes)
      wake()
    })
    for (const event of ['end', 'close'])
      socket.on(event, () => {
        over.abort()
        wake()
      })

    async function until(condition: () => boolean): Promise<void> {
      while (!condition() && !over.signal.aborted) await new Promise<void>((resolve) => (wake = resolve))
    }
    const isRead = ({ complete, malformed }: Received): boolean => complete || malformed !== undefined

    while (!over.signal.aborted) {
      await until(() => (reader.request?.head ?? '') !== '')
      const { request } = reader
      if (request === undefined || request.head === '') break
      const script = scriptOf(request.head)
      const [own, asked] = [sent, got]
      script?.transcripts.push(() => ({ sent: asked.text(), received: own.text() }))
      script?.requests.push(request)
      const reply = replyOf(script, request)
      if (!reply.early) await until(() => isRead(request))
      for (const step of reply.steps) {
        if (step === 'close') return void socket.end()
        if (step === 'reset') return void socket.resetAndDestroy()
        if (typeof step === 'string' || Buffer.isBuffer(step)) {
          const bytes = typeof step === 'string' ? Buffer.from(step, 'latin1') : step
          sent.add(bytes)
          if (socket.writable) socket.write(bytes)
        } else if ('wait' in step) await sleep(step.wait, undefined, { signal: over.signal }).catch(() => {})
        else await step.until.catch(() => {})
      }
      await until(() => isRead(request))
      if (request.malformed !== undefined) break
      ;[sent, got] = [recording(), recording()]
      reader.next()
    }
    socket.end()
  }

  function replyOf(script: Script | undefined, request: Received): Reply {
    const reply = script?.replies[Math.min(script.requests.length, script.replies.length) - 1]
    if (reply === undefined) return response('404 Not Found', ['Cache-Control: no-store'])
    return typeof reply === 'function' ? reply(request) : reply
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // Whoever resets the connection is seen by his own side.
    socket.on('error', () => {})
    socket.setTimeout(IDLE_MS, () => socket.destroy())
    void serve(socket)
  })
  const listen = async (at: number): Promise<void> => {
    server.listen(at, host)
    // Rejects when the address is taken.
    await once(server, 'listening')
  }
  const down = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  await listen(wanted)
  const { port } = server.address() as { port: number }

  return {
    address: { host, port },
    script(nonce, ...replies) {
      scripts.set(nonce, { replies, requests: [], transcripts: [] })
    },
    async received(nonce, count = 0, wait = RECEIVED_WAIT) {
      const deadline = performance.now() + wait
      const requests = (): readonly Received[] => scripts.get(nonce)?.requests ?? []
      while (requests().length < count && performance.now() < deadline) await sleep(RECEIVED_PAUSE)
      return [...requests()]
    },
    down,
    up: () => listen(port),
    transcripts: (nonce) => scripts.get(nonce)?.transcripts.map((text) => text()) ?? [],
    [Symbol.asyncDispose]: down,
  }
}

/** What nonces look like (`experiment.ts`). */
const NONCE = /[0-9a-f]{12}-\d+/g
