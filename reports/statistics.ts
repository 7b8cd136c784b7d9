import { median, quantile } from 'simple-statistics'

export { median }

/** An interval, in the unit of the values it was made from, and how it came about. */
export interface Interval {
  readonly low: number
  readonly high: number
  /** `range`: smallest and largest of few values. `bootstrap`: percentile bootstrap of the median. */
  readonly kind: 'range' | 'bootstrap'
}

/** What can be said about two samples: how many times larger the first is, and whether that is more than chance. */
export interface Comparison {
  /** Median of the first over median of the second. */
  readonly ratio: number
  /** False also where the difference is clear but smaller than `smallestDifference`. */
  readonly apart: boolean
  /** Upper bound of the chance that two equal things look so apart; 1 where nothing can be said. */
  readonly chance: number
}

/** Fewer valid repeats than this are shown, never ranked: two separate pairs occur by chance in one of three. */
export const fewestRepeats = 3

/**
 * From this many repeats on intervals are bootstrapped. With fewer, the bootstrap of a median only repeats the range
 * and claims too much; simulated with 8 to 12 repeats, its nominal 99 % held the truth in 96 % of the cases.
 */
export const fewestForBootstrap = 8

/** Differences below 5 % are not called differences: restarting a server moves it by 2 % and more, whatever it is. */
export const smallestDifference = 1.05

/** Numbers from 0 to 1 that only depend on the seed (mulberry32, T. Ettinger 2017). */
export function seeded(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Percentile bootstrap interval of a statistic (Efron 1979), in the unit of the values. */
export function bootstrap(
  values: readonly number[],
  statistic: (values: number[]) => number,
  { seed = 1, rounds = 2000, confidence = 0.99 } = {},
): Interval {
  const random = seeded(seed)
  const estimates = Array.from({ length: rounds }, () =>
    statistic(values.map(() => values[Math.floor(random() * values.length)]!)),
  )
  const tail = (1 - confidence) / 2
  return { low: quantile(estimates, tail), high: quantile(estimates, 1 - tail), kind: 'bootstrap' }
}

/** How far the values lie apart: their range, or the bootstrap interval of their median once there are enough. */
export function spread(values: readonly number[], seed = 1): Interval {
  if (values.length >= fewestForBootstrap) return bootstrap(values, median, { seed })
  return { low: Math.min(...values), high: Math.max(...values), kind: 'range' }
}

/**
 * Chance that the range of n independent values holds the median of what they were drawn from: 1 - 2^(1-n),
 * whatever the distribution (David and Nagaraja, Order Statistics, 7.1).
 */
export function rangeCoverage(repeats: number): number {
  return repeats < 1 ? 0 : 1 - 2 ** (1 - repeats)
}

/**
 * Chance that all of one sample lie above or below all of another when both come from the same distribution:
 * 2 m! n! / (m + n)! (Mann and Whitney 1947).
 */
export function separationChance(m: number, n: number): number {
  let orders = 1
  for (let i = 1; i <= m; i++) orders = (orders * (n + i)) / i
  return Math.min(1, 2 / orders)
}

/** Median of the ratios a[i] / b[i] with its spread, from repeats made next to each other; undefined without pairs. */
export function pairedRatio(
  pairs: readonly (readonly [number, number])[],
  seed = 1,
): ({ readonly ratio: number } & Interval) | undefined {
  // Ratios are averaged and resampled as logarithms, so that a/b and b/a give the same answer.
  const logs = pairs.filter(([a, b]) => a > 0 && b > 0).map(([a, b]) => Math.log(a / b))
  if (logs.length === 0) return undefined
  const { low, high, kind } = spread(logs, seed)
  return { ratio: Math.exp(median(logs)), low: Math.exp(low), high: Math.exp(high), kind }
}

/**
 * Tells two samples apart: ranges that do not overlap, or from eight repeats on intervals of the median that do not,
 * and in both cases medians at least 5 % apart. Fewer than three values on either side are never told apart.
 */
export function compare(a: readonly number[], b: readonly number[], seed = 1): Comparison {
  const ratio = a.length > 0 && b.length > 0 ? median([...a]) / median([...b]) : Number.NaN
  if (Math.min(a.length, b.length) < fewestRepeats) return { ratio, apart: false, chance: 1 }
  const [first, second] = [spread(a, seed), spread(b, seed)]
  const separate = first.low > second.high || second.low > first.high
  const enough = Math.max(ratio, 1 / ratio) >= smallestDifference
  if (!separate || !enough) return { ratio, apart: false, chance: 1 }
  const bootstrapped = first.kind === 'bootstrap' || second.kind === 'bootstrap'
  return { ratio, apart: true, chance: bootstrapped ? 0.05 : separationChance(a.length, b.length) }
}
