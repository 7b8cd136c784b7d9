import { setTimeout as sleep } from 'node:timers/promises'
import { Blocked, type Experiment, type Observation } from '../conformance/index.ts'
import type { Answer } from './answer.ts'
import { held, type Held } from './held.ts'
import type { Received } from './received.ts'
import { AGED } from './reuse.ts'
import type { Asking, Says } from './visits.ts'

/**
 * How an experiment sees a cache ask the origin about a response that has become stale, and what it makes of the answer.
 */

/** What makes a response fresh until it is aged. */
export const BRIEF = 'Cache-Control: max-age=1'

/** What is told of a cache that asks for stale responses anew: validating them is its own choice. */
export const NOT_VALIDATED: Observation = { saw: 'fetches what is stale anew, without a condition' }

/** How often, and in which steps of milliseconds, it is seen whether something has changed in a store. */
const LOOKS = 8
const LOOK_PAUSE = 40

/** A request in which a cache asks about what it has stored, and the answer that its own client got meanwhile. */
export interface Validation {
  /** The first request that reached the origin after the response was stale. */
  readonly request: Received
  readonly answer: Answer
  readonly held: Held
}

/**
 * Has a response stored that is to be stale soon, and asks for it when it is, in some way; from then on the origin says
 * `then`. Blocks the clause when the origin is not asked.
 */
export async function validation(
  experiment: Experiment,
  first: Says,
  then: Says = first,
  asking: Asking = {},
): Promise<Validation> {
  let says = first
  const stored = await held(experiment, () => says)
  await sleep(AGED, undefined, { signal: experiment.signal })
  // It may have been stale before, where a clock counts whole seconds.
  const before = (await stored.page.requests()).length
  says = then
  const { answer } = await stored.page.ask(asking)
  const requests = await experiment.origin.received(stored.page.nonce, before + 1)
  const request = requests[before]
  if (!request) throw new Blocked(`what was fresh for 1 s is answered from the store ${AGED / 1000} s later`)
  return { request, answer, held: stored }
}

const CONDITIONS = ['if-none-match', 'if-modified-since', 'if-match', 'if-unmodified-since', 'if-range']

/** Whether a request has any condition. */
export function isConditional({ fields }: Received): boolean {
  return fields.some(([name]) => CONDITIONS.includes(name.toLowerCase()))
}

/**
 * Looks at the stored response until it is as wanted, and returns the last answer: a cache may update its store, or ask
 * the origin, behind its client's back.
 */
export async function settled({ page: { ask } }: Held, isWanted: (answer: Answer) => boolean): Promise<Answer> {
  for (let looks = 1; ; looks += 1) {
    const { answer } = await ask()
    if (isWanted(answer) || looks === LOOKS) return answer
    await sleep(LOOK_PAUSE)
  }
}
