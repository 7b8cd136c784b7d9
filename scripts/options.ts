import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Suite } from '../suites/conformance/index.ts'
import type { Workload } from '../suites/load/index.ts'
import type { Topology } from '../topologies/index.ts'
import type { Network } from '../topologies/runtimes/index.ts'
import { generators, servers, suites, topologies, workloads } from './catalogue.ts'
import { choose, chooseClauses, everyFilling, fill, parseServerChoice, usageError } from './choices.ts'
import { DEFAULT_BASE } from '../topologies/runtimes/base.ts'
import { PROFILES, type Profile, type ProfileName } from './profiles.ts'
import { RUNTIMES, type RuntimeChoice } from './runtime.ts'

/** What a run was asked to do, checked against the catalogues. */
export interface RunOptions {
  readonly topologies: readonly Topology[]
  readonly suites: readonly Suite[]
  readonly workloads: readonly Workload[]
  readonly profileName: ProfileName
  readonly profile: Profile
  readonly generator: string
  readonly runtime: RuntimeChoice
  readonly workers: number
  readonly threads: number
  /** How many CPUs the servers share. */
  readonly cpus: number
  readonly seed: number
  /** Where to write; a new folder of `reports/runs` when absent. */
  readonly out?: string
  readonly json: boolean
}

/** Options of every command that brings servers up, as commander gives them. */
export interface ServerWords {
  readonly server: readonly string[]
  readonly runtime: readonly string[]
  readonly toolchain: 'private' | 'system'
  readonly base: string
  readonly network?: Network
  readonly memory?: number
  readonly workers: number
  readonly threads: number
  readonly cpus: number
}

interface Words extends ServerWords {
  readonly topology: readonly string[]
  readonly suite: readonly string[]
  readonly clause: readonly string[]
  readonly workload: readonly string[]
  readonly profile: ProfileName
  readonly generator: string
  readonly repeats?: number
  readonly seconds?: number
  readonly seed?: number
  readonly conformance: boolean
  readonly load: boolean
  readonly out?: string
  readonly json?: boolean
}

/** Docker's own lower limit. */
const SMALLEST_MEMORY = 6 * 1024 ** 2

const collect = (value: string, before: readonly string[]) => [...before, ...value.split(',')]

/** A number of at least `least` and at most `most`, for commander. */
export function numberBetween(least: number, most: number, whole = true): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !(value >= least && value <= most) || (whole && !Number.isInteger(value))) {
      throw new InvalidArgumentError(`It must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}.`)
    }
    return value
  }
}

/** `256M`, `1.5G` or a number of bytes, in bytes; for commander. */
function bytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMG]?)i?B?$/i.exec(text.trim())
  const value = match && Number(match[1]) * 1024 ** ' KMG'.indexOf(match[2]!.toUpperCase() || ' ')
  if (!value || value < SMALLEST_MEMORY) throw new InvalidArgumentError('Write a size of at least 6M, as in 256M.')
  return Math.floor(value)
}

/** What was asked for about runtimes, checked: options of containers mean nothing for native processes. */
export function runtimeChoice({ runtime, toolchain, base, network, memory }: ServerWords): RuntimeChoice {
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

/** Options of every command that brings servers up. */
export function withServers(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--server <role=name[/variant]>',
        'fill a tier with another server (repeatable; several for one role are compared); all: every server of the catalogue',
      )
        .argParser(collect)
        .default([], 'gunicorn/gthread, nginx/http11, varnish'),
    )
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
    .addOption(new Option('--memory <size>', 'docker: memory limit of each container, as in 256M').argParser(bytes))
    .addOption(
      new Option('--workers <n>', 'worker processes of the Python server').argParser(numberBetween(1, 64)).default(2),
    )
    .addOption(new Option('--threads <n>', 'threads per worker').argParser(numberBetween(1, 256)).default(4))
    .addOption(
      // More than one CPU's worth of nginx or Varnish is more than one generator can load.
      new Option('--cpus <n>', 'CPUs that all servers share; the generator has one of its own')
        .argParser(numberBetween(1, 1024))
        .default(1),
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
    .addOption(new Option('--generator <name>', 'what produces the load').default('autocannon').env('LAB_GENERATOR'))
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

const profiles = () =>
  `how much to do:\n${Object.entries(PROFILES)
    .map(([name, profile]) => `  ${name}: ${profile.says}`)
    .join('\n')}\n`

/** Reads the words against the catalogues; every wrong name is answered with the right ones. */
export async function runOptions(words: Words): Promise<RunOptions> {
  const profile: Profile = {
    ...PROFILES[words.profile],
    ...(words.repeats === undefined ? {} : { repeats: words.repeats }),
    ...(words.seconds === undefined ? {} : { seconds: words.seconds }),
  }
  if (!words.conformance && !words.load)
    throw usageError('Nothing is left to do.', 'Leave --no-conformance or --no-load out.')
  const allWorkloads = await workloads()
  const [generator] = choose('generator', await generators(), [words.generator])
  return {
    topologies: await chosenTopologies(words.topology, words.server),
    suites: words.conformance ? chooseClauses(choose('suite', await suites(), words.suite), words.clause) : [],
    workloads: words.load
      ? choose('workload', allWorkloads, words.workload.length > 0 ? words.workload : profile.workloads)
      : [],
    profileName: words.profile,
    profile,
    generator: generator!.name,
    runtime: runtimeChoice(words),
    workers: words.workers,
    threads: words.threads,
    cpus: words.cpus,
    seed: words.seed ?? Math.floor(Math.random() * 2 ** 31),
    ...(words.out === undefined ? {} : { out: words.out }),
    json: words.json ?? false,
  }
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
