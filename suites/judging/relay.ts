import { demand, type Experiment } from '../conformance/index.ts'
import { describe, type Answer } from './answer.ts'
import { response, type Reply, type Step } from './origin.ts'
import type { Received } from './received.ts'
import { through, type Sent } from './through.ts'
import type { Connection } from './wire.ts'

/**
 * How an experiment looks at both sides of an intermediary: what the origin was sent of a request, and what the client was
 * sent of the response.
 */

/** One exchange, as either end saw it. */
export interface Relayed {
  readonly connection: Connection
  readonly answer: Answer
  /** What reached the origin: nothing when the intermediary answered itself, more than one when it asked again. */
  readonly requests: readonly Received[]
}

/** The content of a plain response. */
export const CONTENT = 'from the origin'

/** The begin of a response that nobody stores, after which the connection is kept, and of one after which it is not. */
export const HEAD = 'HTTP/1.1 200 OK\r\nCache-Control: no-store\r\n'
export const LAST_HEAD = `${HEAD}Connection: close\r\n`

/** How long an answer is waited for where some servers never give one. */
export const SHORT_WAIT = 1500

/** A response that nobody stores, with these fields. */
export function plain(...fields: readonly string[]): Reply {
  return response('200 OK', ['Cache-Control: no-store', ...fields], CONTENT)
}

/** Sends a request of its own through the intermediary, to an origin that answers it so. */
export async function relayed(
  experiment: Experiment,
  reply: Reply | ((received: Received) => Reply) = plain(),
  sent: Sent | ((nonce: string) => Sent) = {},
  connection?: Connection,
): Promise<Relayed> {
  const nonce = experiment.nonce()
  experiment.origin.script(nonce, reply)
  const asked = typeof sent === 'function' ? sent(nonce) : sent
  const { connection: on, answer } = await through(experiment, nonce, asked, connection)
  return { connection: on, answer, requests: await experiment.origin.received(nonce) }
}

/** Sends a request to an origin that takes these steps, and requires that it was asked. */
export async function answered(experiment: Experiment, steps: readonly Step[], sent: Sent = {}): Promise<Relayed> {
  const passage = await relayed(experiment, { steps }, sent)
  requireAsked(passage)
  return passage
}

/** The request as the origin got it; demands that it did, and that its plain response came back. */
export function delivered({ answer, requests }: Relayed, what: string): Received {
  const [request] = requests
  demand(request !== undefined, `${what} was not forwarded: the client got ${describe(answer)}`)
  const isWhole = answer.ending === 'complete' && answer.head?.status === 200
  demand(isWhole, `the response to ${what} came back as ${describe(answer)}`)
  demand(answer.body.toString('latin1') === CONTENT, `the response to ${what} came back with other content`)
  return request
}

/**
 * The first request that the origin got; throws the lab's own error when there is none: else an answer shows nothing of
 * what becomes of a response.
 */
export function requireAsked({ answer, requests }: Pick<Relayed, 'answer' | 'requests'>): Received {
  const [request] = requests
  if (request === undefined) throw new Error(`the origin was not asked: the client got ${describe(answer)}`)
  return request
}
