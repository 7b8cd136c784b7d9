import type { Run, Slo } from '../../reports/run.ts'
import type { Topology } from '../../topologies/index.ts'
import { EXIT } from '../../topologies/runtimes/lab-error.ts'
import type { ApplicationWords } from '../application/index.ts'
import { usageError } from '../choices.ts'
import { bridged } from '../measurable.ts'
import { chosenTopologies, runtimeChoice, type ServerWords } from '../options.ts'
import type { RuntimeChoice } from '../runtime.ts'

/** Options of `capacity`, as commander gives them. */
export interface CapacityWords extends ApplicationWords, ServerWords {
  readonly slo: Slo
  readonly topology: readonly string[]
  readonly repeats: number
  readonly seed?: number
  readonly out?: string
  readonly json?: boolean
}

/** What is searched, checked against the catalogues. */
export interface CapacityOptions {
  readonly topologies: readonly Topology[]
  readonly runtime: RuntimeChoice
  readonly workers: number
  readonly threads: number
  readonly cpus: number | undefined
  readonly repeats: number
  readonly seed: number
  readonly json: boolean
}

/** Shares of the objective's own limit at which the critical rate is made: 10, 25, 50, 75 and 100 ms of 100 ms (SPECjbb2015). */
const SHARES = [0.1, 0.25, 0.5, 0.75, 1]

/** Reads the words; what is wrong with them is a usage error. */
export async function capacityOptions(words: CapacityWords): Promise<CapacityOptions> {
  const runtime = runtimeChoice(words)
  if (runtime.runtimes.length > 1) throw usageError('Capacity is searched on one runtime.', 'Name one --runtime.')
  if (words.network === 'bridge') throw bridged('A search for capacity', EXIT.usage)
  const { workers, threads, cpus, repeats } = words
  return {
    ...{ topologies: await chosenTopologies(words.topology, words.server), runtime, workers, threads, cpus, repeats },
    seed: words.seed ?? Math.floor(Math.random() * 2 ** 31),
    json: words.json ?? false,
  }
}

/** What is searched for: the objective, and tighter limits of its highest percentile. */
export function soughtOf(slo: Slo): NonNullable<Run['capacity']> {
  const { milliseconds } = slo.limits.at(-1)!
  return { slo, limits: SHARES.map((share) => Number((share * milliseconds).toPrecision(6))) }
}
