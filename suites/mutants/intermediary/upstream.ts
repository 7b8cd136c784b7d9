import { bodyOf, type Body } from './bodies.ts'
import type { Conduct } from './conduct.ts'
import { connectionsTo, type Address, type Connection } from './connections.ts'
import { readResponseHead } from './heads.ts'
import { Failed, has, Refused, type Fields, type Framing, type Request, type ResponseHead } from './messages.ts'
import { Lost, Silence, type Reader } from './reader.ts'
import { sendRequest, type Sent } from './sending.ts'

/** A request as the upstream is to get it. */
export interface Sending {
  readonly request: Request
  /** Fields but those that frame the body. */
  readonly fields: Fields
  readonly body: Body
  /** Told of each 1xx. */
  interim(head: ResponseHead): Promise<void>
  /** Ends it all: the client has gone. */
  readonly signal: AbortSignal
}

/** What came from upstream: the head as received, the body as it comes. */
export interface Response {
  readonly head: ResponseHead
  readonly body: Body
  /** Gives the connection up: nobody wants the rest. */
  abandon(): void
}

/** The server behind. */
export interface Upstream extends Disposable {
  /** Asks and resolves with the final response's head; throws `Failed`, or what is wrong with the request's own body. */
  ask(sending: Sending): Promise<Response>
}

/** The server behind at an address; `patience` is for how long it may be silent, in milliseconds. */
export function upstreamAt(address: Address, conduct: Conduct, patience: number): Upstream {
  const connections = connectionsTo(address, conduct)

  async function ask(sending: Sending): Promise<Response> {
    const { request } = sending
    let used = conduct.mayUseOldConnection(request) ? connections.used() : undefined
    for (let again = false; ; again = true) {
      try {
        const body = sending.body.afresh?.() ?? sending.body
        return await exchange(used ?? (await connections.fresh()), { ...sending, body })
      } catch (error) {
        if (again || !(error instanceof Failed) || !conduct.mayRetry(request, error, used !== undefined)) throw error
        used = undefined
      }
    }
  }

  async function exchange(connection: Connection, sending: Sending): Promise<Response> {
    const { socket, reader } = connection
    const { request, fields, body, signal } = sending
    const abandon = (): void => void socket.destroy()
    signal.throwIfAborted()
    signal.addEventListener('abort', abandon, { once: true })
    const sent = sendRequest(socket, request, fields, body, conduct)
    const over = (head: ResponseHead, framing: Framing): void => {
      signal.removeEventListener('abort', abandon)
      if (sent.state === 'sent' && conduct.keepsConnection(head, framing)) connections.keep(connection)
      else abandon()
    }
    try {
      const head = await finalHead(reader, sending, sent)
      const framing = conduct.responseFraming(head, request)
      return { head, body: received(bodyOf(reader, framing, conduct), () => over(head, framing), abandon), abandon }
    } catch (error) {
      abandon()
      throw sent.refused ?? failure(error, true)
    }
  }

  /** The head of the final response; interim ones are passed on as they come. */
  async function finalHead(reader: Reader, { fields, interim }: Sending, sent: Sent): Promise<ResponseHead> {
    let invited = !has(fields, 'expect')
    reader.patience = conduct.patience(patience)
    // A client that takes its time for the body is no fault of the upstream's.
    reader.isExcused = () => invited && sent.state === 'sending'
    for (let begun = false; ; begun = true) {
      const head = await readResponseHead(reader, conduct).catch((error: unknown) => {
        throw failure(error, begun || reader.hasMore())
      })
      if (head === undefined) throw new Failed('closed', begun, 'the upstream closed the connection without a response')
      if (!conduct.isInterim(head)) return head
      invited ||= head.status === 100
      await interim(head)
    }
  }

  return { ask, [Symbol.dispose]: () => connections[Symbol.dispose]() }
}

/** A response's body: `over` is called at its end, `abandon` when it cannot be read to there. */
function received(body: Body, over: () => void, abandon: () => void): Body {
  if (body.ended) over()
  return {
    length: body.length,
    trailers: body.trailers,
    get ended() {
      return body.ended
    },
    async read() {
      if (body.ended) return undefined
      try {
        const piece = await body.read()
        if (body.ended) over()
        return piece
      } catch (error) {
        abandon()
        throw failure(error, true)
      }
    },
  }
}

/** What an error of reading means for whoever asked. */
function failure(error: unknown, begun: boolean): unknown {
  if (error instanceof Silence) return new Failed('silent', begun, 'the upstream did not go on in time')
  if (error instanceof Lost) return new Failed('closed', begun, 'the upstream closed the connection too early')
  if (error instanceof Refused) return new Failed('senseless', true, error.message)
  return error
}
