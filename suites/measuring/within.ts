import { decodeFromCompressedBase64, JsHistogram } from 'hdr-histogram-js'
import type { Within } from '../../reports/run.ts'
import { bootstrap } from '../../reports/statistics.ts'
import type { Recording } from '../generators/index.ts'
import { isWithin } from './latency.ts'

/** How often the parts of a window are drawn anew. */
const ROUNDS = 500

/** A part of a window: how many of its latencies lie at or below each step of the histogram's scale. */
type Part = Float64Array

/**
 * 95 % intervals of one window's figures: its equal parts are drawn with replacement (block bootstrap, Künsch 1989), because
 * requests that follow one another are alike and parts of some length are less so. Undefined where the generator gives no parts.
 */
export function withinOf({ slices, seconds, requests, completed }: Recording): Within | undefined {
  if (!slices || requests === 0) return undefined
  const histograms = slices.map(decoded)
  const scale = histograms.reduce((longest, each) => (each.maxValue > longest.maxValue ? each : longest))
  const steps = scale.countsArrayIndex(scale.maxValue) + 1
  const parts = histograms.map((histogram) => upTo(histogram, steps))
  const drawn = (statistic: (drawn: readonly Part[]) => number): { low: number; high: number } => {
    const { low, high } = bootstrap([...parts.keys()], (indices) => statistic(indices.map((index) => parts[index]!)), {
      rounds: ROUNDS,
      confidence: 0.95,
    })
    return { low, high }
  }
  const percentile = (of: number): { low: number; high: number } =>
    drawn((drawn) => scale.highestEquivalentValue(scale.valueFromIndex(stepOf(of, drawn, steps))) / 1e3)
  // Of an open loop the parts hold what was due in them, not what was completed.
  const perSecond = (completed ?? requests) / requests / seconds
  return {
    throughput: drawn((drawn) => totalOf(drawn, steps) * perSecond),
    p50: percentile(50),
    p90: isWithin(90, requests) ? percentile(90) : null,
    p99: isWithin(99, requests) ? percentile(99) : null,
  }
}

function decoded(slice: string): JsHistogram {
  const histogram = decodeFromCompressedBase64(slice)
  // Decoding makes no other kind unless it is asked for WebAssembly.
  if (!(histogram instanceof JsHistogram)) throw new TypeError('a histogram of WebAssembly has no counts to look at')
  return histogram
}

function upTo(histogram: JsHistogram, steps: number): Part {
  const own = Math.min(steps, histogram.countsArrayLength)
  let sum = 0
  return Float64Array.from({ length: steps }, (_, step) => (sum += step < own ? histogram.getCountAtIndex(step) : 0))
}

const totalOf = (drawn: readonly Part[], steps: number): number =>
  drawn.reduce((sum, part) => sum + part[steps - 1]!, 0)

/** The first step of the scale up to which a percentage of the drawn parts' values lie. */
function stepOf(percentile: number, drawn: readonly Part[], steps: number): number {
  const sought = Math.max(1, Math.round((percentile / 100) * totalOf(drawn, steps)))
  let [low, high] = [0, steps - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    let below = 0
    for (const part of drawn) below += part[middle]!
    if (below >= sought) high = middle
    else low = middle + 1
  }
  return low
}
