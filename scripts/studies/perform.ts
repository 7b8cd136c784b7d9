import type { ListrTask } from 'listr2'
import { availableParallelism } from 'node:os'
import type { Run, StudyRow } from '../../reports/run.ts'
import { seeded } from '../../reports/statistics.ts'
import type { Workload } from '../../suites/load/index.ts'
import { measure } from '../../suites/measuring/measure.ts'
import type { Deployment, Placement, Runtime } from '../../topologies/runtimes/index.ts'
import { EXIT, LabError } from '../../topologies/runtimes/lab-error.ts'
import { carriedOut, type Outcome } from '../carried-out.ts'
import { begin, type GrowingRun } from '../growing-run.ts'
import { placement } from '../host.ts'
import { preparedTitle, runtimesFor, toolchainFor, type RuntimeChoice } from '../runtime.ts'
import { refuseUnwritable, save } from '../save.ts'
import { shuffled } from '../schedule.ts'
import { interpreterPss } from './interpreter-memory.ts'
import { ORDINARY, type Configuration } from './interpreter.ts'
import type { StudyProfile, StudyProfileName } from './profiles.ts'

/** What a study was asked to do. */
export interface StudyOptions {
  readonly configurations: readonly Configuration[]
  readonly profileName: StudyProfileName
  readonly profile: StudyProfile
  readonly runtime: RuntimeChoice
  readonly seed: number
  readonly json: boolean
}

/** A configuration with the rows that it fills, one for each of its workloads. */
interface Studied extends Configuration {
  readonly rows: ReadonlyMap<Workload, StudyRow>
}

/**
 * Measures every configuration as often as the profile says, interleaved in random order and with fresh servers each time,
 * saving after each. One that fails is a problem of the study, not its end.
 */
export async function performStudy(
  options: StudyOptions,
  words: readonly string[],
  folderFor: (run: Run) => string,
  signal: AbortSignal,
): Promise<Outcome> {
  await using stack = new AsyncDisposableStack()
  const { configurations, problems } = possible(options.configurations)
  const places = await placements()
  const studied = configurations.map((each) => withRows(each, places.onTwo.services.length))
  const random = seeded(options.seed)
  const failed = new Set<Configuration>()
  const failures: unknown[] = []
  let runtime: Runtime
  let run: GrowingRun | undefined
  let study: NonNullable<Run['study']>

  const prepare: ListrTask = {
    title: 'Prepare the servers',
    task: async (_, task) => {
      const say = (line: string) => (task.output = line)
      const topologies = configurations.map(({ topology }) => topology)
      const prepared = await runtimesFor(options.runtime, topologies, say, signal)
      runtime = stack.use(prepared.runtimes[0]!)
      const workloads = new Map(configurations.flatMap((each) => each.workloads.map((asked) => [asked.name, asked])))
      const asked = { ...options, ...ORDINARY, workloads: [...workloads.values()] }
      run = await begin(asked, words, places.apart, prepared.because)
      await refuseUnwritable(folderFor(run))
      // In containers it is another Python, and another kernel may count its memory.
      const isHere = runtime.name === 'native'
      const toolchain = isHere && (await toolchainFor(options.runtime.toolchain, topologies, say, signal))
      const interpreterPssBytes = toolchain ? await interpreterPss(toolchain) : null
      study = run.study = { name: 'interpreter', interpreterPssBytes, rows: [], problems }
      task.title = preparedTitle(prepared)
    },
  }
  const perform = (repeat: number): ListrTask => ({
    title: `Repeat ${repeat} of ${options.profile.repeats}`,
    task: async (_, task) => {
      const order = shuffled(studied, random).filter((each) => !failed.has(each))
      // One comes up while the last one goes down, and is measured when that is gone.
      let gone: PromiseLike<void> = Promise.resolve()
      try {
        for (const [index, each] of order.entries()) {
          signal.throwIfAborted()
          task.output = `${index + 1} of ${order.length}: ${nameOf(each)}`
          try {
            const deployment = await bringUp(each)
            study.origin = deployment.origin
            const before = gone
            try {
              await before
              await measureInto(each, deployment, repeat)
            } finally {
              gone = deployment[Symbol.asyncDispose]()
              // A failure is met where it is waited for.
              gone.then(undefined, () => {})
            }
          } catch (error) {
            if (signal.aborted) throw error
            failed.add(each)
            failures.push(error)
            problems.push(`${nameOf(each)}: ${error instanceof Error ? error.message : String(error)}`)
          }
          study.rows = studied.flatMap(({ rows }) => [...rows.values()].filter((row) => row.measurements.length > 0))
          await save(run!, folderFor(run!))
        }
      } finally {
        await gone
      }
    },
  })
  const placeOf = ({ needsTwoCpus }: Configuration) => (needsTwoCpus ? places.onTwo : places.apart)
  const bringUp = (each: Studied): Promise<Deployment> => {
    const { topology, application, workers, threads, preloaded } = each
    const lines = preloaded ? { lines: { app: ['--preload'] } } : {}
    return runtime.up(topology, { application, workers, threads, ...lines, placement: placeOf(each), signal })
  }
  const measureInto = async (each: Studied, deployment: Deployment, repeat: number): Promise<void> => {
    const isMemory = each.part === 'memory'
    const seconds = isMemory ? MEMORY_SECONDS : Math.max(options.profile.seconds, each.leastSeconds)
    const how = {
      ...{ repeat, seconds, warmUpSeconds: options.profile.warmUpSeconds, placement: placeOf(each), signal },
      // Whoever waits for half the window is not served: that is what is to be seen, not waited for.
      ...(each.part === 'clients' ? { timeoutSeconds: seconds / 2 } : {}),
      generator: GENERATOR,
    }
    // Not again when others used the CPUs meanwhile: how long a study takes is to be known beforehand.
    for (const [workload, row] of shuffled([...each.rows], random))
      row.measurements.push(await measure(workload, deployment, how))
  }

  const repeats = Array.from({ length: options.profile.repeats }, (_, index) => perform(index + 1))
  const steps = [prepare, ...repeats]
  // Awaited here: the stack takes the runtimes down as soon as this function is left.
  return await carriedOut({ steps, run: () => run?.study && run, failures, json: options.json }, signal)
}

/** Long enough that every worker has served: memory is read after the window, and does not depend on how long it was. */
const MEMORY_SECONDS = 0.2

/** The one that takes the least CPU time: where there are few CPUs, the servers need it. */
const GENERATOR = 'pacer'

/**
 * The services apart from the generator, and on two CPUs at least: where there are no more than two, the generator is on
 * one of them as well, which does not matter as long as it has next to nothing to do.
 */
async function placements(): Promise<{ readonly apart: Placement; readonly onTwo: Placement }> {
  const apart = await placement(Math.max(1, availableParallelism() - 1))
  const { services, generator } = apart
  return { apart, onTwo: services.length > 1 ? apart : { services: [...services, ...generator], generator } }
}

/** What one CPU cannot show is left out, with a sentence, rather than shown as a wrong curve. */
function possible(all: readonly Configuration[]): { configurations: readonly Configuration[]; problems: string[] } {
  const configurations = all.filter(({ part }) => part === 'memory')
  if (availableParallelism() > 1 || configurations.length === all.length) return { configurations: all, problems: [] }
  const why =
    'With one CPU only memory can be studied: on it threads and processes are equally fast whatever the interpreter does, and the generator takes its time from the servers.'
  if (configurations.length > 0) return { configurations, problems: [why] }
  throw new LabError(why, 'Use a machine, or a container, with two CPUs or more.', { exitCode: EXIT.inconclusive })
}

function withRows(configuration: Configuration, cpusOnTwo: number): Studied {
  const { part, topology, application, workers, threads, preloaded, workloads, needsTwoCpus } = configuration
  const servers = topology.tiers.map(({ server, variant }) => `${server.name}/${variant}`)
  const cpus = needsTwoCpus ? { cpus: cpusOnTwo } : {}
  const known = { part, servers, application, workers, threads, preloaded, ...cpus }
  return {
    ...configuration,
    rows: new Map(workloads.map((workload) => [workload, { ...known, workload: workload.name, measurements: [] }])),
  }
}

function nameOf({ part, topology, application, workers, threads, preloaded }: Configuration): string {
  const servers = topology.tiers.map(({ server, variant }) => `${server.name}/${variant}`).join(' -> ')
  const size = `${workers} ${workers === 1 ? 'worker' : 'workers'} of ${threads} ${threads === 1 ? 'thread' : 'threads'}`
  return `${part}: ${servers}, ${size}${preloaded ? ', preloaded' : ''}, ${application}`
}
