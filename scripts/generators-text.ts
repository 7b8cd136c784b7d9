import type { Measurement } from '../reports/run.ts'
import { median, type Ratio } from '../reports/statistics.ts'
import { SERVICES_LIMIT } from '../suites/measuring/figures.ts'
import { GENERATOR_CPU_LIMIT } from '../suites/measuring/validity.ts'

/** One generator's measurements, a round each, and how its throughput compares with the reference's. */
export interface Row {
  readonly generator: string
  readonly measurements: readonly Measurement[]
  /** Of the rounds in which nobody else used much of the CPUs; absent with fewer than three of them. */
  readonly ratio?: Ratio
}

/** How they were measured. */
interface How {
  readonly rounds: number
  readonly seconds: number
  readonly connections: number
  readonly connection: string
  /** The generator to which ratios are. */
  readonly reference: string
}

/** Whether others, or the machine itself, are in the figures. */
export function isDisturbed({ validity }: Measurement): boolean {
  return !validity.valid && validity.reasons.includes('disturbed')
}

/** A table of medians, and one of the throughput round by round, as `bench:generators` prints them. */
export function generatorsText(rows: readonly Row[], how: How): string {
  const columns: Record<string, (row: Row) => string> = {
    generator: ({ generator }) => generator,
    'per second': (row) => middle(row, ({ throughput }) => throughput).toFixed(0),
    [`to ${how.reference} (99 %)`]: ({ ratio }) =>
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
    `${how.connections} connections, ${how.connection}, 12 bytes, medians of ${how.rounds} rounds of ${how.seconds} s`,
    table([Object.keys(columns), ...rows.map((row) => Object.values(columns).map((cell) => cell(row)))]),
    'Little: below 1 where the time from an answer to the next request is in no latency; those latencies are too short.',
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
