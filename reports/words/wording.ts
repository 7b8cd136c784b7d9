import type { Ratios } from '../ratios.ts'
import type { Figure } from '../used.ts'
import type { Comparison, Interval } from '../statistics.ts'
import type { Answer, Ranking, Standing, Unranked } from '../answer.ts'
import type { FrameworkCost } from '../frameworks.ts'
import type { Limit } from '../limits.ts'
import { cgroupCharges, type Measure } from '../measures.ts'
import { list, mebibytes, microseconds, percent, perSecond, plural, times } from './quantities.ts'
import type { Measurement, Reason, Result } from '../run.ts'

/** An interval that spans more than this many times its lower end says nothing but that. */
const uselessFrom = 1000

/** A figure's 95 % interval: `2,241 – 2,379/s`; a single repeat that has none says so. */
export function intervalText(interval: Interval | undefined, format: (value: number) => string): string {
  if (interval === undefined) return 'one repeat, no interval'
  const { low, high, kind } = interval
  if (high > low * uselessFrom) return 'too noisy for an interval'
  const ends = `${format(low).replace(/\s?[^\d]*$/, '')} – ${format(high)}`
  return kind === 'window' ? `${ends} within one repeat` : ends
}

/** A ratio's 99 % interval: `7.20 – 9.01×`. */
export const ratioIntervalText = ({ low, high }: Pick<Interval, 'low' | 'high'>): string =>
  high > low * uselessFrom ? 'too noisy for an interval' : `${times(low).slice(0, -1)} – ${times(high)}`

/** How two results of a workload compare: `8.10× (7.20 – 9.01×)`; what is not told apart says so. */
export function comparisonText({ ratio, pairs, apart }: Comparison): string {
  if (ratio === undefined) return `${plural(pairs, 'pair')} of valid repeats only`
  return `${times(ratio.ratio)} (${ratioIntervalText(ratio)})${apart ? '' : ', not told apart'}`
}

/** One value of a ranking in a few words; what is not valid says so and is never given a place. */
export function standingText(standing: Standing, measure: Measure): string {
  if (standing.kind === 'missing') return standing.because
  if (standing.kind === 'ranked') return measure.format(standing.middle)
  if (standing.atLeast !== undefined) return `≥ ${measure.format(standing.atLeast)}, not valid`
  return `${measure.format(standing.middle)}, ${standing.note}`
}

const reasonWords: Readonly<Record<Reason, string>> = {
  unanswered: 'nothing was answered',
  errors: 'errors',
  'too-few': 'too few requests',
  inconsistent: 'figures contradict each other',
  'generator-bound': 'the generator was the bottleneck',
  'shared-cpus': 'generator and services shared CPUs',
  disturbed: 'others used the CPUs',
  'late-schedule': 'the generator was late',
  overloaded: 'the servers fell behind the rate',
}

/** Why a result is not ranked, in few words with the reasons. */
export const noteText = ({ note, reasons }: Unranked): string =>
  reasons.length === 0 ? note : `${note}: ${list(reasons.map((reason) => reasonWords[reason]))}`

/** Beside memory that is unknown, what is known instead, marked as what it is; undefined where there is nothing. */
export function cgroupText({ kind }: Standing, { name }: Measure, repeats: readonly Measurement[]): string | undefined {
  const charges = kind === 'missing' && name === 'memory' ? [...cgroupCharges(repeats)] : []
  if (charges.length === 0) return undefined
  const texts = charges.map(([server, bytes]) => `${server} ${mebibytes(bytes)}`)
  return `cgroup charge with page cache, not PSS, not ranked: ${list(texts)}`
}

/** A workload's title, with the runtime where the run has several. */
export const answerTitle = (title: string, { runtime }: Answer): string =>
  runtime === undefined ? title : `${title} (${runtime})`

/** What a workload's load is: `16 connections`, `500 requests per second over at most 64 connections`. */
export const loadText = ({ connections, rate }: Answer['workload']): string =>
  rate === undefined
    ? plural(connections, 'connection')
    : `${rate} requests per second over at most ${plural(connections, 'connection')}`

/** `1`, `1=` where it is not told apart from another, `–` where places mean nothing. */
export const placeText = (standing: Standing, { complete }: Ranking): string =>
  standing.kind === 'ranked' && complete ? `${standing.place}${standing.shared ? '=' : ''}` : '–'

/** What the ratios of a workload are, before their table. */
export const ratiosPremise = ({ reference }: Ratios): string =>
  `The same, as ratios to ${reference}, repeat by repeat, each with its 99 % interval.`

/** A figure and its interval, which is left out where nothing varied. */
export function figureText({ middle, interval, format }: Figure): readonly [value: string, interval?: string] {
  const [value, ends] = [format(middle), intervalText(interval, format)]
  return interval !== undefined && format(interval.low) === value && format(interval.high) === value
    ? [value]
    : [value, ends]
}

/** What limited a workload, the bottleneck, in a short sentence. */
export function limitText(limit: Limit): string {
  switch (limit.kind) {
    case 'tier':
      if (limit.ownCpus !== undefined)
        return `CPU: ${limit.server} (${limit.role}) used ${percent(limit.share)} of its own ${limit.ownCpus === 1 ? 'CPU' : `${limit.ownCpus} CPUs`}`
      return limit.share > limit.total * 0.995
        ? `CPU: ${limit.server} used ${percent(limit.share)} of the services’ CPUs`
        : `CPU: ${limit.server} (${limit.role}) took ${percent(limit.share)} of the services’ CPUs, all tiers ${percent(limit.total)}`
    case 'generator':
      return 'the generator, not the servers'
    case 'latency':
      return limit.loop.kind === 'open'
        ? `none: paced at ${perSecond(limit.loop.rate)} (${percent(limit.total)} of CPU used)`
        : `none: latency-bound at ${plural(limit.loop.connections, 'connection')} (${percent(limit.total)} of CPU used), so workers, threads, locks or waiting`
    case 'unknown':
      return 'unknown: no valid reading of the CPUs'
  }
}

/** What limited a workload, in few words. */
export function limitInShort(limit: Limit): string {
  if (limit.kind === 'tier') return `CPU of ${limit.server}`
  if (limit.kind === 'latency') return limit.loop.kind === 'open' ? 'none, paced' : 'none, latency-bound'
  return { generator: 'the generator', unknown: 'unknown' }[limit.kind]
}

/** What a framework costs over raw WSGI, with the intervals of the ratio and of both figures. */
export function frameworkText(cost: FrameworkCost): string {
  const one = (value: number, interval: Interval | undefined): string =>
    `${microseconds(value)} (${intervalText(interval, microseconds)})`
  const figures = `medians ${one(cost.microseconds, cost.interval)} and ${one(cost.rawMicroseconds, cost.rawInterval)}`
  return cost.ratio === undefined
    ? `${figures}: not compared, ${cost.because}`
    : `${times(cost.ratio.ratio)} (${ratioIntervalText(cost.ratio)}) in pairs of the same repeat, ${figures}`
}

/** `Varnish → nginx → Gunicorn` */
export const chain = (result: Result): string => result.tiers.map(({ title }) => title).join(' → ')
