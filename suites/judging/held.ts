import { setTimeout as sleep } from 'node:timers/promises'
import { Blocked, demand, type Experiment, type Observation } from '../conformance/index.ts'
import { describe, type Answer } from './answer.ts'
import { values } from './head.ts'
import { response, type Reply } from './origin.ts'
import type { Received } from './received.ts'
import { demandEach } from './refusal.ts'
import { AGED } from './reuse.ts'
import { visits, type Asking, type Visits } from './stored.ts'

/**
 * A response that a cache was seen to answer from its store: what experiments about conditions, ranges, validation and
 * invalidation begin with.
 */

/** A response that is in the store. */
export interface Held {
  /** The answer that came from the store. */
  readonly answer: Answer
  readonly page: Visits
  /** Asks for it in another way; undefined when the cache asked the origin, as it always may. */
  ask(asking: Asking): Promise<Answer | undefined>
}

/** What the origin says to a request. What it says to HEAD is cut after the head. */
export type Says = (received: Received) => Reply

/** The one entity tag of an experiment, and a date on which everybody agrees that it is long past. */
export const TAG = '"lab"'
export const MODIFIED = 'Sun, 06 Nov 1994 08:49:37 GMT'
/** What makes a response fresh for longer than any experiment takes, and only until it is aged. */
export const FRESH = 'Cache-Control: max-age=3600'
export const BRIEF = 'Cache-Control: max-age=1'

/** How often a cache is asked until it reuses a response. */
const TRIES = 5
/** How often, and in which steps of milliseconds, it is seen whether something has changed in a store. */
const LOOKS = 8
const LOOK_PAUSE = 40

/** Has the cache store what the origin says of a page; undefined when it does not answer from its store. */
export async function hold(experiment: Experiment, says: Says, asking: Asking = {}): Promise<Held | undefined> {
  const page = visits(experiment, { fields: [] }, (_, received) => saying(says, received))
  await page.ask(asking)
  for (let fetched = 1; fetched <= TRIES; fetched += 1) {
    const { answer } = await page.ask(asking)
    if ((await page.requests()).length > fetched) continue
    return { answer, page, ask: (other) => askStored(page, other) }
  }
  return undefined
}

/** Like `hold`; what cannot be stored blocks the clause. */
export async function held(experiment: Experiment, says: Says, asking?: Asking): Promise<Held> {
  const found = await hold(experiment, says, asking)
  if (!found) throw new Blocked('the response with which the experiment begins is not answered from the store')
  return found
}

function saying(says: Says, received: Received): Reply {
  const reply = says(received)
  return received.method === 'HEAD' ? { steps: reply.steps.slice(0, 1) } : reply
}

async function askStored(page: Visits, asking: Asking): Promise<Answer | undefined> {
  const before = (await page.requests()).length
  const { answer } = await page.ask(asking)
  return (await page.requests()).length > before ? undefined : answer
}

/** A page of the origin's: 200 with these fields and this content, dated when it is sent. */
export function page(fields: readonly string[], content = 'stored', status = '200 OK'): () => Reply {
  return () => response(status, [`Date: ${new Date().toUTCString()}`, ...fields], content)
}

/** What is told of a cache that does not evaluate conditions: then there is nothing to get wrong. */
export const NOT_EVALUATED: Observation = { saw: 'leaves conditions to the origin, or ignores them' }

/** Whether a cache answers this condition, which a stored response meets, with 304 from its store. */
export async function evaluates({ ask }: Held, condition: string): Promise<boolean> {
  return (await ask({ fields: [condition] }))?.head?.status === 304
}

/** Demands this status of the stored response for a request with these fields, unless the origin was asked. */
export async function demandStatus(
  { ask, answer }: Held,
  fields: readonly string[],
  status: number,
  what: string,
): Promise<void> {
  const got = await ask({ fields })
  if (got === undefined) return
  demand(got.ending === 'complete' && got.head?.status === status, `${what} got ${describe(got)} instead of ${status}`)
  demand(status === 304 || got.body.equals(answer.body), `${what} got ${status} with a body that is not the stored one`)
}

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
  const stored = await held(experiment, (received) => says(received))
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

/** What is told of a cache that asks for stale responses anew: validating them is its own choice. */
export const NOT_VALIDATED: Observation = { saw: 'fetches what is stale anew, without a condition' }

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

/** The values of a field in an answer. */
export function field({ head }: Answer, name: string): readonly string[] {
  return head === undefined ? [] : values(head, name)
}

/** Tries every input like `demandEach`, but all at a time: each has a page of its own, and most of it is waiting. */
export async function demandAtOnce<T>(
  experiment: Experiment,
  inputs: Readonly<Record<string, T>>,
  check: (experiment: Experiment, input: T, what: string) => Promise<void>,
): Promise<void> {
  const tried = new Map(Object.entries(inputs).map(([what, input]) => [what, check(experiment, input, what)]))
  await Promise.allSettled(tried.values())
  await demandEach(experiment, inputs, async (own, input, what) => {
    const first = tried.get(what)
    tried.delete(what)
    await (first ?? check(own, input, what))
  })
}
