import { mebibytes, microseconds, milliseconds, perSecond } from './words/quantities.ts'
import { median } from './statistics.ts'
import type { Measurement, Result } from './run.ts'

/** A quantity that topologies are compared by. */
export interface Measure {
  readonly name: 'throughput' | 'cpu' | 'p99' | 'memory'
  readonly title: string
  readonly better: 'more' | 'less'
  /** Undefined where the measurement does not know it. */
  of(measurement: Measurement): number | undefined
  format(value: number): string
}

/** Right responses per second. */
export const throughput: Measure = {
  name: 'throughput',
  title: 'Throughput',
  better: 'more',
  of: (measurement) => measurement.throughput,
  format: perSecond,
}

/** CPU time of all tiers per request, in microseconds. */
export const cpu: Measure = {
  name: 'cpu',
  title: 'CPU per request',
  better: 'less',
  of: ({ usage }) => (usage.length === 0 ? undefined : sum(usage.map((tier) => tier.cpuMicrosecondsPerRequest))),
  format: microseconds,
}

/** 99th percentile of latency, in milliseconds. */
export const p99: Measure = {
  name: 'p99',
  title: 'Latency p99',
  better: 'less',
  of: ({ latency }) => latency?.p99,
  format: milliseconds,
}

/** Proportional set size of all tiers, in bytes; unknown as soon as one tier's is. */
export const memory: Measure = {
  name: 'memory',
  title: 'Memory (PSS)',
  better: 'less',
  of: ({ usage }) => {
    const known = usage.flatMap(({ pssBytes }) => (pssBytes === null ? [] : [pssBytes]))
    return usage.length > 0 && known.length === usage.length ? sum(known) : undefined
  },
  format: mebibytes,
}

/** What the kernel charges tiers with whose memory is unknown, by server, in bytes: not a measure, never compared. */
export function cgroupCharges(repeats: readonly Measurement[]): ReadonlyMap<string, number> {
  const known = repeats.flatMap(({ usage }) =>
    usage.flatMap(({ server, pssBytes, cgroupBytes }) =>
      pssBytes === null && cgroupBytes !== undefined ? [{ server, cgroupBytes }] : [],
    ),
  )
  const servers = Map.groupBy(known, ({ server }) => server)
  return new Map([...servers].map(([server, of]) => [server, median(of.map(({ cgroupBytes }) => cgroupBytes))]))
}

/** What every workload's answer ranks, the decisive one first. */
export const measures = [throughput, cpu, p99, memory] as const

/** Adds up. */
export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** The repeats of a workload at one result, in order. */
export function repeatsOf(result: Result, workload: string): readonly Measurement[] {
  return result.measurements
    .filter((measurement) => measurement.workload === workload)
    .sort((a, b) => a.repeat - b.repeat)
}
