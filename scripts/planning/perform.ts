import type { ListrTask } from 'listr2'
import { availableParallelism, totalmem } from 'node:os'
import { fittedLoads } from '../../reports/planning/loads.ts'
import { seeded } from '../../reports/statistics.ts'
import { startProducer, type Producer } from '../../suites/measuring/generator-process.ts'
import { EXIT } from '../../topologies/runtimes/lab-error.ts'
import type { Deployment, Runtime, UpOptions } from '../../topologies/runtimes/index.ts'
import type { ChosenApplication, Mounted } from '../application/index.ts'
import { readyOn } from '../application/ready.ts'
import { usageError } from '../choices.ts'
import { carriedOut, type Outcome } from '../carried-out.ts'
import { begin, describe, resultFor, type GrowingRun } from '../growing-run.ts'
import { placement } from '../host.ts'
import { bridged, refuseOneCpu } from '../measurable.ts'
import { preparedTitle, runtimesFor } from '../runtime.ts'
import { refuseUnwritable, save } from '../save.ts'
import { shuffled } from '../schedule.ts'
import { aboutCaching, demandOf, type DemandWords } from './demand.ts'
import { kindsOf, sharesOf } from './kinds.ts'
import { closedLoads, longestWait, OPEN_SHARES, openLoads } from './loads.ts'
import { measureRounds, planningOf, pointsOf, sizeOf, talliesOf, unsure, type How, type Measured } from './measured.ts'
import type { PlanOptions } from './options.ts'
import { furtherRounds, openRounds, ROUNDS_OF_A_START, secondsFor, windowsFor, type Extent } from './windows.ts'

/** Who is to be planned for, and where that is written. */
export interface PlanRequest {
  readonly demand: DemandWords
  readonly application: ChosenApplication
  /** What was typed after `npm run lab --`. */
  readonly words: readonly string[]
  folderFor(run: GrowingRun): string
}

/**
 * Measures every topology at loads that take turns, in blocks of rounds with fresh servers, the blocks of all topologies in
 * random order, and saves after each. A topology that fails is a problem of its own, not the end.
 */
export async function performPlan(
  options: PlanOptions,
  { demand, application, words, folderFor }: PlanRequest,
  signal: AbortSignal,
): Promise<Outcome> {
  await using stack = new AsyncDisposableStack()
  const { topologies, workers, threads } = options
  // What is wrong with it is told before servers are prepared.
  const asked = demandOf(demand, { cpus: availableParallelism(), memoryBytes: totalmem() })
  const roles = topologies.flatMap(({ tiers }) => tiers.map(({ server }) => server.role))
  const where = await placement(options.cpus, [...new Set(roles)])
  refuseOneCpu(
    where,
    'A plan',
    'Run it on a machine, or in a container, with two CPUs or more; or plan with figures of another one: --from RUN.json.',
  )
  const isFile = (path: string): boolean =>
    (application.up.statics ?? LAB_FILES).some(({ prefix }) => path.startsWith(prefix))
  if (application.requests.every(({ path }) => isFile(path)))
    throw usageError('Only files are asked for, which no application answers.', 'Name a path of it as well: --path.')
  const random = seeded(options.seed)
  const failures: unknown[] = []
  const failed = new Set<Measured>()
  const producers = new Map<Measured, Producer>()
  let runtime: Runtime
  let run: GrowingRun | undefined
  let measured: readonly Measured[] = []
  let extent: Extent
  let mounted: Mounted

  const prepare: ListrTask = {
    title: 'Prepare the servers',
    task: async (_, task) => {
      const say = (line: string) => (task.output = line)
      const prepared = await runtimesFor(options.runtime, topologies, say, signal)
      runtime = stack.use(prepared.runtimes[0]!)
      mounted = await readyOn(runtime, application, say, signal)
      extent = windowsFor(options)
      const profile = { repeats: extent.rounds, seconds: extent.windows.closed }
      const facts = { ...options, own: application, workloads: [], profileName: 'plan', profile }
      const begun = await begin(facts, words, where, prepared.because)
      begun.plan = {
        ...asked,
        shares: { dynamic: 1, cached: 0, static: 0 },
        fitted: [...fittedLoads(workers * threads)],
      }
      await refuseUnwritable(folderFor(begun))
      run = begun
      measured = topologies.map((topology) => {
        const result = resultFor(begun, topology, runtime.name)
        return { topology, result, closed: [], open: [], sizes: new Map() }
      })
      for (const each of measured) producers.set(each, stack.use(await startProducer(where.generator)))
      task.title = preparedTitle(prepared)
    },
  }
  const howOf = (each: Measured, seconds: number, rounds: number): How => {
    const { warmUp: warmUpSeconds } = extent.windows
    return { producer: producers.get(each)!, placement: where, seconds, warmUpSeconds, rounds, random, signal }
  }
  /** Brings a topology up for `work`; what fails is its problem, and it is left out from then on. */
  const withServers = async (
    each: Measured,
    size: Pick<UpOptions, 'workers' | 'threads'>,
    work: (deployment: Deployment) => Promise<void>,
  ): Promise<void> => {
    if (failed.has(each)) return
    signal.throwIfAborted()
    try {
      const up = { ...mounted, ...size, placement: where, abrupt: true, signal }
      await using deployment = await runtime.up(each.topology, up)
      if (deployment.network === 'bridge') throw bridged('A plan', EXIT.environment)
      await work(deployment)
    } catch (error) {
      if (signal.aborted) throw error
      failed.add(each)
      failures.push(error)
      each.result.problems.push(error instanceof Error ? error.message : String(error))
    } finally {
      if (each.closed.length > 0) each.result.planning = planningOf(each, extent.windows)
      await save(run!, folderFor(run!))
    }
  }
  /** Blocks of rounds with fresh servers, those of all topologies in random order each time. */
  const inBlocks = (
    title: string,
    roundsOf: () => number,
    work: (each: Measured, deployment: Deployment, rounds: number) => Promise<void>,
    isDone = (each: Measured): boolean => failed.has(each),
  ): ListrTask => ({
    title,
    task: async (_, task) => {
      const rounds = roundsOf()
      for (let begun = 0; begun < rounds; begun += ROUNDS_OF_A_START) {
        const last = Math.min(rounds, begun + ROUNDS_OF_A_START)
        for (const each of shuffled(measured, random)) {
          if (isDone(each)) continue
          task.output = `round ${begun + 1}${last > begun + 1 ? ` and ${last}` : ''} of ${rounds}: ${each.topology.name}`
          await withServers(each, { workers, threads }, (deployment) => work(each, deployment, last - begun))
        }
      }
    },
  })

  const tryAll: ListrTask = {
    title: 'Try each topology, with another number of workers',
    task: async (_, task) => {
      const few = workers === 1 ? 2 : 1
      const waits: number[] = []
      for (const each of measured) {
        task.output = each.topology.name
        await withServers(each, { workers: few, threads }, async (deployment) => {
          each.kinds = await kindsOf(deployment, application.requests, isFile, signal)
          each.closed = talliesOf(closedLoads(each.kinds, workers * threads))
          // Memory is what servers hold that have answered; how fast they did tells how long windows have to be.
          const found = await measureRounds(deployment, each.closed, howOf(each, extent.windows.closed, 1))
          waits.push(longestWait(found))
          each.sizes.set(few, await sizeOf(deployment, few, threads))
        })
      }
      const { plan } = run!
      const shares = sharesOf(
        application.requests,
        measured.flatMap(({ kinds }) => kinds ?? []),
      )
      run!.plan = { ...plan!, assumed: aboutCaching(plan!, shares), shares }
      extent = windowsFor(options, Math.max(0, ...waits))
      run!.repeats = extent.rounds
      run!.secondsPerMeasurement = extent.windows.closed
      const seconds = measured
        .filter((each) => !failed.has(each))
        .map((each) => secondsFor(extent, { closed: each.closed.length, open: OPEN_SHARES.length }))
      const minutes = Math.ceil(seconds.reduce((sum, each) => sum + each, 0) / 60)
      task.title = `Try each topology: what follows takes about ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}, longer where figures vary`
    },
  }
  const measureClosed = inBlocks(
    'Measure closed loops',
    () => extent.rounds,
    async (each, deployment, rounds) => {
      describe(each.result, deployment)
      const how = howOf(each, extent.windows.closed, rounds)
      each.closed = await measureRounds(deployment, each.closed, how)
      each.sizes.set(workers, await sizeOf(deployment, workers, threads))
    },
  )
  const measureAgain = inBlocks(
    'Measure again what varies',
    () => furtherRounds(options, extent.rounds),
    async (each, deployment, rounds) => {
      const again = unsure(each.closed)
      const found = await measureRounds(deployment, again, howOf(each, extent.windows.closed, rounds))
      each.closed = [...each.closed.filter((tally) => !again.includes(tally)), ...found]
    },
    (each) => failed.has(each) || unsure(each.closed).length === 0,
  )
  const measureOpen = inBlocks(
    'Measure open loops',
    () => openRounds(extent.rounds),
    async (each, deployment, rounds) => {
      if (each.open.length === 0)
        each.open = talliesOf(openLoads(each.kinds!, pointsOf(each.closed, extent.windows.closed), workers * threads))
      const how = { ...howOf(each, extent.windows.open, rounds), warmUpSeconds: extent.windows.openWarmUp }
      each.open = await measureRounds(deployment, each.open, how)
    },
  )

  const steps = [prepare, tryAll, measureClosed, measureAgain, measureOpen]
  const outcome = await carriedOut({ steps, run: () => run, failures, json: options.json }, signal)
  await save(run!, folderFor(run!))
  return outcome
}

/** Files that a web server serves where the application is the lab's own. */
const LAB_FILES = [{ prefix: '/static/' }]
