import { setTimeout as sleep } from 'node:timers/promises'
import { Blocked, demand, Deviation, type Experiment } from '../conformance/index.ts'
import { describe, type Answer } from './answer.ts'
import { values } from './head.ts'
import type { Reply, Step } from './origin.ts'
import { answer, visits, type Asked, type Asking, type Visits } from './stored.ts'

/**
 * How an experiment sees whether a cache takes a stored response for fresh: it asks again after a while, and looks at
 * which of the origin's answers comes back and at whether the origin was asked.
 */

/** For a cache to have stored what its client has already. */
export const STORED = 20
/** Until a lifetime of one second is over: where a clock counts whole seconds, it may last for almost two. */
export const AGED = 2100
/** How long a request of the cache's own, behind its client's back, is waited for. */
export const BACKGROUND_WAIT = 400

/** What the origin answers: these fields, with what else there is to it, or a reply that is made already. */
export type Version = readonly string[] | Made | Reply

interface Made {
  readonly fields: readonly string[]
  /** `200 OK` when absent. */
  readonly status?: string
  /** What the origin waits for first. */
  readonly after?: Exclude<Step, string | Buffer>
}

/** A page of the origin's that it answers with these versions: with the last of them each time that is left. */
export function versions(experiment: Experiment, ...all: readonly Version[]): Visits {
  return visits(experiment, { fields: [] }, (number) => {
    const version = all[Math.min(number, all.length) - 1]!
    if ('steps' in version) return version
    const made: Made = 'fields' in version ? version : { fields: version }
    const { steps } = answer(number, made)
    return { steps: made.after === undefined ? steps : [made.after, ...steps] }
  })
}

/** What a cache did when it was asked for a response again. */
export interface Again extends Asked {
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
  readonly next?: Version
}

/** Asks for a response with these fields, and for the same again after a pause. */
export async function again(experiment: Experiment, first: Version, later: Later = {}): Promise<Again> {
  const { pause = STORED, asking, next = first } = later
  const { nonce, ask } = versions(experiment, first, next)
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

/** Throws the lab's own error unless this is the origin's first answer. */
export function requireFirst({ answer, number }: Asked): void {
  if (number !== 1 || answer.ending !== 'complete')
    throw new Error(`the first answer was not the origin's: ${describe(answer)}`)
}

/** What any experiment about a cache's memory is built upon: it reuses what is plainly fresh. */
export async function requireCaching(experiment: Experiment): Promise<void> {
  const { reused } = await again(experiment, ['Cache-Control: max-age=60'])
  if (!reused) throw new Blocked('not even a response with "Cache-Control: max-age=60" is reused')
}

/** Responses by what tells them from one another, in the words of a report. */
export type Responses = Readonly<Record<string, readonly string[]>>

/** Responses told apart by nothing but their Cache-Control field. */
export function cacheControl(...directives: readonly string[]): Responses {
  return Object.fromEntries(directives.map((each) => [`"${each}"`, [`Cache-Control: ${each}`]]))
}

/** Demands that none of these responses counts as fresh any more when so much time has passed. */
export async function demandStale(experiment: Experiment, responses: Responses, pause = STORED): Promise<void> {
  await requireCaching(experiment)
  const when = pause === STORED ? 'at once' : `${pause / 1000} s later`
  await demandAll(responses, async (fields, name) => {
    const { validated } = await again(experiment, fields, { pause })
    demand(await validated(), `reused ${when} without asking the origin: a response with ${name}`)
  })
}

/** Demands that each of these responses is reused, as one of a plain max-age is. */
export async function demandFresh(experiment: Experiment, responses: Responses, pause = STORED): Promise<void> {
  await requireCaching(experiment)
  await demandAll(responses, async (fields, name) => {
    const { reused, validated } = await again(experiment, fields, { pause })
    demand(reused && !(await validated()), `not reused, though a plain max-age=60 is: a response with ${name}`)
  })
}

/**
 * Tries all inputs at a time, by their names, which end what is said of them. One `Deviation` tells of all that broke the
 * rule; the first of them is tried once more at the end, because the last conversations are the evidence.
 */
export async function demandAll<T>(
  inputs: Readonly<Record<string, T>>,
  check: (input: T, name: string) => Promise<void>,
): Promise<void> {
  const tried = Object.entries(inputs).map(async ([name, input]) => ({
    name,
    said: await brokenBy(check, input, name),
  }))
  const broken = (await Promise.all(tried)).filter(({ said }) => said !== undefined)
  const first = broken[0]
  if (!first) return
  await brokenBy(check, inputs[first.name]!, first.name)
  const told = Map.groupBy(broken, ({ name, said }) => said!.slice(0, said!.length - name.length))
  throw new Deviation([...told].map(([said, all]) => said + all.map(({ name }) => name).join(', ')).join('; '))
}

async function brokenBy<T>(
  check: (input: T, name: string) => Promise<void>,
  input: T,
  name: string,
): Promise<string | undefined> {
  try {
    await check(input, name)
    return undefined
  } catch (error) {
    if (error instanceof Deviation) return error.message
    throw error
  }
}

/** The values of Age in an answer. */
export function ages({ head }: Answer): readonly string[] {
  return head === undefined ? [] : values(head, 'age')
}

/** A date so many seconds from now, as fields have it. */
export function date(seconds = 0): string {
  return new Date(Date.now() + seconds * 1000).toUTCString()
}
