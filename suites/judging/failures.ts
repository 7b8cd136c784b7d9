import { setTimeout as sleep } from 'node:timers/promises'
import { demand, type Experiment, type Observation } from '../conformance/index.ts'
import { describe, type Answer } from './answer.ts'
import { plain, relayed, type Relayed } from './relay.ts'

/**
 * How an experiment has the origin be down, and what an intermediary may say where there is no response to pass on.
 */

const RECOVERY_WAIT = 5000
const RECOVERY_PAUSE = 50

/** Whether an answer is a whole one that tells of an error of the server's. */
export function isServerError({ ending, head }: Answer): boolean {
  return ending === 'complete' && head !== undefined && head.status >= 500
}

/** Whether the client got no answer but the end of its connection. */
export function isClosed({ ending, head }: Answer): boolean {
  return ending === 'cut' && head === undefined
}

/**
 * What stands in for a response that there is not: `wanted` is the status that the specification has for it. Any other
 * of the class says the same to a client, and so does a connection that is closed; demands one of these.
 */
export function failureShown(answer: Answer, what: string, wanted: number): void | Observation {
  demand(isServerError(answer) || isClosed(answer), `${what} became ${describe(answer)}`)
  if (isClosed(answer)) return { saw: 'closes the connection without an answer' }
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
