import { setTimeout as sleep } from 'node:timers/promises'
import type { Hop } from '../../topologies/index.ts'
import type { Experiment } from '../conformance/index.ts'
import { describe, type Answer } from './answer.ts'
import { values } from './head.ts'
import { response, type Reply } from './origin.ts'
import type { Received } from './received.ts'
import { through, type Passage, type Sent } from './through.ts'

/**
 * How an experiment sees what a cache stores: every answer of the origin has a number of its own, so that one that comes
 * again came from the store.
 */

/** The clause without which nothing can be learned about what is stored: the plainest fresh response is. */
export const PLAIN_STORED = 'caching-basics/cache.stores'

/** What makes a response fresh for longer than any experiment takes. */
export const FRESH = 'Cache-Control: max-age=60'

/**
 * How long is waited after an answer, in milliseconds, so that a cache that stores it has done so: some do when the client
 * has it already. Where it does not come again it is asked for once more after each of the others.
 */
const STORING = 20
const STORING_LATE = [50, 150]

/** For rules of caches. */
export const atCache = ({ role }: Hop): boolean => role === 'cache'

/** What the origin says of a page. */
export interface Page {
  /** `200 OK` when absent. */
  readonly status?: string
  /** Field lines, without line ends. */
  readonly fields: readonly string[]
}

/** A request for a page: how it differs from a plain GET. */
export interface Asking extends Omit<Sent, 'target'> {
  /** What stands after the nonce in its path: `?a=1`. */
  readonly suffix?: string
  /** The host in its target, which is in absolute form then. */
  readonly authority?: string
}

/** An answer that a client got, and the number of the origin's answer that it is. */
export interface Asked extends Passage {
  /** Counted from 1; undefined when it is none of the origin's. */
  readonly number: number | undefined
}

/** What a client sends and gets through a cache, for one page of the origin's. */
export interface Visits {
  readonly nonce: string
  /** Asks on a new connection, and gives the cache time to store the answer. */
  ask(asking?: Asking): Promise<Asked>
  /** Asks until the answer with this number comes again, or is not going to; the last answer. */
  again(number: number | undefined, asking?: Asking): Promise<Asked>
  /** The requests that the origin got. */
  requests(): Promise<readonly Received[]>
}

/** The content of the origin's answer with this number. */
export const content = (number: number): string => `answer ${number}`

/** The origin's answer with this number: its content and a field tell it, so that one without content can be told too. */
export function answer(number: number, { status = '200 OK', fields }: Page, method = 'GET'): Reply {
  const reply = response(status, [...fields, `X-Answer: ${number}`], content(number))
  return method === 'HEAD' || /^(1|204|304)/.test(status) ? { steps: reply.steps.slice(0, 1) } : reply
}

/** A page that the origin answers anew each time it is asked, or as `reply` has it. */
export function visits(
  experiment: Experiment,
  page: Page,
  reply: (number: number, received: Received) => Reply = (number, { method }) => answer(number, page, method),
): Visits {
  const nonce = experiment.nonce()
  let count = 0
  experiment.origin.script(nonce, (received) => reply((count += 1), received))
  const pause = (milliseconds: number): Promise<void> => sleep(milliseconds, undefined, { signal: experiment.signal })

  async function ask({ suffix = '', authority, ...sent }: Asking = {}): Promise<Asked> {
    const target = `${authority === undefined ? '' : `http://${authority}`}/${nonce}${suffix}`
    const passage = await through(experiment, nonce, { ...sent, target })
    await pause(STORING)
    // Servers have few connections, and experiments many questions.
    passage.connection[Symbol.dispose]()
    return { ...passage, number: numberOf(passage.answer) }
  }

  return {
    nonce,
    ask,
    async again(number, asking) {
      let asked = await ask(asking)
      for (const late of STORING_LATE) {
        if (number === undefined || asked.number === number) break
        await pause(late)
        asked = await ask(asking)
      }
      return asked
    },
    requests: () => experiment.origin.received(nonce),
  }
}

function numberOf({ head, body }: Answer): number | undefined {
  const told = /^answer (\d+)/.exec(body.toString('latin1'))?.[1] ?? (head && values(head, 'x-answer')[0])
  return told === undefined ? undefined : Number(told)
}

/** Asks for a page twice, in two ways, and tells whether the second answer was the first one again. */
export async function isReused(
  experiment: Experiment,
  page: Page,
  first: Asking = {},
  second: Asking = first,
): Promise<boolean> {
  const { ask, again } = visits(experiment, page)
  const { number, answer: got } = await ask(first)
  if (number !== 1) throw new Error(`the first answer was not the origin's: ${describe(got)}`)
  return (await again(number, second)).number === number
}

/** Inputs that are named as they are. */
export const byName = (names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [name, name]))
