import { setTimeout as sleep } from 'node:timers/promises'
import type { Hop } from '../../topologies/index.ts'
import type { Experiment } from '../conformance/index.ts'
import { describe, gotValues, type Answer } from './answer.ts'
import { response, type Reply, type Step } from './origin.ts'
import type { Received } from './received.ts'
import { through, type Passage, type Sent } from './through.ts'

/**
 * How an experiment sees what a cache stores: it asks for a page of which every answer of the origin has a number of its
 * own, so that one that comes again came from the store.
 */

/** The clause without which nothing can be learned about what is stored: the plainest fresh response is. */
export const PLAIN_STORED = 'caching-basics/cache.stores'

/** For rules of caches. */
export const atCache = ({ role }: Hop): boolean => role === 'cache'

/** What makes a response fresh for longer than any experiment takes. */
export const FRESH = 'Cache-Control: max-age=60'

/**
 * How long is waited after an answer, in milliseconds, so that a cache that stores it has done so: some do when the client
 * has it already.
 */
export const STORED = 20
/** Where an answer does not come again, it is asked for once more after each of these. */
const STORED_LATE = [50, 150]

/** An answer of the origin's to which its number is added. */
export interface Page {
  /** `200 OK` when absent. */
  readonly status?: string
  /** Field lines, without line ends. */
  readonly fields: readonly string[]
  /** What the origin waits for first. */
  readonly after?: Exclude<Step, string | Buffer>
}

/**
 * What the origin says: the fields of a page, a page, a reply as it stands, or any of these by what it received and how
 * many requests that makes. An answer to HEAD is cut after its head.
 */
export type Says = readonly string[] | Page | Reply | ((received: Received, number: number) => Says)

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

/** A page of which the origin says this: one after another, and the last of them each time that is left. */
export function visits(experiment: Experiment, ...all: readonly [Says, ...Says[]]): Visits {
  const nonce = experiment.nonce()
  let count = 0
  experiment.origin.script(nonce, (received) => {
    count += 1
    return replyTo(received, count, all[Math.min(count, all.length) - 1]!)
  })
  const pause = (milliseconds: number): Promise<void> => sleep(milliseconds, undefined, { signal: experiment.signal })

  async function ask({ suffix = '', authority, ...sent }: Asking = {}): Promise<Asked> {
    const target = `${authority === undefined ? '' : `http://${authority}`}/${nonce}${suffix}`
    const passage = await through(experiment, nonce, { ...sent, target })
    await pause(STORED)
    // Servers have few connections, and experiments many questions.
    passage.connection[Symbol.dispose]()
    return { ...passage, number: numberOf(passage.answer) }
  }

  return {
    nonce,
    ask,
    async again(number, asking) {
      let asked = await ask(asking)
      for (const late of STORED_LATE) {
        if (number === undefined || asked.number === number) break
        await pause(late)
        asked = await ask(asking)
      }
      return asked
    },
    requests: () => experiment.origin.received(nonce),
  }
}

function replyTo(received: Received, number: number, says: Says): Reply {
  if (typeof says === 'function') return replyTo(received, number, says(received, number))
  const reply = 'steps' in says ? says : numbered(number, 'fields' in says ? says : { fields: says })
  if (received.method !== 'HEAD') return reply
  const head = reply.steps.findIndex((step) => typeof step === 'string')
  return head === -1 ? reply : { ...reply, steps: reply.steps.slice(0, head + 1) }
}

/** The number is told in the content and in a field, so that an answer without content can be told too. */
function numbered(number: number, { status = '200 OK', fields, after }: Page): Reply {
  const hasContent = !/^(1|204|304)/.test(status)
  const { steps } = response(status, [...fields, `X-Answer: ${number}`], hasContent ? content(number) : '')
  return { steps: after === undefined ? steps : [after, ...steps] }
}

function numberOf(answer: Answer): number | undefined {
  const told = /^answer (\d+)/.exec(answer.body.toString('latin1'))?.[1] ?? gotValues(answer, 'X-Answer')[0]
  return told === undefined ? undefined : Number(told)
}

/** Throws the lab's own error unless this is the origin's first answer. */
export function requireFirst({ answer, number }: Asked): void {
  if (number !== 1 || answer.ending !== 'complete')
    throw new Error(`the first answer was not the origin's: ${describe(answer)}`)
}
