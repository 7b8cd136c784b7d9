import type { ListrTask } from 'listr2'
import type { CapacitySearch, Run } from '../../reports/run.ts'
import { seeded } from '../../reports/statistics.ts'
import { startProducer, type Producer } from '../../suites/measuring/generator-process.ts'
import { lookAt, tryRate, type RateOptions } from '../../suites/measuring/rate.ts'
import type { Topology } from '../../topologies/index.ts'
import { EXIT } from '../../topologies/runtimes/lab-error.ts'
import type { Deployment, Runtime } from '../../topologies/runtimes/index.ts'
import { answerAll } from '../application/answered.ts'
import type { ChosenApplication, Mounted } from '../application/index.ts'
import { readyOn } from '../application/ready.ts'
import { carriedOut, type Outcome } from '../carried-out.ts'
import { begin, describe, resultFor, type GrowingRun } from '../growing-run.ts'
import { placement } from '../host.ts'
import { bridged, refuseOneCpu } from '../measurable.ts'
import { preparedTitle, runtimesFor } from '../runtime.ts'
import { refuseUnwritable, save } from '../save.ts'
import { shuffled } from '../schedule.ts'
import type { CapacityOptions } from './options.ts'
import { search, SHORTEST_STEP, type Search } from './search.ts'

/** What is searched, and where its run is written. */
export interface CapacityRequest {
  readonly sought: NonNullable<Run['capacity']>
  readonly application: ChosenApplication
  /** What was typed after `npm run lab --`. */
  readonly words: readonly string[]
  folderFor(run: GrowingRun): string
}

/** A topology that is up and searched. */
interface Searched {
  readonly topology: Topology
  readonly deployment: Deployment
  readonly search: Search
  readonly how: RateOptions
  readonly warmUpSeconds: number
}

/** Seconds in which new connections come to their usual speed; more where an answer takes long. */
const WARM_UP = { least: 0.3, most: 3, answers: 3 } as const
/** Open connections: some for each request that the application can work on at a time, and never so few that others could do more. */
const CONNECTIONS = { perThread: 4, least: 32, most: 1000 } as const
/** A request counts as not answered after so many times the longest limit, and not before, in seconds. */
const TIMEOUT = { limits: 5, least: 1 } as const

/**
 * Searches every topology as often as asked, with fresh servers each time. The searches of one repeat take turns step by step, so
 * that all topologies meet the same machine, which is now faster and now slower. One that fails is a problem of its own, not the
 * end; what was found is saved after each repeat, and when it is interrupted.
 */
export async function performCapacity(
  options: CapacityOptions,
  { sought, application, words, folderFor }: CapacityRequest,
  signal: AbortSignal,
): Promise<Outcome> {
  await using stack = new AsyncDisposableStack()
  const { topologies, workers, threads } = options
  const roles = topologies.flatMap(({ tiers }) => tiers.map(({ server }) => server.role))
  const where = await placement(options.cpus, [...new Set(roles)])
  refuseOneCpu(where, 'A search for capacity')
  const random = seeded(options.seed)
  const failed = new Set<Topology>()
  const failures: unknown[] = []
  let producer: Producer
  let runtime: Runtime
  let mounted: Mounted
  let run: GrowingRun | undefined

  const prepare: ListrTask = {
    title: 'Prepare the servers',
    task: async (_, task) => {
      const say = (line: string) => (task.output = line)
      const prepared = await runtimesFor(options.runtime, topologies, say, signal)
      runtime = stack.use(prepared.runtimes[0]!)
      mounted = await readyOn(runtime, application, say, signal)
      const profile = { repeats: options.repeats, seconds: SHORTEST_STEP }
      const asked = { ...options, own: application, profile, profileName: 'capacity', workloads: [] }
      const begun = await begin(asked, words, where, prepared.because)
      begun.capacity = sought
      await refuseUnwritable(folderFor(begun))
      run = begun
      producer = stack.use(await startProducer(where.generator))
      task.title = preparedTitle(prepared)
    },
  }
  const resultOf = (topology: Topology) => resultFor(run!, topology, runtime.name)
  /** Does something with a topology; what fails is its problem, and it is left out from then on. */
  const attempt = async (topology: Topology, work: () => Promise<void>): Promise<void> => {
    if (failed.has(topology)) return
    signal.throwIfAborted()
    try {
      await work()
    } catch (error) {
      if (signal.aborted) throw error
      failed.add(topology)
      failures.push(error)
      resultOf(topology).problems.push(error instanceof Error ? error.message : String(error))
    }
  }
  const bringUp = async (topology: Topology, up: AsyncDisposableStack): Promise<Searched> => {
    const size = { workers, threads, placement: where, abrupt: true, signal }
    const deployment = up.use(await runtime.up(topology, { ...mounted, ...size }))
    if (deployment.network === 'bridge') throw bridged('A search for capacity', EXIT.environment)
    describe(resultOf(topology), deployment)
    const slots = workers * threads
    const longest = Math.max(...sought.slo.limits.map(({ milliseconds }) => milliseconds)) / 1e3
    const how = {
      ...{ producer, placement: where, signal, requests: application.requests },
      connections: Math.min(CONNECTIONS.most, Math.max(CONNECTIONS.least, CONNECTIONS.perThread * slots)),
      timeoutSeconds: Math.max(TIMEOUT.least, TIMEOUT.limits * longest),
    }
    await answerAll(deployment, application.requests, signal)
    const look = await lookAt(deployment, 2 * slots, how)
    const warmUpSeconds = Math.min(WARM_UP.most, Math.max(WARM_UP.least, (WARM_UP.answers * look.mean) / 1e3))
    return { topology, deployment, how, warmUpSeconds, search: search(sought, look, random) }
  }
  const perform = (repeat: number): ListrTask => ({
    title: `Search ${repeat} of ${options.repeats}`,
    task: async (_, task) => {
      await using up = new AsyncDisposableStack()
      const searched: Searched[] = []
      try {
        for (const topology of shuffled(topologies, random))
          await attempt(topology, async () => {
            task.output = `${topology.name} comes up`
            searched.push(await bringUp(topology, up))
          })
        for (let going = searched; going.length > 0;) {
          const again: Searched[] = []
          for (const each of shuffled(going, random))
            await attempt(each.topology, async () => {
              const next = each.search.next()
              if (next === undefined) return
              task.output = `${each.topology.name}: ${Math.round(next.rate).toLocaleString('en')}/s, step ${each.search.steps.length + 1}`
              const tried = { ...next, warmUpSeconds: each.warmUpSeconds, seed: Math.floor(random() * 2 ** 31) }
              each.search.note(await tryRate(each.deployment, tried, each.how))
              again.push(each)
            })
          going = again
        }
      } finally {
        // Also what was cut short: steps are worth what they show.
        for (const {
          topology,
          search: { steps },
        } of searched) {
          const result = resultOf(topology)
          if (steps.length > 0)
            result.searches = [...(result.searches ?? []), { repeat, steps: [...steps] } satisfies CapacitySearch]
        }
        await save(run!, folderFor(run!))
      }
    },
  })

  const repeats = Array.from({ length: options.repeats }, (_, index) => perform(index + 1))
  const steps = [prepare, ...repeats]
  const outcome = await carriedOut({ steps, run: () => run, failures, json: options.json }, signal)
  await save(run!, folderFor(run!))
  return outcome
}
