import { Command, Option } from 'commander'
import type { Measurement } from '../reports/run.ts'
import { median, pairedRatio, seeded, type Ratio } from '../reports/statistics.ts'
import type { Connection, Workload } from '../suites/load/index.ts'
import type { Generator } from '../suites/generators/index.ts'
import { measure } from '../suites/measuring/measure.ts'
import { GENERATOR_CPU_LIMIT, SERVICES_LIMIT } from '../suites/measuring/validity.ts'
import reverseProxy from '../topologies/reverse-proxy.ts'
import { generators } from './catalogue.ts'
import { choose } from './choices.ts'
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

/** One generator's measurements, a round each, and how its throughput compares with the reference's. */
interface Row {
  readonly generator: string
  readonly measurements: readonly Measurement[]
  /** Of the rounds in which nobody else used much of the CPUs; absent with fewer than two of them. */
  readonly ratio?: Ratio
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
const able = choose('generator', await generators(), words.generator).filter((generator) => {
  const why = generator.refuses?.(load)
  if (why !== undefined) process.stderr.write(`Without ${generator.name}: ${why}.\n`)
  return why === undefined
})
const measured = await rounds(able)
const reference = measured.has(REFERENCE) ? REFERENCE : able[0]!.name
const rows = [...measured].map(([generator, measurements]) => row(generator, measurements, measured.get(reference)!))
process.stdout.write(words.json ? `${JSON.stringify({ ...words, reference, rows })}\n` : text(rows))
process.exit(0)

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

function isDisturbed({ validity }: Measurement): boolean {
  return !validity.valid && validity.reasons.includes('disturbed')
}

function row(generator: string, measurements: readonly Measurement[], others: readonly Measurement[]): Row {
  const pairs = measurements.flatMap((own, round) => {
    const other = others[round]!
    return isDisturbed(own) || isDisturbed(other) ? [] : [[own.throughput, other.throughput] as const]
  })
  const ratio = pairedRatio(pairs, words.seed)
  return { generator, measurements, ...(ratio ? { ratio } : {}) }
}

/** A table of medians, and one of the throughput round by round. */
function text(rows: readonly Row[]): string {
  const columns: Record<string, (row: Row) => string> = {
    generator: ({ generator }) => generator,
    'per second': (row) => middle(row, ({ throughput }) => throughput).toFixed(0),
    [`to ${reference} (99 %)`]: ({ ratio }) =>
      ratio ? `${ratio.ratio.toFixed(2)} (${ratio.low.toFixed(2)}-${ratio.high.toFixed(2)})` : 'too few calm rounds',
    'p50 ms': (row) => middle(row, ({ latency }) => latency?.p50 ?? NaN).toFixed(2),
    'p99 ms': (row) => middle(row, ({ latency }) => latency?.p99 ?? NaN).toFixed(2),
    Little: (row) => middle(row, ({ little }) => little ?? NaN).toFixed(2),
    'own CPU us': (row) => middle(row, ({ generatorCpu, throughput }) => (generatorCpu / throughput) * 1e6).toFixed(1),
    'own CPU': (row) => middle(row, ({ generatorCpu }) => generatorCpu).toFixed(2),
    servers: (row) => middle(row, utilization).toFixed(2),
    foreign: (row) => middle(row, ({ foreignCpu }) => foreignCpu ?? NaN).toFixed(2),
    'at its limit': saturated,
    wrong: ({ measurements }) => `${measurements.reduce((sum, { errors, timeouts }) => sum + errors + timeouts, 0)}`,
  }
  const perRound = rows.map(({ generator, measurements }) => [
    generator,
    ...measurements.map((one) => `${one.throughput.toFixed(0)}${isDisturbed(one) ? '*' : ' '}`),
  ])
  return [
    `${words.connections} connections, ${words.connection}, 12 bytes, medians of ${words.rounds} rounds of ${words.seconds} s`,
    table([Object.keys(columns), ...rows.map((row) => Object.values(columns).map((cell) => cell(row)))]),
    '\nRequests per second, round by round (*: others used much of the CPUs meanwhile, not in the ratios)',
    table(perRound),
    '',
  ].join('\n')
}

function middle({ measurements }: Row, of: (measurement: Measurement) => number): number {
  return median(measurements.map(of))
}

function utilization({ usage }: Measurement): number {
  return usage.reduce((sum, tier) => sum + tier.utilization, 0)
}

function saturated(row: Row): string {
  const generator = middle(row, ({ generatorCpu }) => generatorCpu) > GENERATOR_CPU_LIMIT
  const servers = middle(row, utilization) >= SERVICES_LIMIT
  return generator && servers ? 'both' : generator ? 'generator' : servers ? 'servers' : 'none'
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)))
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
