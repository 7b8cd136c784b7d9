import { connect as connectSocket, isIP, type Socket } from 'node:net'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import type { Answer } from './answer.ts'
import { responseReader } from './response.ts'
import { recording, type Transcript } from './transcript.ts'

/**
 * Raw HTTP/1.1 over a socket, or over TLS on one: what is sent is exactly what was asked for, and what arrives is shown
 * with its faults.
 */

/** How the server has left the connection. */
type Closing = 'closed' | 'reset' | 'open'

/** One TCP connection to a server under test. */
export interface Connection extends Disposable {
  /** Sends exactly these bytes; text is taken as Latin-1. A peer that has gone is not an error: its answer tells. */
  send(bytes: string | Buffer): void
  /** Reads the next response; `method` is that of the request it answers. */
  answer(options?: { readonly method?: string; readonly wait?: number }): Promise<Answer>
  /** Resolves as soon as the server closes, else with `open` when the wait is over. */
  closing(wait: number): Promise<Closing>
  /** Bytes that arrived after the last complete answer, or before any; waits for more, at most this long. */
  rest(wait: number): Promise<Buffer>
  /** Resolves with true as soon as a byte arrives that no answer has taken, or an interim head was read. */
  heard(wait: number): Promise<boolean>
  /** The conversation so far, readable. */
  transcript(): Transcript
}

/** Most bytes that are read on one connection. */
export const BYTE_LIMIT = 4 * 1024 * 1024
/** How long an answer is waited for when a caller names no other limit. */
const ANSWER_WAIT = 4000
/**
 * The client's address on loopback: everybody trusts 127.0.0.1 there, so a client needs one of its own. It is one in the
 * server's network, 127.0.0.9 for 127.0.0.11: an address that has closed ten thousand connections within a minute is slow
 * to find a port for another.
 */
export function clientAddress({ hostname }: URL): string | undefined {
  return /^127\.\d+\.\d+\./.exec(hostname)?.[0].concat('9')
}

/** How long a server may take to agree on TLS: one that expects plain HTTP may wait for ever. */
const HANDSHAKE_WAIT = 4000

/** Connects to the server that a URL names; rejects when it cannot. Whom a certificate belongs to is not checked. */
export async function connect(url: URL, signal: AbortSignal): Promise<Connection> {
  const source = clientAddress(url)
  try {
    return connection(await open(url, signal, source), signal)
  } catch (error) {
    // Only Linux answers on all of 127.0.0.0/8.
    if ((error as NodeJS.ErrnoException).code !== 'EADDRNOTAVAIL') throw error
    return connection(await open(url, signal, undefined), signal)
  }
}

async function open(url: URL, signal: AbortSignal, localAddress: string | undefined): Promise<Socket> {
  const secure = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const socket = await established('connect', signal, () =>
    connectSocket({
      host,
      port: Number(url.port || (secure ? 443 : 80)),
      allowHalfOpen: true,
      noDelay: true,
      ...(localAddress === undefined ? {} : { localAddress }),
    }),
  )
  if (!secure) return socket
  const soon = AbortSignal.any([signal, AbortSignal.timeout(HANDSHAKE_WAIT)])
  try {
    return await established('secureConnect', soon, () =>
      connectTls({
        socket,
        rejectUnauthorized: false,
        ALPNProtocols: ['http/1.1'],
        ...(isIP(host) === 0 ? { servername: host } : {}),
      }),
    )
  } catch (error) {
    socket.destroy()
    signal.throwIfAborted()
    throw new Error(`TLS was not agreed on: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

/** The socket as soon as it has told so by this event. */
function established<S extends Socket>(event: string, signal: AbortSignal, made: () => S): Promise<S> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const socket = made()
    const stop = (): void => {
      socket.destroy()
      reject(signal.reason)
    }
    signal.addEventListener('abort', stop, { once: true })
    socket.once('error', reject)
    socket.once(event, () => {
      signal.removeEventListener('abort', stop)
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

function connection(socket: Socket, signal: AbortSignal): Connection {
  const sent = recording()
  const received = recording()
  let total = 0
  let unread: { readonly at: number; readonly bytes: Buffer }[] = []
  let closing: Closing = 'open'
  let tooLarge = false
  /** Whether the lab has ended the connection itself. */
  let disposed = false
  let wake: () => void = () => {}

  socket.on('data', (bytes) => {
    total += bytes.length
    received.add(bytes)
    if (total > BYTE_LIMIT) {
      tooLarge = true
      socket.destroy()
    } else unread.push({ at: performance.now(), bytes })
    wake()
  })
  socket.on('end', () => {
    if (closing === 'open') closing = 'closed'
    wake()
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    // EPIPE tells that our own write found a closed peer; its FIN has told or will tell the rest.
    if (error.code !== 'EPIPE' || closing === 'open') closing = closing === 'closed' ? 'closed' : 'reset'
    wake()
  })
  socket.on('close', () => {
    if (closing === 'open' && !tooLarge && !disposed) closing = 'reset'
    wake()
  })

  /** Waits until the condition holds; false when the time is over, or nothing can come any more. */
  async function until(condition: () => boolean, wait: number): Promise<boolean> {
    const deadline = performance.now() + wait
    while (!condition()) {
      signal.throwIfAborted()
      const left = deadline - performance.now()
      if (disposed) return false
      if (left <= 0) {
        // What arrived while this process was busy with something else was not late.
        await nextTurn()
        return condition()
      }
      const timer = new AbortController()
      const woken = new Promise<void>((resolve) => (wake = resolve))
      const slept = sleep(left, undefined, { signal: AbortSignal.any([signal, timer.signal]) }).catch(() => {})
      await Promise.race([woken, slept])
      timer.abort()
    }
    return true
  }

  return {
    send(bytes) {
      const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
      sent.add(buffer)
      if (socket.writable) socket.write(buffer)
    },
    async answer({ method = 'GET', wait = ANSWER_WAIT } = {}) {
      const reader = responseReader(method)
      const arrivals: { at: number; bytes: number }[] = []
      let firstByteAt: number | undefined
      const advance = (): boolean => {
        while (unread.length > 0 && reader.state === 'reading') {
          const { at, bytes } = unread.shift()!
          firstByteAt ??= at
          const before = reader.bodyLength
          reader.feed(bytes)
          if (reader.bodyLength > before) arrivals.push({ at, bytes: reader.bodyLength })
          if (reader.state !== 'reading' && reader.rest.length > 0) unread.unshift({ at, bytes: reader.rest })
        }
        if (reader.state === 'reading' && closing !== 'open') reader.end()
        return reader.state !== 'reading' || tooLarge
      }
      await until(advance, wait)
      const ending = tooLarge ? 'too large' : reader.state === 'reading' ? 'silent' : reader.state
      const { head, interim, framing, body, problems } = reader
      // A reset throws away what the server had sent, so that only a close can end a body without a length.
      const cut = ending === 'complete' && framing === 'close' && closing === 'reset'
      return { ending: cut ? 'cut' : ending, head, interim, framing, body, problems, arrivals, firstByteAt }
    },
    async closing(wait) {
      await until(() => closing !== 'open' || tooLarge, wait)
      return closing
    },
    async rest(wait) {
      await until(() => closing !== 'open' || tooLarge, wait)
      return Buffer.concat(unread.map(({ bytes }) => bytes))
    },
    async heard(wait) {
      return until(() => unread.length > 0, wait)
    },
    transcript() {
      const left = disposed && closing === 'open' ? 'closed by the lab' : closing
      const end = tooLarge ? `[reading stopped after ${BYTE_LIMIT} bytes]` : `[connection ${left}]`
      return { sent: sent.text(), received: `${received.text()}\n${end}` }
    },
    [Symbol.dispose]() {
      disposed = true
      socket.destroy()
      wake()
    },
  }
}
