import { Command, Option } from 'commander'
import type { Measurement } from '../reports/run.ts'
import { fewestRepeats, pairedRatio, seeded } from '../reports/statistics.ts'
import type { Connection, Workload } from '../suites/load/index.ts'
import type { Generator } from '../suites/generators/index.ts'
import { measure } from '../suites/measuring/measure.ts'
import { LabError } from '../topologies/runtimes/lab-error.ts'
import reverseProxy from '../topologies/reverse-proxy.ts'
import { generators } from './catalogue.ts'
import { choose, usageError } from './choices.ts'
import { generatorsText, isDisturbed, type Row } from './generators-text.ts'
import { placement } from './host.ts'
import { interruption } from './interrupt.ts'
import { collect, connections, numberBetween } from './parsers.ts'
import { nativeRuntime } from './runtime.ts'

/**
 * What generators can do: all of the catalogue that are installed ask the same nginx for 12 bytes, one after the other in random
 * order, round by round. Each has one CPU, the servers another. Ratios are of the same round, to wrk where it is installed.
 */

interface Words {
  readonly generator: readonly string[]
  readonly rounds: number
  readonly seconds: number
  readonly connections: number
  readonly connection: Connection
  readonly seed: number
  readonly json?: boolean
}

const WARM_UP_SECONDS = 1
const REFERENCE = 'wrk'

const words = new Command('npm run bench:generators --')
  .addOption(new Option('--generator <names>', 'which (comma-separated)').argParser(collect).default([], 'all'))
  .addOption(new Option('--rounds <n>', 'how often each').argParser(numberBetween(2, 100)).default(6))
  .addOption(new Option('--seconds <n>', 'length of each window').argParser(numberBetween(1, 60)).default(3))
  .addOption(new Option('--connections <n>', 'how many at once').argParser(connections).default(50))
  .addOption(
    new Option('--connection <what>', 'close: a new one for each request')
      .choices(['keep-alive', 'close'])
      .default('keep-alive'),
  )
  .addOption(new Option('--seed <n>', 'of the order').argParser(numberBetween(0, 2 ** 31 - 1)).default(1))
  .option('--json', 'print everything as one JSON document')
  .parse()
  .opts<Words>()

const workload = {
  name: 'generators',
  title: 'A constant response of 12 bytes',
  says: 'Asks nginx for what costs it next to nothing.',
  content: 'static',
  application: 'pages',
  path: '/twelve-bytes',
  loop: { kind: 'closed', connections: words.connections },
  expects: { status: 200, bytes: 12 },
  connection: words.connection,
} satisfies Workload

const signal = interruption()
const load = { ...workload, warmUpSeconds: WARM_UP_SECONDS, seconds: words.seconds, timeoutSeconds: 10 }
try {
  const able = choose('generator', await generators(), words.generator).filter(canProduce)
  if (able.length === 0) throw usageError('No generator is left that can produce this load.', 'Name others, or none.')
  const measured = await rounds(able)
  const reference = measured.has(REFERENCE) ? REFERENCE : able[0]!.name
  const rows = [...measured].map(([generator, measurements]) => row(generator, measurements, measured.get(reference)!))
  process.stdout.write(
    words.json ? `${JSON.stringify({ ...words, reference, rows })}\n` : generatorsText(rows, { ...words, reference }),
  )
  process.exit(0)
} catch (error) {
  if (!(error instanceof LabError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(error.exitCode)
}

function canProduce({ name, refuses }: Generator): boolean {
  const why = refuses?.(load)
  if (why !== undefined) process.stderr.write(`Without ${name}: ${why}.\n`)
  return why === undefined
}

async function rounds(able: readonly Generator[]): Promise<ReadonlyMap<string, readonly Measurement[]>> {
  const placed = await placement(1)
  await using runtime = await nativeRuntime([reverseProxy])
  await using deployment = await runtime.up(reverseProxy, {
    ...{ application: workload.application, workers: 1, threads: 1, placement: placed, signal },
    lines: { proxy: [`location = ${workload.path} { return 200 "hello world\\n"; }`] },
  })
  const random = seeded(words.seed)
  const measured = new Map(able.map(({ name }) => [name, [] as Measurement[]]))
  for (let repeat = 1; repeat <= words.rounds; repeat++) {
    // A random number for each: sorting by them is a fair shuffle.
    const order = able.map(({ name }) => ({ name, at: random() })).sort((a, b) => a.at - b.at)
    for (const { name } of order) {
      process.stderr.write(`Round ${repeat} of ${words.rounds}: ${name}\n`)
      const how = { repeat, warmUpSeconds: WARM_UP_SECONDS, seconds: words.seconds, placement: placed, signal }
      measured.get(name)!.push(await measure(workload, deployment, { ...how, generator: name }))
    }
  }
  return measured
}

function row(generator: string, measurements: readonly Measurement[], others: readonly Measurement[]): Row {
  const pairs = measurements.flatMap((own, round) => {
    const other = others[round]!
    return isDisturbed(own) || isDisturbed(other) ? [] : [[own.throughput, other.throughput] as const]
  })
  const ratio = pairs.length < fewestRepeats ? undefined : pairedRatio(pairs, words.seed)
  return { generator, measurements, ...(ratio ? { ratio } : {}) }
}
