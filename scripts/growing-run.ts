import type { Result, Run } from '../reports/run.ts'
import type { Deployment, Placement } from '../topologies/runtimes/index.ts'
import { filling, type Chain, type Tier, type Topology } from '../topologies/index.ts'
import type { Intermediary } from '../topologies/servers/index.ts'
import { commit, host } from './host.ts'
import type { RunOptions } from './options.ts'

/** A run while it goes on. */
export type GrowingRun = Omit<Run, 'results' | 'alone'> & { results: GrowingResult[]; alone: GrowingResult[] }
/** A result while its topology is judged and measured. */
export type GrowingResult = { -readonly [Key in keyof Result]: Result[Key] }

/** What of the options is a fact about the run. */
interface Asked extends Pick<RunOptions, 'seed' | 'workers' | 'threads' | 'runtime' | 'workloads' | 'sweep' | 'own'> {
  readonly profileName: string
  readonly profile: Pick<RunOptions['profile'], 'repeats' | 'seconds'>
}

/** A run of which nothing is known yet but who asked for what on which machine. */
export async function begin(
  options: Asked,
  words: readonly string[],
  placement: Placement,
  runtimeBecause: string | undefined,
): Promise<GrowingRun> {
  const startedAt = new Date().toISOString()
  return {
    schema: 'lab.run/1',
    id: `${startedAt.slice(0, 19).replaceAll(':', '-')}-${process.pid}`,
    startedAt,
    arguments: [...words],
    commit: await commit(),
    profile: options.profileName,
    repeats: options.profile.repeats,
    secondsPerMeasurement: options.profile.seconds,
    seed: options.seed,
    workersPerServer: options.workers,
    threadsPerWorker: options.threads,
    placement: recorded(placement),
    ...(runtimeBecause === undefined ? {} : { runtimeBecause }),
    ...(options.runtime.docker.memoryBytes === undefined
      ? {}
      : { memoryLimitBytes: options.runtime.docker.memoryBytes }),
    host: await host(),
    workloads: options.workloads.map(({ name, title, says, content, loop }) => {
      const rate = loop.kind === 'open' ? { rate: loop.rate } : {}
      return { name, title, says, content, connections: loop.connections, ...rate }
    }),
    ...(options.sweep ? { sweep: options.sweep } : {}),
    ...(options.own?.says ? { application: options.own.says } : {}),
    results: [],
    alone: [],
  }
}

function recorded({ services, generator, tiers }: Placement): Run['placement'] {
  const own = Object.entries(tiers ?? {}).map(([role, cpus]) => [role, [...cpus]] as const)
  return { services: [...services], generator: [...generator], ...(tiers ? { tiers: Object.fromEntries(own) } : {}) }
}

/** The run's result for a filled topology on a runtime, made when there is none yet. */
export function resultFor(run: GrowingRun, topology: Topology, runtime: string): GrowingResult {
  return foundOrMade(run.results, topology, runtime)
}

/** The run's result for an intermediary alone on a runtime, made when there is none yet. */
export function aloneResultFor(run: GrowingRun, tier: Tier<Intermediary>, runtime: string): GrowingResult {
  const { title } = tier.server
  const says = 'Between the lab’s own client and the lab’s own origin.'
  return foundOrMade(run.alone, { name: 'alone', title: `${title} alone`, says, tiers: [tier] }, runtime)
}

function foundOrMade(
  results: GrowingResult[],
  chain: Chain & Pick<Topology, 'title' | 'says'>,
  runtime: string,
): GrowingResult {
  const found = results.find((result) => {
    const filled = result.tiers.map(({ server, variant }) => ({ server: { name: server }, variant }))
    return filling({ name: result.topology, tiers: filled }) === filling(chain) && result.runtime === runtime
  })
  if (found) return found
  const { name, title, says, tiers } = chain
  const fresh: GrowingResult = {
    topology: name,
    title,
    says,
    runtime,
    origin: '',
    network: 'host',
    tiers: tiers.map(({ server, variant }) => {
      const known = { role: server.role, server: server.name, title: server.title, variant }
      return { ...known, version: '', argv: [], configuration: {} }
    }),
    bringUpSeconds: [],
    verdicts: [],
    measurements: [],
    problems: [],
  }
  results.push(fresh)
  return fresh
}

/** Notes what only a running deployment can tell: origin, versions, configuration as served, how long it took to come up. */
export function describe(result: GrowingResult, deployment: Deployment): void {
  result.bringUpSeconds.push(deployment.bringUpSeconds)
  result.origin = deployment.origin
  result.network = deployment.network
  result.tiers = result.tiers.map((tier, index) => {
    const { version, argv, configuration } = deployment.services[index]!
    return { ...tier, version, argv: [...argv], configuration: { ...configuration } }
  })
}
