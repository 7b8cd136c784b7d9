import type { Topology } from '../../topologies/index.ts'
import { EXIT } from '../../topologies/runtimes/lab-error.ts'
import type { ApplicationWords } from '../application/index.ts'
import { usageError } from '../choices.ts'
import { bridged } from '../measurable.ts'
import { chosenTopologies, runtimeChoice, type RuntimeWords, type ServerWords } from '../options.ts'
import type { RuntimeChoice } from '../runtime.ts'
import type { DemandWords } from './demand.ts'

/** Options of `plan`, as commander gives them. */
export interface PlanWords extends ApplicationWords, DemandWords, Omit<RuntimeWords, 'memory'> {
  readonly server: ServerWords['server']
  readonly workers: number
  readonly threads: number
  readonly cpus?: number
  readonly topology: readonly string[]
  readonly rounds?: number
  readonly seconds?: number
  readonly seed?: number
  readonly from?: string
  readonly out?: string
  readonly json?: boolean
}

/** What is measured for a plan, checked against the catalogues. */
export interface PlanOptions {
  readonly topologies: readonly Topology[]
  readonly runtime: RuntimeChoice
  readonly workers: number
  readonly threads: number
  readonly cpus: number | undefined
  /** Every load is measured once in each; chosen by how long an answer takes when absent. */
  readonly rounds: number | undefined
  /** Length of each closed loop's window; chosen likewise when absent. */
  readonly seconds: number | undefined
  readonly seed: number
  readonly json: boolean
}

/** Reads the words about measuring; what is wrong with them is a usage error. */
export async function planOptions(words: PlanWords): Promise<PlanOptions> {
  const { memory: _, ...ofRuntime } = words
  const runtime = runtimeChoice(ofRuntime)
  if (runtime.runtimes.length > 1) throw usageError('A plan is made on one runtime.', 'Name one --runtime.')
  if (words.network === 'bridge') throw bridged('A plan', EXIT.usage)
  const topologies = await chosenTopologies(words.topology, words.server)
  if (words.hitRatio !== undefined && !topologies.some(hasCache))
    throw usageError(
      '--hit-ratio is about a cache, and none of these topologies has one.',
      'Add --topology three-tier.',
    )
  const { workers, threads, cpus, rounds, seconds } = words
  return {
    ...{ topologies, runtime, workers, threads, cpus, rounds, seconds },
    seed: words.seed ?? Math.floor(Math.random() * 2 ** 31),
    json: words.json ?? false,
  }
}

const hasCache = ({ tiers }: Topology): boolean => tiers.some(({ server }) => server.role === 'cache')
