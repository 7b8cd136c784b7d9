import { connect, type Socket } from 'node:net'
import type { Conduct } from './conduct.ts'
import { Failed } from './messages.ts'
import { readerOf, type Reader } from './reader.ts'

/** Where a server listens, and the address to connect from. */
export interface Address {
  readonly host: string
  readonly port: number
  readonly source: string
}

/** A connection to the server behind. */
export interface Connection {
  readonly socket: Socket
  readonly reader: Reader
}

/** The connections to the server behind. */
export interface Connections extends Disposable {
  /** A new one; throws `Failed` when the server cannot be reached. */
  fresh(): Promise<Connection>
  /** One that was kept and is in order. */
  used(): Connection | undefined
  /** Keeps one whose last response is over. */
  keep(connection: Connection): void
}

const CONNECT_WAIT = 1000
/** What follows a response at once is no part of the next one: a connection is watched for so long before it is kept. */
const QUARANTINE = 25

/** No connections yet. */
export function connectionsTo({ host, port, source }: Address, conduct: Conduct): Connections {
  const isInOrder = ({ socket, reader }: Connection): boolean =>
    socket.writable && !socket.readableEnded && (conduct.takesUnasked() || !reader.hasMore())

  const idle: Connection[] = []
  const all = new Set<Socket>()
  return {
    async fresh() {
      const socket = connect({ host, port, noDelay: true, localAddress: source })
      all.add(socket)
      socket.once('close', () => all.delete(socket))
      const reader = readerOf(socket)
      await new Promise<void>((resolve, reject) => {
        const fail = (): void => reject(new Failed('unreachable', false, 'the upstream cannot be reached'))
        socket.setTimeout(CONNECT_WAIT, () => socket.destroy())
        socket.once('close', fail)
        socket.once('connect', () => {
          socket.setTimeout(0)
          socket.off('close', fail)
          resolve()
        })
      })
      return { socket, reader }
    },
    used() {
      for (let connection = idle.pop(); connection !== undefined; connection = idle.pop()) {
        if (isInOrder(connection)) return connection
        connection.socket.destroy()
      }
      return undefined
    },
    keep(connection) {
      setTimeout(() => {
        if (isInOrder(connection)) idle.push(connection)
        else connection.socket.destroy()
      }, QUARANTINE).unref()
    },
    [Symbol.dispose]() {
      for (const socket of all) socket.destroy()
    },
  }
}
