import { setTimeout as sleep } from 'node:timers/promises'
import { demand, type Experiment } from '../conformance/index.ts'
import { demandAll } from './inputs.ts'
import { requireFirst, STORED, visits, type Asked, type Asking, type Says } from './visits.ts'

/**
 * How an experiment sees whether a cache takes a stored response for fresh: it asks again after a while, and looks at
 * which of the origin's answers comes back and at whether the origin was asked.
 */

/** Until a lifetime of one second is over: where a clock counts whole seconds, it may last for almost two. */
export const AGED = 2100
/** How long a request of the cache's own, behind its client's back, is waited for. */
export const BACKGROUND_WAIT = 800

/** What a cache did when it was asked for a response again. */
export interface Revisit extends Asked {
  /** Whether the client was given the stored response. */
  readonly reused: boolean
  /** Whether the origin was asked a second time, behind the client's back maybe. */
  validated(): Promise<boolean>
}

/** How the second request differs from the first. */
export interface Later {
  /** Milliseconds after the first answer; `STORED` when absent. */
  readonly pause?: number
  readonly asking?: Asking
  /** What the origin says the second time; the same when absent. */
  readonly next?: Says
}

/** Asks for a response, and for the same again after a pause. */
export async function revisit(experiment: Experiment, first: Says, later: Later = {}): Promise<Revisit> {
  const { pause = STORED, asking, next = first } = later
  const { nonce, ask } = visits(experiment, first, next)
  requireFirst(await ask())
  await sleep(pause, undefined, { signal: experiment.signal })
  const asked = await ask(asking)
  const reused = asked.number === 1
  return {
    ...asked,
    reused,
    validated: async () => !reused || (await experiment.origin.received(nonce, 2, BACKGROUND_WAIT)).length > 1,
  }
}

/** Asks for a response twice, in two ways, and tells whether the second client was given what the first one was. */
export async function isReused(
  experiment: Experiment,
  says: Says,
  first: Asking = {},
  second: Asking = first,
): Promise<boolean> {
  const { ask, again } = visits(experiment, says)
  requireFirst(await ask(first))
  return (await again(1, second)).number === 1
}

/** Like `isReused`, where a server may refuse to pass on such a request or response at all. */
export async function isReusedIfAny(
  experiment: Experiment,
  says: Says,
  first: Asking = {},
  second: Asking = first,
): Promise<boolean> {
  const { ask, again } = visits(experiment, says)
  const { number } = await ask(first)
  return number !== undefined && (await again(number, second)).number === number
}

/** Responses by what tells them from one another, in the words of a report. */
export type Responses = Readonly<Record<string, readonly string[]>>

/** Responses told apart by nothing but their Cache-Control field. */
export function cacheControl(...directives: readonly string[]): Responses {
  return Object.fromEntries(directives.map((each) => [`"${each}"`, [`Cache-Control: ${each}`]]))
}

/** Demands that none of these responses counts as fresh any more when so much time has passed. */
export async function demandStale(experiment: Experiment, responses: Responses, pause = STORED): Promise<void> {
  const when = pause === STORED ? 'at once' : `${pause / 1000} s later`
  await demandAll(experiment, responses, async (own, fields, name) => {
    const { validated } = await revisit(own, fields, { pause })
    demand(await validated(), `reused ${when} without asking the origin: a response with ${name}`)
  })
}

/** Demands that each of these responses is reused, as one of a plain max-age is. */
export async function demandFresh(experiment: Experiment, responses: Responses, pause = STORED): Promise<void> {
  await demandAll(experiment, responses, async (own, fields, name) => {
    const { reused, validated } = await revisit(own, fields, { pause })
    demand(reused && !(await validated()), `not reused, though a plain max-age=60 is: a response with ${name}`)
  })
}
