import { Option, type Command } from 'commander'
import type { Suite } from '../suites/conformance/index.ts'
import type { Workload } from '../suites/load/index.ts'
import { generatorFor } from '../suites/measuring/generator-for.ts'
import type { Topology } from '../topologies/index.ts'
import type { Network } from '../topologies/runtimes/index.ts'
import type { ChosenApplication } from './application/index.ts'
import { ownWorkload } from './application/workload.ts'
import { generators, servers, suites, topologies, workloads } from './catalogue.ts'
import { choose, chooseClauses, everyFilling, fill, parseServerChoice, usageError } from './choices.ts'
import { DEFAULT_BASE } from '../topologies/runtimes/base.ts'
import { refuseEndless, swept } from './loads.ts'
import { collect, memory, numberBetween, sweep, type Sweep } from './parsers.ts'
import { PROFILES, type Profile, type ProfileName } from './profiles.ts'
import { RUNTIMES, type RuntimeChoice } from './runtime.ts'

/** What a run was asked to do, checked against the catalogues. */
export interface RunOptions {
  /** A user's application that is measured instead of the lab's own. */
  readonly own?: ChosenApplication
  readonly topologies: readonly Topology[]
  readonly suites: readonly Suite[]
  readonly workloads: readonly Workload[]
  readonly profileName: ProfileName
  readonly profile: Profile
  /** Loads at which the workloads are measured instead of their own. */
  readonly sweep?: Sweep
  /** What was asked for; each load's own choice when absent. */
  readonly generator?: string
  readonly runtime: RuntimeChoice
  readonly workers: number
  readonly threads: number
  /** How many CPUs the servers share; each tier gets one of its own where it is not said and there are enough. */
  readonly cpus: number | undefined
  readonly seed: number
  /** Where to write; a new folder of `reports/runs` when absent. */
  readonly out?: string
  readonly json: boolean
}

/** Options of every command that brings servers up, as commander gives them. */
export interface ServerWords extends RuntimeWords {
  readonly server: readonly string[]
  readonly workers: number
  readonly threads: number
  readonly cpus?: number
}

/** Options that say where servers run, as commander gives them. */
export interface RuntimeWords {
  readonly runtime: readonly string[]
  readonly toolchain: 'private' | 'system'
  readonly base: string
  readonly network?: Network
  readonly memory?: number
}

interface Words extends ServerWords {
  readonly topology: readonly string[]
  readonly suite: readonly string[]
  readonly clause: readonly string[]
  readonly workload: readonly string[]
  readonly sweep?: Sweep
  readonly profile: ProfileName
  readonly generator?: string
  readonly repeats?: number
  readonly seconds?: number
  readonly seed?: number
  readonly conformance: boolean
  readonly load: boolean
  readonly out?: string
  readonly json?: boolean
}

/** What a sweep measures where no workload is named. */
const SWEPT_WORKLOAD = 'time'

/** What was asked for about runtimes, checked: options of containers mean nothing for native processes. */
export function runtimeChoice({ runtime, toolchain, base, network, memory }: RuntimeWords): RuntimeChoice {
  const named = choose(
    'runtime',
    RUNTIMES.map((name) => ({ name })),
    runtime.length > 0 ? runtime : ['auto'],
  ).map(({ name }) => name)
  if (named.includes('auto') && named.length > 1)
    throw usageError('--runtime auto chooses one runtime itself.', 'Write --runtime native,docker for both.')
  if (memory !== undefined && named.join() !== 'docker')
    throw usageError('--memory limits containers; native processes know no such limit.', 'Add --runtime docker.')
  if (network !== undefined && !named.includes('docker'))
    throw usageError('--network is about containers.', 'Add --runtime docker.')
  return {
    runtimes: named,
    toolchain,
    docker: {
      base,
      ...(network === undefined ? {} : { network }),
      ...(memory === undefined ? {} : { memoryBytes: memory }),
    },
  }
}

/** Options that say where servers run. */
export function withRuntime(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--runtime <names>',
        'where servers run: native processes, docker containers, or native,docker; auto: docker where it is to be had',
      )
        .argParser(collect)
        .default([], 'auto')
        .env('LAB_RUNTIME'),
    )
    .addOption(
      new Option(
        '--toolchain <where>',
        'native: private: packages unpacked in the cache folder; system: installed programs',
      )
        .choices(['private', 'system'])
        .default('private')
        .env('LAB_TOOLCHAIN'),
    )
    .addOption(
      new Option('--base <image>', 'docker: the distribution that images are built from')
        .default(DEFAULT_BASE)
        .env('LAB_BASE_IMAGE'),
    )
    .addOption(
      new Option(
        '--network <kind>',
        'docker: host: loopback addresses of this machine (default on Linux); bridge: a private network',
      ).choices(['host', 'bridge']),
    )
    .addOption(new Option('--memory <size>', 'docker: memory limit of each container, as in 256M').argParser(memory))
}

/** Options of every command that brings chosen servers up. */
export function withServers(command: Command): Command {
  return withRuntime(
    command.addOption(
      new Option(
        '--server <role=name[/variant]>',
        'fill a tier with another server (repeatable; several for one role are compared); all: every server of the catalogue',
      )
        .argParser(collect)
        .default([], 'gunicorn/gthread, nginx/http11, varnish'),
    ),
  )
    .addOption(
      new Option('--workers <n>', 'worker processes of the Python server').argParser(numberBetween(1, 64)).default(2),
    )
    .addOption(new Option('--threads <n>', 'threads per worker').argParser(numberBetween(1, 256)).default(4))
    .addOption(
      new Option(
        '--cpus <n>',
        'CPUs that all servers share; the generator has others (default: a core for each tier where there are enough, else 1)',
      ).argParser(numberBetween(1, 1024)),
    )
}

/** Options of `npm run lab` itself. */
export function withRun(command: Command): Command {
  return withServers(command)
    .addOption(
      new Option('--topology <names>', 'which topologies (comma-separated, repeatable)')
        .argParser(collect)
        .default([], 'all'),
    )
    .addOption(
      new Option('--profile <name>', profiles()).choices(Object.keys(PROFILES)).default('quick').env('LAB_PROFILE'),
    )
    .addOption(new Option('--suite <names>', 'which conformance suites').argParser(collect).default([], 'all'))
    .addOption(new Option('--clause <ids>', 'which clauses of them').argParser(collect).default([], 'all'))
    .addOption(
      new Option('--workload <names>', 'which workloads').argParser(collect).default([], 'those of the profile'),
    )
    .addOption(
      new Option(
        '--sweep <what=values>',
        'measure at these loads instead of the workloads’ own: connections=1,2,4,8 or rate=100,200,400; of the workload time unless --workload names others or --app your application, and without conformance unless --suite or --clause names some',
      ).argParser(sweep),
    )
    .addOption(generatorOption())
    .addOption(new Option('--repeats <n>', 'instead of the profile’s').argParser(numberBetween(1, 100)))
    .addOption(
      new Option('--seconds <n>', 'length of each measured window, instead of the profile’s').argParser(
        numberBetween(0.2, 600, false),
      ),
    )
    .addOption(
      new Option('--seed <n>', 'seed of the random order, to repeat a run').argParser(numberBetween(0, 2 ** 31 - 1)),
    )
    .option('--no-conformance', 'only measure')
    .option('--no-load', 'only judge')
    .option('--out <folder>', 'where to write the report (default: a new folder below reports/runs)')
    .option('--json', 'print the run as one JSON document on stdout and nothing else')
}

/** Which generator, for every command that produces load. */
export const generatorOption = (): Option =>
  new Option('--generator <name>', 'what produces the load (default: autocannon for closed loops, else pacer)').env(
    'LAB_GENERATOR',
  )

/** The name of a generator that was asked for, checked. */
export async function chosenGenerator(name: string | undefined): Promise<{ readonly generator?: string }> {
  if (name === undefined) return {}
  const [generator] = choose('generator', await generators(), [name])
  return { generator: generator!.name }
}

const profiles = () =>
  `how much to do:\n${Object.entries(PROFILES)
    .map(([name, profile]) => `  ${name}: ${profile.says}`)
    .join('\n')}\n`

/**
 * Reads the words against the catalogues; every wrong name is answered with the right ones. `own` is a user's application, where one
 * is to be measured.
 */
export async function runOptions(words: Words, own?: ChosenApplication): Promise<RunOptions> {
  const profile: Profile = {
    ...PROFILES[words.profile],
    ...(words.repeats === undefined ? {} : { repeats: words.repeats }),
    ...(words.seconds === undefined ? {} : { seconds: words.seconds }),
  }
  if (!words.conformance && !words.load)
    throw usageError('Nothing is left to do.', 'Leave --no-conformance or --no-load out.')
  const { sweep } = words
  if (sweep && !words.load) throw usageError('--sweep is about load.', 'Leave --no-load out.')
  if (sweep?.by === 'rate') refuseEndless(sweep.values.at(-1)!, profile.warmUpSeconds + profile.seconds)
  if (own) refuseWithOwn(words)
  // A curve, or figures of one's own application, are asked for to see what load does: judging everything first would be a surprise.
  const judging = words.conformance && (!(sweep || own) || words.suite.length > 0 || words.clause.length > 0)
  const ofProfile = sweep ? [SWEPT_WORKLOAD] : profile.workloads
  const named = async (): Promise<readonly Workload[]> =>
    choose('workload', await workloads(), words.workload.length > 0 ? words.workload : ofProfile)
  const asked = own ? [ownWorkload(own)] : words.load ? await named() : []
  const generator = await chosenGenerator(words.generator)
  // What cannot be produced is told now, not after everything was judged.
  for (const workload of sweep ? swept(asked, sweep) : asked)
    await generatorFor({ ...workload, ...profile, timeoutSeconds: 1 }, generator.generator)
  return {
    ...(own ? { own } : {}),
    topologies: await chosenTopologies(words.topology, words.server),
    suites: judging ? chooseClauses(choose('suite', await suites(), words.suite), words.clause) : [],
    workloads: asked,
    profileName: words.profile,
    profile,
    ...(sweep ? { sweep } : {}),
    ...generator,
    runtime: runtimeChoice(words),
    workers: words.workers,
    threads: words.threads,
    cpus: words.cpus,
    seed: words.seed ?? Math.floor(Math.random() * 2 ** 31),
    ...(words.out === undefined ? {} : { out: words.out }),
    json: words.json ?? false,
  }
}

/** What of the words says nothing about an application of the user's. */
function refuseWithOwn({ load, workload }: Words): void {
  if (!load)
    throw usageError(
      '--app is about load: clauses are judged with an application of the lab’s.',
      'Leave --no-load out, or check your application: npm run lab -- lint --app FILE:callable.',
    )
  if (workload.length > 0)
    throw usageError(
      '--workload is about the lab’s own applications.',
      'Leave it out, and say what is asked of yours with --path or --har.',
    )
}

/** The named topologies (all when none is named) with the chosen servers in their tiers, or with every server. */
export async function chosenTopologies(
  names: readonly string[],
  choices: readonly string[],
): Promise<readonly Topology[]> {
  const allServers = await servers()
  const chosen = choose('topology', await topologies(), names)
  if (choices.includes('all')) {
    if (choices.length > 1)
      throw usageError('--server all is every server already.', 'Leave the other --server options out.')
    return everyFilling(chosen, allServers)
  }
  return fill(
    chosen,
    choices.map((choice) => parseServerChoice(choice, allServers)),
  )
}
