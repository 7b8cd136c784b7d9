import type { Socket } from 'node:net'
import { ownAnswer, sendAnswer, type Answer } from './answers.ts'
import { bodyOf, gathered, type Body } from './bodies.ts'
import type { Conduct } from './conduct.ts'
import { readRequest } from './heads.ts'
import { Failed, Refused, type Request, type ResponseHead } from './messages.ts'
import { readerOf, type Reader } from './reader.ts'
import { headText, send } from './writer.ts'

/** One request of a client's, as what answers it sees it. */
export interface Asked {
  readonly request: Request
  readonly body: Body
  /** Passes a 1xx on. */
  interim(head: ResponseHead): Promise<void>
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal
}

/** What answers requests that go further. */
export type Answering = (asked: Asked) => Promise<Answer>

const CLOSE_WAIT = 1000

/** Serves the requests of one client's connection, one after the other. */
export async function serve(socket: Socket, answering: Answering, conduct: Conduct): Promise<void> {
  const reader = readerOf(socket)
  const gone = new AbortController()
  socket.on('error', () => {})
  socket.once('close', () => gone.abort(new Error('the client has gone')))
  const peer = socket.remoteAddress ?? ''
  try {
    while (await serveOne(socket, reader, peer, gone.signal, answering, conduct));
    socket.end()
    // Closed at once, the connection would be reset by what the client still sends, and our answer lost with it.
    socket.on('data', () => {})
    socket.resume()
    setTimeout(() => socket.destroy(), CLOSE_WAIT).unref()
  } catch {
    socket.destroy()
  }
}

/** Serves one request; resolves with whether another may follow. */
async function serveOne(
  socket: Socket,
  reader: Reader,
  peer: string,
  signal: AbortSignal,
  answering: Answering,
  conduct: Conduct,
): Promise<boolean> {
  let request: Request | undefined
  try {
    request = await readRequest(reader, conduct, peer)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    await sendAnswer(socket, UNREADABLE, refused(error, conduct), () => false, conduct)
    return false
  }
  if (request === undefined) return false
  const asked = request
  const body = bodyOf(reader, request.framing, conduct)
  const persistent = (): boolean => conduct.isPersistent(asked) && body.ended
  const interim = async (head: ResponseHead): Promise<void> => {
    if (!conduct.passesInterim(head, asked)) return
    const { status, reason } = head
    await send(socket, headText(`HTTP/1.1 ${status} ${reason}`, conduct.forwardedInterimFields(head, asked)))
  }
  const answer = await answered(asked, body, interim, signal, answering, conduct)
  try {
    return (await sendAnswer(socket, request, answer, persistent, conduct)) && body.ended
  } catch (error) {
    if (!(error instanceof Failed)) throw error
    return sendAnswer(socket, request, ownAnswer(conduct.failureAnswer(error), conduct), persistent, conduct)
  }
}

async function answered(
  request: Request,
  body: Body,
  interim: Asked['interim'],
  signal: AbortSignal,
  answering: Answering,
  conduct: Conduct,
): Promise<Answer> {
  const own = conduct.ownAnswer(request)
  if (own !== undefined) return ownAnswer(own, conduct)
  try {
    const passed = conduct.buffersRequest(request) ? await gathered(body) : body
    return await answering({ request, body: passed, interim, signal })
  } catch (error) {
    if (error instanceof Refused) return refused(error, conduct)
    if (error instanceof Failed) return ownAnswer(conduct.failureAnswer(error), conduct)
    throw error
  }
}

function refused({ status, message }: Refused, conduct: Conduct): Answer {
  return ownAnswer(conduct.refusal(status, message), conduct)
}

/** What stands in for a request that could not be read. */
const UNREADABLE: Request = {
  method: 'GET',
  target: '/',
  path: '/',
  authority: '',
  version: 'HTTP/1.1',
  fields: [],
  framing: 'none',
  peer: '',
}
