import { mebibytes, microseconds, milliseconds, perSecond } from './words/quantities.ts'
import { median } from './statistics.ts'
import type { Measurement, Result, Within } from './run.ts'

/** A quantity that topologies are compared by. */
export interface Measure {
  readonly name: 'throughput' | 'cpu' | 'p50' | 'p90' | 'p99' | 'memory'
  readonly title: string
  readonly better: 'more' | 'less'
  /** Undefined where the measurement does not know it. */
  of(measurement: Measurement): number | undefined
  /** The window's own interval, which a single repeat is shown with; absent where no window tells. */
  within?(within: Within): { readonly low: number; readonly high: number } | null
  /** Repeats with fewer requests than this are shown, never ranked. */
  readonly fewestRequests?: number
  format(value: number): string
}

/** Right responses per second. */
export const throughput: Measure = {
  name: 'throughput',
  title: 'Throughput',
  better: 'more',
  of: (measurement) => measurement.throughput,
  within: (within) => within.throughput,
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

/** Median of latency, in milliseconds. */
export const p50: Measure = {
  name: 'p50',
  title: 'Latency p50',
  better: 'less',
  of: ({ latency }) => latency?.p50,
  within: (within) => within.p50,
  format: milliseconds,
}

/** 90th percentile of latency, in milliseconds: shown in charts between the two that are ranked. */
export const p90: Measure = {
  name: 'p90',
  title: 'Latency p90',
  better: 'less',
  of: ({ latency }) => latency?.p90 ?? undefined,
  within: (within) => within.p90,
  fewestRequests: 100,
  format: milliseconds,
}

/** 99th percentile of latency, in milliseconds; ranked where at least ten requests of a repeat lay beyond it. */
export const p99: Measure = {
  name: 'p99',
  title: 'Latency p99',
  better: 'less',
  of: ({ latency }) => latency?.p99 ?? undefined,
  within: (within) => within.p99,
  fewestRequests: 1000,
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
export const measures = [throughput, cpu, p50, p99, memory] as const

/** Adds up. */
export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** The repeats of a workload at one result, in order. */
export function repeatsOf(result: Result, workload: string): readonly Measurement[] {
  return result.measurements
    .filter((measurement) => measurement.workload === workload)
    .sort((a, b) => a.repeat - b.repeat)
}
