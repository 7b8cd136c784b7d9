import type { Hop } from '../../topologies/index.ts'
import { demand, Deviation, type Experiment } from '../conformance/index.ts'
import type { Connection } from './wire.ts'

/**
 * How an experiment tries many inputs. One `Deviation` tells of all that broke the rule; those of which the same is to be
 * said, beside their names, are told of together. What an input opens is closed when it has been tried.
 */

/** What is looked at with each input; `what` is its name. */
type Check<T> = (experiment: Experiment, input: T, what: string) => Promise<void>

/** An input and what is to be said of it: nothing when it kept the rule. */
interface Tried<T> {
  readonly what: string
  readonly input: T
  readonly said: string | undefined
}

/** Milliseconds after which nothing is tried once more: who was silent would be so again. */
const ENOUGH = 5000

/** Tries all inputs at a time: where each has a page of its own, and most of the time is waiting. */
export async function demandAll<T>(
  experiment: Experiment,
  inputs: Readonly<Record<string, T>>,
  check: Check<T>,
): Promise<void> {
  const began = performance.now()
  const tried = Object.entries(inputs).map(([what, input]) => attempt(experiment, check, input, what))
  // When one breaks the experiment, none of the others may go on while it is repeated.
  await Promise.allSettled(tried)
  await demandKept(experiment, await Promise.all(tried), check, began)
}

/** Tries one input after another: where each must find the server as the others did. */
export async function demandInTurn<T>(
  experiment: Experiment,
  inputs: Readonly<Record<string, T>>,
  check: Check<T>,
): Promise<void> {
  const began = performance.now()
  const tried: Tried<T>[] = []
  for (const [what, input] of Object.entries(inputs)) tried.push(await attempt(experiment, check, input, what))
  await demandKept(experiment, tried, check, began)
}

async function attempt<T>(experiment: Experiment, check: Check<T>, input: T, what: string): Promise<Tried<T>> {
  const opened: Connection[] = []
  const connect = async (hop?: Hop): Promise<Connection> => {
    const connection = await experiment.connect(hop)
    opened.push(connection)
    return connection
  }
  try {
    await check(Object.create(experiment, { connect: { value: connect } }) as Experiment, input, what)
    return { what, input, said: undefined }
  } catch (error) {
    if (!(error instanceof Deviation)) throw error
    return { what, input, said: error.message }
  } finally {
    for (const connection of opened) connection[Symbol.dispose]()
  }
}

async function demandKept<T>(
  experiment: Experiment,
  tried: readonly Tried<T>[],
  check: Check<T>,
  began: number,
): Promise<void> {
  const broken = tried.filter(({ said }) => said !== undefined)
  const [first] = broken
  if (!first) return
  // Once more, so that the evidence, which is the last conversations, ends with one that broke the rule.
  if (performance.now() - began < ENOUGH) await attempt(experiment, check, first.input, first.what).catch(() => {})
  const told = Map.groupBy(broken, ({ what, said }) => said!.replace(what, '\0'))
  const all = [...told].map(([said, which]) => said.replace('\0', () => which.map(({ what }) => what).join(', ')))
  demand(false, all.join('; '))
}

/** Inputs that are named as they are. */
export const byName = (names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [name, name]))

/** Those of some inputs for which something holds, all tried at a time. */
export async function those<T>(inputs: readonly T[], holds: (input: T) => Promise<boolean>): Promise<readonly T[]> {
  const held = await Promise.all(inputs.map(holds))
  return inputs.filter((_, index) => held[index])
}

/** Names, or the word for none. */
export const listed = (names: readonly string[]): string => names.join(', ') || 'none'
