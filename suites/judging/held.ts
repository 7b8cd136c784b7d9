import { Blocked, type Experiment } from '../conformance/index.ts'
import type { Answer } from './answer.ts'
import { httpDate } from './head.ts'
import { response, type Reply } from './origin.ts'
import { visits, type Asking, type Says, type Visits } from './visits.ts'

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

/** The one entity tag of an experiment, and a date on which everybody agrees that it is long past. */
export const TAG = '"lab"'
export const MODIFIED = 'Sun, 06 Nov 1994 08:49:37 GMT'
/** The two as validators of a response. */
export const ETAG = `ETag: ${TAG}`
export const LAST_MODIFIED = `Last-Modified: ${MODIFIED}`

/** How often a cache is asked until it reuses a response. */
const TRIES = 5

/** A page of the origin's: 200 with these fields and this content, dated when it is sent. */
export function page(fields: readonly string[], content = 'stored', status = '200 OK'): () => Reply {
  return () => response(status, [`Date: ${httpDate()}`, ...fields], content)
}

/** Has the cache store what the origin says of a page; undefined when it does not answer from its store. */
export async function hold(experiment: Experiment, says: Says, asking: Asking = {}): Promise<Held | undefined> {
  const page = visits(experiment, says)
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

async function askStored(page: Visits, asking: Asking): Promise<Answer | undefined> {
  const before = (await page.requests()).length
  const { answer } = await page.ask(asking)
  return (await page.requests()).length > before ? undefined : answer
}

/** Whether a cache answers this condition, which a stored response meets, with 304 from its store. */
export async function evaluates({ ask }: Held, condition: string): Promise<boolean> {
  return (await ask({ fields: [condition] }))?.head?.status === 304
}
