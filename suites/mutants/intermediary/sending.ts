import type { Socket } from 'node:net'
import type { Body } from './bodies.ts'
import type { Conduct } from './conduct.ts'
import type { Fields, Request } from './messages.ts'
import { headText, send, sendBody } from './writer.ts'

/** How far a request has been sent. */
export interface Sent {
  readonly state: 'sending' | 'sent' | 'failed'
  /** What was wrong with the request's own body. */
  readonly refused: unknown
}

/** Sends a request to the server behind, while its response is read: that may come before all of it is sent. */
export function sendRequest(socket: Socket, request: Request, fields: Fields, body: Body, conduct: Conduct): Sent {
  const sent: { state: Sent['state']; refused: unknown } = { state: 'sending', refused: undefined }
  const guarded: Body = {
    ...body,
    async read() {
      try {
        return await body.read()
      } catch (error) {
        // What the client sends makes no sense, or it has gone: the upstream must not take it for whole.
        sent.refused = error
        socket.destroy()
        throw error
      }
    },
  }
  const line = `${conduct.forwardedMethod(request)} ${conduct.forwardedTarget(request)} HTTP/1.1`
  const all = [...fields, ...conduct.requestFramingFields(request), ...conduct.ownRequestFields(request)]
  async function run(): Promise<void> {
    await send(socket, headText(line, all))
    await sendBody(
      socket,
      guarded,
      request.framing,
      (piece) => conduct.requestPiece(piece, request),
      (trailers) => conduct.keptTrailers(trailers, request),
    )
    sent.state = 'sent'
  }
  // An upstream that closed may have answered all the same: reading tells.
  run().catch(() => {
    sent.state = 'failed'
  })
  return sent
}
