import { isWorse, type Effect } from '../gate.ts'
import type { GatedMetric } from '../run.ts'
import { mebibytes, microseconds, milliseconds, perSecond } from './quantities.ts'

/** What a gate calls its metrics in a sentence. */
export const metricNames: Readonly<Record<GatedMetric, string>> = {
  cpu: 'CPU per request',
  throughput: 'throughput',
  p50: 'median latency (p50)',
  p99: '99th percentile of latency (p99)',
  memory: 'memory',
}

/** How a value of a metric is written, from the unit that a `GateRound` has it in. */
export const metricFormats: Readonly<Record<GatedMetric, (value: number) => string>> = {
  cpu: microseconds,
  throughput: perSecond,
  p50: milliseconds,
  p99: milliseconds,
  memory: mebibytes,
}

/** A fraction as percent without its sign: `5.1 %`, `132 %`. */
export function share(fraction: number, digits?: number): string {
  const value = Math.abs(fraction * 100)
  const shown = digits ?? (value >= 100 ? 0 : value < 0.1 && value > 0 ? 2 : 1)
  return `${value.toFixed(shown)}\u00a0%`
}

/** A fraction as percent with its sign: `+0.3 %`, `−5.1 %`. */
export const signed = (fraction: number): string => `${fraction < 0 ? '−' : '+'}${share(fraction)}`

/** A tolerance as somebody would type it: `2 %`, `2.5 %`. */
export const tolerated = ({ tolerance }: Pick<Effect, 'tolerance'>): string =>
  `${Number((tolerance * 100).toPrecision(6))}\u00a0%`

/** A fraction with as many digits as tell it from the tolerance, because `5.0 % of 5 %` would say nothing. */
export function shareBeside(fraction: number, { tolerance }: Pick<Effect, 'tolerance'>): string {
  const digits = [1, 2, 3].find((each) => Math.abs(Math.abs(fraction) - tolerance) * 100 >= 0.5 * 10 ** -each)
  return digits === 1 ? share(fraction) : share(fraction, digits ?? 3)
}

/** The 99 % interval: `4.4 to 5.8 %` where both ends have one sign, else `−0.4 to +1.0 %`. */
export function intervalOf({ interval }: Effect): string {
  if (interval === undefined) return 'no interval'
  const { low, high } = interval
  if (low > 0) return `${withoutUnit(share(low))} to ${share(high)}`
  if (high < 0) return `${withoutUnit(share(high))} to ${share(low)}`
  return `${withoutUnit(signed(low))} to ${signed(high)}`
}

/** The same with the sign of both ends, as tables show it beside a signed change. */
export const signedInterval = ({ interval }: Effect): string =>
  interval === undefined ? 'no interval' : `${withoutUnit(signed(interval.low))} to ${signed(interval.high)}`

const withoutUnit = (text: string): string => text.replace('\u00a0%', '')

/** What became of a metric: `CPU per request rose by 5.1 % (4.4 to 5.8 %)`. */
export function changeOf(effect: Effect): string {
  const { metric, change, interval, rounds } = effect
  const name = metricNames[metric]
  if (rounds === 0) return `${name} is not known of any round`
  if (interval === undefined) return `${name} differed by ${signed(change)} in one round`
  if (interval.low <= 0 && interval.high >= 0)
    return `${name} is not told from unchanged, ${signed(change)} (${intervalOf(effect)})`
  return `${name} ${change > 0 ? 'rose' : 'fell'} by ${shareBeside(change, effect)} (${intervalOf(effect)})`
}

/** The direction that is for the worse: `rise`, of throughput `fall`. */
export const worsening = (metric: GatedMetric): 'rise' | 'fall' => (isWorse(metric, 1) ? 'rise' : 'fall')
