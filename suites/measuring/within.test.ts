import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js'
import { expect, test } from 'vitest'
import { seeded } from '../../reports/statistics.ts'
import type { Recording } from '../generators/index.ts'
import { withinOf } from './within.ts'

const SLICES = 10

/** A window of a second whose parts hold these latencies, in milliseconds. */
function recorded(parts: readonly (readonly number[])[]): Recording {
  const histograms = parts.map((latencies): Histogram => {
    const histogram = build({ highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 })
    for (const ms of latencies) histogram.recordValue(Math.max(1, Math.round(ms * 1e3)))
    return histogram
  })
  const nothing = { errors: 0, errorKinds: {}, timeouts: 0, bytes: 0, cpuSeconds: 0, eventLoopUtilization: 0 }
  return {
    ...nothing,
    requests: parts.flat().length,
    seconds: 1,
    histogram: '',
    slices: histograms.map((histogram) => encodeIntoCompressedBase64(histogram)),
  }
}

/** One connection to a server whose times are exponential with a mean of 2 ms, for a second. */
function exponential(random: () => number): number[][] {
  const parts: number[][] = Array.from({ length: SLICES }, () => [])
  for (let now = 0; ;) {
    const ms = -2 * Math.log(1 - random())
    now += ms
    if (now >= 1000) return parts
    parts[Math.floor((now * SLICES) / 1000)]!.push(ms)
  }
}

test('95 % intervals of a server whose truth is known hold it nearly that often', () => {
  const [random, rounds] = [seeded(7), 300]
  const truth = { throughput: 500, p50: 2 * Math.log(2), p90: 2 * Math.log(10), p99: 2 * Math.log(100) }
  const held = { throughput: 0, p50: 0, p90: 0, p99: 0 }
  for (let round = 0; round < rounds; round++) {
    const within = withinOf(recorded(exponential(random)))!
    for (const figure of ['throughput', 'p50', 'p90', 'p99'] as const) {
      const { low, high } = within[figure]!
      if (low <= truth[figure] && truth[figure] <= high) held[figure] += 1
    }
  }
  for (const figure of ['throughput', 'p50', 'p90'] as const) {
    expect(held[figure] / rounds, figure).toBeGreaterThan(0.9)
    // Intervals that always hold it would be too wide to be of use.
    expect(held[figure] / rounds, figure).toBeLessThan(0.995)
  }
  // Of 500 requests five lie beyond p99: the bootstrap of so few is too narrow, as is known of extremes.
  expect(held.p99 / rounds).toBeGreaterThan(0.85)
})

test('a window in which the server stood still has wide intervals', () => {
  const quiet = exponential(seeded(1))
  const stalled = quiet.map((part, index) => (index === 4 ? [200] : part))
  const [narrow, wide] = [withinOf(recorded(quiet))!, withinOf(recorded(stalled))!]
  const width = ({ low, high }: { low: number; high: number }): number => high - low
  expect(width(wide.throughput)).toBeGreaterThan(2 * width(narrow.throughput))
  // The stall is one request of 450: whether it is in the p99 depends on how often its part is drawn.
  expect(width(wide.p50)).toBeGreaterThan(0)
})

test('a stall that all requests due in it had to wait for widens the percentiles too', () => {
  const quiet = Array.from({ length: SLICES }, () => Array.from({ length: 50 }, () => 2))
  const stalled = quiet.map((part, index) => (index === 4 ? part.map((_, at) => 100 - 2 * at) : part))
  const { p50, p90, p99 } = withinOf(recorded(stalled))!
  expect(p50).toMatchObject({ low: expect.closeTo(2, 1) as number, high: expect.closeTo(2, 1) as number })
  expect(p90!.high).toBeGreaterThan(20)
  expect(p99!.high - p99!.low).toBeGreaterThan(50)
})

test('percentiles that too few requests reach have no interval, and without requests there is none at all', () => {
  const some = (count: number): Recording => recorded(Array.from({ length: SLICES }, () => Array(count).fill(1)))
  expect(withinOf(some(9))).toMatchObject({ p90: { low: expect.closeTo(1) as number }, p99: null })
  expect(withinOf(recorded([[1], [2], [3]]))).toMatchObject({ p90: null, p99: null })
  expect(withinOf(some(0))).toBeUndefined()
})

test('an open loop’s throughput is what was completed, whatever was due', () => {
  const { throughput } = withinOf({
    ...recorded(Array.from({ length: SLICES }, () => Array(10).fill(1))),
    completed: 80,
  })!
  expect(throughput).toEqual({ low: expect.closeTo(80) as number, high: expect.closeTo(80) as number })
})
