import { setTimeout as sleep } from 'node:timers/promises'
import { demand, type Experiment, type Observation } from '../conformance/index.ts'
import { describe, type Answer } from './answer.ts'
import { response, type Reply } from './origin.ts'
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

/** How long an answer is waited for where some servers never give one. */
export const SHORT_WAIT = 1500

const RECOVERY_WAIT = 5000
const RECOVERY_PAUSE = 50

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

/** The request as the origin got it; demands that it did, and that its plain response came back. */
export function delivered({ answer, requests }: Relayed, what: string): Received {
  const [request] = requests
  demand(request !== undefined, `${what} was not forwarded: the client got ${describe(answer)}`)
  const isWhole = answer.ending === 'complete' && answer.head?.status === 200
  demand(isWhole, `the response to ${what} came back as ${describe(answer)}`)
  demand(answer.body.toString('latin1') === CONTENT, `the response to ${what} came back with other content`)
  return request
}

/** Throws the lab's own error unless the origin was asked: else an answer shows nothing of what becomes of a response. */
export function requireAsked({ answer, requests }: Relayed): void {
  if (requests.length === 0) throw new Error(`the origin was not asked: the client got ${describe(answer)}`)
}

/** Whether an answer is a whole one that tells of an error of the server's. */
export function isServerError({ ending, head }: Answer): boolean {
  return ending === 'complete' && head !== undefined && head.status >= 500
}

/**
 * What stands in for a response that there is not: `wanted` is the status that the specification has for it. Any other
 * of the class says the same to a client, and so does a connection that is closed; demands one of these.
 */
export function failureShown(answer: Answer, what: string, wanted: number): void | Observation {
  const isClosed = answer.ending === 'cut' && answer.head === undefined
  demand(isServerError(answer) || isClosed, `${what} became ${describe(answer)}`)
  if (isClosed) return { saw: 'closes the connection without an answer' }
  if (answer.head!.status !== wanted) return { saw: `answers ${answer.head!.status} in place of ${wanted}` }
}

/**
 * Does something while the origin cannot be reached, and waits until the intermediary has found it again. No connection
 * between the two is left afterwards. Only for exclusive clauses.
 */
export async function whileDown<T>(experiment: Experiment, during: () => Promise<T>): Promise<T> {
  await experiment.origin.down()
  try {
    return await during()
  } finally {
    await experiment.origin.up()
    const deadline = performance.now() + RECOVERY_WAIT
    while (!isAnswered(await relayed(experiment, plain('Connection: close'))) && performance.now() < deadline)
      await sleep(RECOVERY_PAUSE, undefined, { signal: experiment.signal })
  }
}

const isAnswered = ({ answer, requests }: Relayed): boolean => requests.length > 0 && answer.head?.status === 200
