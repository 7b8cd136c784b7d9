import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Tap } from '../index.ts'
import type { Address } from '../servers/index.ts'

/** A tap that runs. Disposing ends it and every connection through it. */
export interface RunningTap extends Tap, AsyncDisposable {
  /** Where the outer tier finds the inner one. */
  readonly address: Address
}

/** Most bytes that are kept of each side of an exchange. */
const KEPT_BYTES = 64 * 1024
/** Most exchanges that are kept: the last ones. */
const KEPT_EXCHANGES = 64

/** What one side of an exchange has said: its first bytes, and how many there were. */
interface Side {
  readonly parts: Buffer[]
  kept: number
  total: number
}

interface Recorded {
  readonly sent: Side
  readonly received: Side
}

/**
 * A relay between two neighbouring tiers that shows what passes. For both of them it is as if it were not there: it is found
 * at the inner tier's host, connects from the address that the outer tier connected from (tiers trust one another by
 * address), passes a half-closed connection on as one, and a reset, or a refused connection, as a reset.
 */
export async function tap(from: string, to: string, inner: Address): Promise<RunningTap> {
  const sockets = new Set<Socket>()
  // Of the latest listening; one that nobody asks any more is not kept.
  let listening: Recorded[] = []

  /** What notes the bytes of one connection: an exchange begins where the outer tier speaks after the inner one. */
  function notes(): (side: keyof Recorded, bytes: Buffer) => void {
    let to: Recorded[] | undefined
    let current: Recorded | undefined
    return (side, bytes) => {
      if (!current || to !== listening || (side === 'sent' && current.received.total > 0)) {
        to = listening
        current = { sent: empty(), received: empty() }
        to.push(current)
        if (to.length > KEPT_EXCHANGES) to.shift()
      }
      add(current[side], bytes)
    }
  }

  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (outer) => {
    // One that has gone already has no address any more.
    const source = outer.remoteAddress
    const onward = connect({
      ...inner,
      allowHalfOpen: true,
      noDelay: true,
      ...(source === undefined ? {} : { localAddress: source }),
    })
    const note = notes()
    // Nothing is read, and nothing noted, for a tier that is not there.
    onward.once('connect', () => {
      outer.on('data', (bytes) => note('sent', bytes)).pipe(onward)
      onward.on('data', (bytes) => note('received', bytes)).pipe(outer)
    })
    outer.on('error', () => reset(onward))
    onward.on('error', () => reset(outer))
    for (const socket of [outer, onward]) {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    }
  })
  server.listen(0, inner.host)
  await once(server, 'listening')
  const { port } = server.address() as { port: number }

  return {
    from,
    to,
    address: { host: inner.host, port },
    listen() {
      const heard: Recorded[] = []
      listening = heard
      return () =>
        heard.map(({ sent, received }) => ({
          sent: Buffer.concat(sent.parts),
          received: Buffer.concat(received.parts),
          sentBytes: sent.total,
          receivedBytes: received.total,
        }))
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** Resets a connection, after what is still to be sent on it: without a relay that would have arrived as well. */
function reset(socket: Socket): void {
  if (socket.writable && !socket.connecting) socket.write('', () => socket.resetAndDestroy())
  else socket.resetAndDestroy()
}

const empty = (): Side => ({ parts: [], kept: 0, total: 0 })

function add(side: Side, bytes: Buffer): void {
  const part = bytes.subarray(0, KEPT_BYTES - side.kept)
  if (part.length > 0) side.parts.push(part)
  side.kept += part.length
  side.total += bytes.length
}
