import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { gathered, wholeBody, type Body } from './bodies.ts'
import type { Conduct, Own } from './conduct.ts'
import type { Fields, Request, ResponseHead } from './messages.ts'
import type { Response } from './upstream.ts'
import { headText, send, sendBody } from './writer.ts'

/** What the client is to be sent: a head with all fields but those that frame the body, and the body. */
export interface Answer {
  readonly head: ResponseHead
  readonly body: Body
  /** Tells the source of the body that nobody wants the rest. */
  abandon?(): void
}

/** A response of the upstream's, as it is passed on. */
export function passedOn(response: Response, request: Request, conduct: Conduct): Answer {
  const { head } = response
  const fields = conduct.forwardedResponseFields(head, request)
  return { ...response, head: { ...head, ...conduct.forwardedStatus(head), fields: framed(fields, head) } }
}

/** With the Content-Length that the head was received with: what it says matters where there is no body to count. */
function framed(fields: Fields, head: ResponseHead): Fields {
  return [...fields, ...head.fields.filter(([name]) => name.toLowerCase() === 'content-length')]
}

/** An answer of the intermediary's own. */
export function ownAnswer({ status, fields = [], body = '' }: Own, conduct: Conduct): Answer {
  const bytes = Buffer.from(body)
  const all = [...conduct.withDate(fields), ['Content-Length', String(bytes.length)] as const]
  return {
    head: { version: 'HTTP/1.1', status, reason: STATUS_CODES[status] ?? '', fields: all },
    body: wholeBody(bytes),
  }
}

/** Sends an answer; resolves with whether the connection can go on. */
export async function sendAnswer(
  socket: Socket,
  request: Request,
  answer: Answer,
  persistent: () => boolean,
  conduct: Conduct,
): Promise<boolean> {
  const { head } = answer
  const shown = conduct.showsCut(head) ? answer.body : uncut(answer.body)
  const body = conduct.buffersResponse(head) ? await gathered(shown, answer.abandon) : shown
  const framing = conduct.outgoingFraming(head, request, body.length)
  const goesOn = framing !== 'close' && persistent()
  const fields = [
    ...head.fields.filter(([name]) => name.toLowerCase() !== 'content-length'),
    ...conduct.responseFramingFields(framing, head, request),
    ...(goesOn ? [] : [['Connection', 'close'] as const]),
  ]
  try {
    await send(socket, headText(`HTTP/1.1 ${head.status} ${head.reason}`, fields))
    await sendBody(
      socket,
      body,
      framing,
      (piece) => conduct.responsePiece(piece, head),
      (trailers) => conduct.keptTrailers(trailers, head),
    )
    return goesOn
  } catch {
    answer.abandon?.()
    // A body that ends with the connection can be shown to be cut by a reset alone.
    if (framing === 'close') socket.resetAndDestroy()
    return false
  }
}

/** A body that ends where it was cut. */
function uncut(body: Body): Body {
  return { ...body, read: () => body.read().catch(() => undefined) }
}
