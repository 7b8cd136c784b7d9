import {
  fewestForBootstrap,
  fewestRepeats,
  rangeCoverage,
  separationChance,
  smallestDifference,
  type Interval,
} from '../statistics.ts'
import type { Answer, Ranking, Standing } from '../answer.ts'
import type { FrameworkCost } from '../frameworks.ts'
import type { Limit } from '../limits.ts'
import { cgroupCharges, type Measure } from '../measures.ts'
import { candidates, runtimesOf } from '../names.ts'
import { list, mebibytes, microseconds, percent, plural, times } from './quantities.ts'
import type { Measurement, Result, Run } from '../run.ts'

/** A value's spread: `2,241 – 2,379/s`. */
export function intervalText(interval: Interval, measure: Measure): string {
  return `${measure.format(interval.low).replace(/\s?[^\d]*$/, '')} – ${measure.format(interval.high)}`
}

/** One value of a ranking in a few words; what is not valid says so and is never given a place. */
export function standingText(standing: Standing, measure: Measure): string {
  if (standing.kind === 'missing') return standing.because
  if (standing.kind === 'ranked') return measure.format(standing.middle)
  if (standing.atLeast !== undefined) return `≥ ${measure.format(standing.atLeast)}, not valid`
  return `${measure.format(standing.middle)}, ${standing.valid > 0 ? 'too few valid repeats' : 'not valid'}`
}

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

/** `1`, `1=` where it is not told apart from another, `–` where places mean nothing. */
export const placeText = (standing: Standing, { complete }: Ranking): string =>
  standing.kind === 'ranked' && complete ? `${standing.place}${standing.shared ? '=' : ''}` : '–'

/** What limited a workload, in a short sentence. */
export function limitText(limit: Limit): string {
  switch (limit.kind) {
    case 'tier':
      return limit.share > limit.total * 0.995
        ? `CPU: ${limit.server} used ${percent(limit.share)} of the services’ CPUs`
        : `CPU: ${limit.server} (${limit.role}) took ${percent(limit.share)} of the services’ CPUs, all tiers ${percent(limit.total)}`
    case 'generator':
      return 'the generator, not the servers'
    case 'latency':
      return `not CPU (${percent(limit.total)} used): latency at ${plural(limit.connections, 'connection')}, so workers, threads, locks or waiting`
    case 'unknown':
      return 'unknown: no valid reading of the CPUs'
  }
}

/** What limited a workload, in few words. */
export function limitInShort(limit: Limit): string {
  if (limit.kind === 'tier') return `CPU of ${limit.server}`
  return { generator: 'the generator', latency: 'not CPU', unknown: 'unknown' }[limit.kind]
}

/** What a framework costs over raw WSGI, with its spread. */
export function frameworkText({ ratio, microseconds: own, rawMicroseconds, because }: FrameworkCost): string {
  const figures = `medians ${microseconds(own)} and ${microseconds(rawMicroseconds)}`
  return ratio === undefined
    ? `${figures}: not compared, ${because}`
    : `${times(ratio.ratio)} (${times(ratio.low)} – ${times(ratio.high)}) in pairs of the same repeat, ${figures}`
}

/** `Varnish → nginx → Gunicorn` */
export const chain = (result: Result): string => result.tiers.map(({ title }) => title).join(' → ')

/** What the run's number of repeats allows to claim, and what not. */
export function claims(run: Run): readonly string[] {
  const { repeats } = run
  const once = run.results.some(
    ({ bringUpSeconds, measurements }) => measurements.length > 0 && bringUpSeconds.length < repeats,
  )
  const [, many] = candidates(run)
  const rule = `Two ${many} are told apart when their spreads do not overlap and their medians differ by at least ${Math.round((smallestDifference - 1) * 100)} %; otherwise they share a place.`
  const starts = once
    ? [
        'Not every repeat had servers of its own start: what changes from one start to the next, 1 to 2 %, is not in the spread.',
      ]
    : []
  const apart =
    runtimesOf(run).length > 1
      ? [
          `${many.replace(/^./, (first) => first.toUpperCase())} are ranked among those on the same runtime (${list(runtimesOf(run))}), and told apart only there.`,
        ]
      : []
  if (repeats < fewestRepeats)
    return [
      `${plural(repeats, 'repeat')} per workload: values are shown, nothing is ranked. A ranking needs ${fewestRepeats} valid repeats.`,
    ]
  if (repeats >= fewestForBootstrap)
    return [
      `${repeats} repeats per workload, interleaved over the ${many}. The spread is the percentile bootstrap interval of the median (nominally 99 %, in simulation about 96 %).`,
      rule,
      ...apart,
      ...starts,
    ]
  return [
    `${repeats} repeats per workload, interleaved over the ${many}. The spread is the smallest and the largest repeat, not a confidence interval in the usual sense: it holds the median of endless repeats in ${percent(rangeCoverage(repeats))} of such runs.`,
    `${rule} Two equal ${many} would look apart by chance in 1 of ${Math.round(1 / separationChance(repeats, repeats))} comparisons, if repeats are independent of each other.`,
    ...apart,
    ...starts,
  ]
}
