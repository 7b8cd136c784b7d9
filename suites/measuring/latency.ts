import { decodeFromCompressedBase64 } from 'hdr-histogram-js'
import type { Latency } from '../../reports/run.ts'

/** Mean and percentiles, in milliseconds, of a histogram in microseconds (V2, base64); null when it is empty. */
export function latencyOf(histogram: string): Latency | null {
  const microseconds = decodeFromCompressedBase64(histogram)
  if (microseconds.totalCount === 0) return null
  const at = (percentile: number): number => microseconds.getValueAtPercentile(percentile) / 1e3
  return {
    mean: microseconds.mean / 1e3,
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max: microseconds.maxValue / 1e3,
  }
}
