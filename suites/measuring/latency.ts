import { decodeFromCompressedBase64 } from 'hdr-histogram-js'
import type { Latency, ScheduleKept } from '../../reports/run.ts'
import type { Schedule } from '../generators/index.ts'

/** Mean and percentiles, in milliseconds, of a histogram in microseconds (V2, base64); null when it is empty. */
export function latencyOf(histogram: string): Latency | null {
  const microseconds = decodeFromCompressedBase64(histogram)
  const { totalCount } = microseconds
  if (totalCount === 0) return null
  const at = (percentile: number): number => microseconds.getValueAtPercentile(percentile) / 1e3
  const tail = (percentile: number): number | null => (isWithin(percentile, totalCount) ? at(percentile) : null)
  return {
    mean: microseconds.mean / 1e3,
    p50: at(50),
    p90: tail(90),
    p99: tail(99),
    p999: tail(99.9),
    max: microseconds.maxValue / 1e3,
  }
}

/** Whether at least one of so many values lies beyond a percentile; it would be their maximum otherwise. */
export const isWithin = (percentile: number, values: number): boolean =>
  // In thousandths, because 100 - 99.9 is not 0.1 in binary.
  values * Math.round((100 - percentile) * 10) >= 1000

/** How well an open loop kept its schedule, in milliseconds. */
export function scheduleKept({ due, queued, lateness }: Schedule): ScheduleKept {
  const microseconds = decodeFromCompressedBase64(lateness)
  const at = (percentile: number): number => microseconds.getValueAtPercentile(percentile) / 1e3
  return { due, lateP50: at(50), lateP99: at(99), lateMax: microseconds.maxValue / 1e3, queued }
}
