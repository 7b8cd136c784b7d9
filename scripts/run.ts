import { Listr, type ListrTask } from 'listr2'
import type { Result, Run, Verdict } from '../reports/run.ts'
import { seeded } from '../reports/statistics.ts'
import { judgeAll } from '../suites/judging/judge.ts'
import { measure } from '../suites/measuring/measure.ts'
import type { Deployment, Placement, Runtime } from '../topologies/runtimes/index.ts'
import type { Toolchain } from '../topologies/runtimes/toolchain.ts'
import type { Topology } from '../topologies/index.ts'
import { commit, host, placement } from './host.ts'
import type { RunOptions } from './options.ts'
import { runtimeWith, toolchainFor } from './runtime.ts'
import { refuseUnwritable, save } from './save.ts'
import { schedule, type Step } from './schedule.ts'

/** The run as it grows. */
type GrowingRun = Omit<Run, 'results'> & { results: GrowingResult[] }
type GrowingResult = { -readonly [Key in keyof Result]: Result[Key] }

/** What came of a run: what was found, and what kept it from being whole. */
export interface Outcome {
  readonly run: Run
  readonly failures: readonly unknown[]
}

/** Judges and measures as asked, saving after every result, so that a later failure loses nothing. */
export async function performRun(
  options: RunOptions,
  words: readonly string[],
  folderFor: (run: Run) => string,
  signal: AbortSignal,
): Promise<Outcome> {
  await using stack = new AsyncDisposableStack()
  const where = await placement()
  const failures: unknown[] = []
  let run: GrowingRun | undefined
  let runtime: Runtime | undefined

  const prepare: ListrTask = {
    title: 'Prepare the servers',
    task: async (_, task) => {
      const toolchain = await toolchainFor(
        options.toolchain,
        options.topologies,
        (line) => (task.output = line),
        signal,
      )
      runtime = stack.use(await runtimeWith(toolchain))
      const begun = await begin(options, words, where, toolchain)
      await refuseUnwritable(folderFor(begun))
      run = begun
      task.title = `Prepare the servers (${toolchain.title})`
    },
  }
  const steps = schedule({
    topologies: options.topologies,
    judging: options.suites.length > 0,
    workloads: options.workloads,
    repeats: options.workloads.length > 0 ? options.profile.repeats : 0,
    random: seeded(options.seed),
  })
  const unusable = new Set<Topology>()
  const perform = (step: Step): ListrTask => ({
    title: titleOf(step, options),
    skip: () => unusable.has(step.topology) && `${step.topology.name} did not work before`,
    task: async (_, task) => {
      signal.throwIfAborted()
      // Without a terminal every output is a line of its own.
      const say = (line: string) => line !== task.output && (task.output = line)
      const result = resultFor(run!, step.topology, runtime!)
      try {
        const application = step.kind === 'judge' ? 'probe' : step.workloads[0]!.application
        await using deployment = await runtime!.up(step.topology, { ...options, application, placement: where, signal })
        describe(result, deployment)
        if (step.kind === 'judge') {
          const onVerdict = ({ role, server }: Verdict) => say(`through ${server} (${role})`)
          result.verdicts = [
            ...(await timed('judging', judgeAll(options.suites, deployment.target, signal, { onVerdict }))),
          ]
        } else {
          for (const workload of step.workloads) {
            say(workload.title)
            const { warmUpSeconds, seconds } = options.profile
            const how = {
              repeat: step.repeat,
              warmUpSeconds,
              seconds,
              placement: where,
              generator: options.generator,
              signal,
            }
            result.measurements.push(await timed('measuring', measure(workload, deployment, how)))
          }
        }
      } catch (error) {
        if (signal.aborted) throw error
        // A server that does not work is a finding about its topology; the others go on.
        unusable.add(step.topology)
        failures.push(error)
        result.problems.push(error instanceof Error ? error.message : String(error))
        throw error
      } finally {
        await save(run!, folderFor(run!))
      }
    },
    exitOnError: false,
  })

  try {
    await new Listr([prepare, ...steps.map(perform)], {
      renderer: options.json ? 'silent' : 'default',
      fallbackRenderer: 'simple',
      // The lab has its own handling of Ctrl-C.
      registerSignalListeners: false,
      // Failures are told once, at the end, with the report.
      rendererOptions: { showErrorMessage: false },
    }).run()
    signal.throwIfAborted()
    run!.finishedAt = new Date().toISOString()
  } catch (error) {
    // Nothing was found yet: there is no run to report.
    if (!run) throw error
    failures.push(signal.aborted ? signal.reason : error)
  }
  return { run: run!, failures }
}

async function begin(
  options: RunOptions,
  words: readonly string[],
  where: Placement,
  toolchain: Toolchain,
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
    placement: { services: [...where.services], generator: [...where.generator] },
    toolchain: toolchain.title,
    host: await host(),
    workloads: options.workloads.map(({ name, title, says, content, loop }) => {
      return { name, title, says, content, connections: loop.connections }
    }),
    results: [],
  }
}

function resultFor(run: GrowingRun, topology: Topology, runtime: Runtime): GrowingResult {
  const found = run.results.find((result) => result.topology === topology.name)
  if (found) return found
  const { name, title, says, tiers } = topology
  const fresh: GrowingResult = {
    topology: name,
    title,
    says,
    runtime: runtime.name,
    tiers: tiers.map(({ server, variant }) => {
      return {
        role: server.role,
        server: server.name,
        title: server.title,
        variant,
        version: '',
        argv: [],
        configuration: {},
      }
    }),
    bringUpSeconds: [],
    verdicts: [],
    measurements: [],
    problems: [],
  }
  run.results.push(fresh)
  return fresh
}

/** What only a running deployment can tell: versions, configuration as served, and how long it took to come up. */
function describe(result: GrowingResult, deployment: Deployment): void {
  result.bringUpSeconds.push(deployment.bringUpSeconds)
  result.tiers = result.tiers.map((tier, index) => {
    const { version, argv, configuration } = deployment.services[index]!
    return { ...tier, version, argv: [...argv], configuration: { ...configuration } }
  })
}

function titleOf(step: Step, { suites, profile }: RunOptions): string {
  if (step.kind === 'judge') {
    const clauses = suites.reduce((sum, suite) => sum + Object.keys(suite.clauses).length, 0)
    return `Judge ${step.topology.name} (${clauses} clauses, ${step.topology.tiers.length} hops)`
  }
  const names = step.workloads.map((workload) => workload.name).join(', ')
  return `Measure ${step.topology.name} (${step.repeat} of ${profile.repeats}: ${names})`
}

/** Notes on the process's timeline (User Timing) how long something took, for `npm run bench:overhead`. */
async function timed<Result>(name: string, work: Promise<Result>): Promise<Result> {
  const start = performance.now()
  const result = await work
  performance.measure(name, { start })
  return result
}
