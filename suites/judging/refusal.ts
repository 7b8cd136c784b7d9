import type { Hop } from '../../topologies/index.ts'
import { demand, Deviation, type Experiment } from '../conformance/index.ts'
import { describe } from './answer.ts'
import { ask, type Exchange } from './probe.ts'
import type { Connection } from './wire.ts'

/**
 * What counts as a request that was not served: the probe was not given it, and the client was told so.
 */

const CLOSE_WAIT = 1500
/** For a close that has come already, but that a busy machine has not looked at yet. */
const LAST_LOOK = 300
/** Milliseconds after which no more inputs are tried when one has broken the rule: who is silent would be so again. */
const ENOUGH = 1200

/** Demands an error of the server's own with one of these statuses, 400 when none is named. */
export function demandRefused(asked: Exchange, what: string, statuses: readonly number[] = [400]): void {
  const { answer, proven, nonce } = asked
  demand(!proven, `${what} reached the application`)
  const wanted = statuses.join(' or ')
  const isWanted = answer.ending === 'complete' && statuses.includes(answer.head!.status)
  // What is told must not differ from run to run.
  demand(isWanted, `${what} got ${describe(answer).replaceAll(nonce, 'NONCE')} instead of ${wanted}`)
}

/** Demands an error of the server's own with one of these statuses, and the end of the connection after it. */
export async function demandRefusedAndClosed(
  experiment: Experiment,
  asked: Exchange,
  what: string,
  statuses: readonly number[] = [400],
): Promise<void> {
  demandRefused(asked, what, statuses)
  await demandClosed(experiment, asked, what)
}

/** Demands that the server has ended the connection: it answers no request after this one. */
export async function demandClosed(experiment: Experiment, asked: Exchange, what: string): Promise<void> {
  const { answer, connection } = asked
  if (answer.ending === 'complete') {
    // Told at once where the connection is used on, and only where nothing comes at all after a wait.
    const next = await ask(experiment, { do: 'environ' }, { wait: CLOSE_WAIT }, connection)
    demand(next.answer.head === undefined, `${what} got ${describe(answer)}, and the next request was answered`)
  }
  const closing = await connection.closing(LAST_LOOK)
  demand(closing !== 'open', `${what} got ${describe(answer)}, and the connection was left open`)
}

/**
 * Whether the request was not served, in whatever way: by an error that is not the application's, or by a connection
 * that was closed without an answer. For rules that say "reject" and name no status.
 */
export function isTurnedAway({ answer, proven }: Exchange): boolean {
  if (proven) return false
  return answer.ending === 'complete'
    ? answer.head!.status >= 400
    : answer.ending === 'cut' && answer.head === undefined
}

/**
 * Tries every input, by its name, and throws one `Deviation` that tells of all that broke the rule; inputs of which the
 * same is to be said, beside their names, are told of together. What an input opens is closed before the next: a server
 * with few workers must not be found silent because of the input before.
 */
export async function demandEach<T>(
  experiment: Experiment,
  inputs: Readonly<Record<string, T>>,
  check: (experiment: Experiment, input: T, what: string) => Promise<void>,
): Promise<void> {
  const attempt = async (what: string): Promise<string | undefined> => {
    const opened: Connection[] = []
    const connect = async (hop?: Hop): Promise<Connection> => {
      const connection = await experiment.connect(hop)
      opened.push(connection)
      return connection
    }
    try {
      await check(Object.create(experiment, { connect: { value: connect } }) as Experiment, inputs[what]!, what)
      return undefined
    } catch (error) {
      if (!(error instanceof Deviation)) throw error
      return error.message
    } finally {
      for (const connection of opened) connection[Symbol.dispose]()
    }
  }

  const broken = new Map<string, string[]>()
  const began = performance.now()
  const isLate = (): boolean => performance.now() - began > ENOUGH
  for (const what of Object.keys(inputs)) {
    const said = (await attempt(what))?.replace(what, '\0')
    if (said !== undefined) broken.set(said, [...(broken.get(said) ?? []), what])
    if (broken.size > 0 && isLate()) break
  }
  const all = [...broken]
  // Once more, so that the evidence, which is the last conversations, ends with one that broke the rule.
  if (all.length > 0 && !isLate()) await attempt(all[0]![1][0]!)
  demand(all.length === 0, all.map(([said, whats]) => said.replace('\0', () => whats.join(', '))).join('; '))
}
