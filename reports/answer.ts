import { fewestRepeats, compare, median, spread, type Interval } from './statistics.ts'
import { generatorBound, limitOf, type Limit } from './limits.ts'
import { measures, repeatsOf, resultNames, throughput, type Measure } from './measures.ts'
import { plural } from './words/quantities.ts'
import type { Measurement, Result, Run } from './run.ts'

/** Where one result stands among the others for one measure of one workload. */
export type Standing = { readonly name: string; readonly result: Result } & (
  | {
      readonly kind: 'ranked'
      readonly place: number
      readonly shared: boolean
      readonly values: readonly number[]
      readonly middle: number
      readonly interval: Interval
    }
  /** Seen, but not ranked: too few valid repeats. `atLeast` where the generator was the only bottleneck. */
  | {
      readonly kind: 'unranked'
      readonly middle: number
      readonly interval: Interval
      readonly valid: number
      readonly repeats: number
      readonly atLeast?: number
      readonly because: string
    }
  | { readonly kind: 'missing'; readonly because: string }
)
/** A result that takes part in a ranking. */
export type Ranked = Extract<Standing, { kind: 'ranked' }>
/** A result whose values are shown but compared with nothing. */
export type Unranked = Extract<Standing, { kind: 'unranked' }>

/** The results by one measure: best first where all measured ones are ranked, else in the run's order, which says nothing. */
export interface Ranking {
  readonly measure: Measure
  readonly standings: readonly Standing[]
  /** The best, and all that nothing is told apart from as better. One leader among several ranked is a winner. */
  readonly leaders: readonly Ranked[]
  /** False when something measured could not be ranked: then first place means nothing, and none is shown. */
  readonly complete: boolean
}

/** Which topology to choose for a workload, as far as the run can tell. */
export interface Answer {
  readonly workload: Run['workloads'][number]
  readonly throughput: Ranking
  /** All measures, throughput first. */
  readonly rankings: readonly Ranking[]
  readonly limits: ReadonlyMap<string, Limit>
}

const contents: readonly string[] = ['dynamic', 'cacheable', 'static']

/** One answer per workload that compares topologies: dynamic content first, then cacheable, then static. */
export function answers(run: Run): readonly Answer[] {
  const names = resultNames(run)
  return run.workloads
    .filter(({ content }) => contents.includes(content))
    .sort((a, b) => contents.indexOf(a.content) - contents.indexOf(b.content))
    .map((workload) => {
      const rankings = measures.map((measure) => rank(run, workload.name, measure))
      const limits = run.results.map(
        (result) => [names.get(result)!, limitOf(repeatsOf(result, workload.name))] as const,
      )
      return { workload, throughput: rankings[0]!, rankings, limits: new Map(limits) }
    })
}

/** Ranks a run's results by one measure of one workload; only samples of three and more valid repeats take part. */
export function rank(run: Run, workload: string, measure: Measure): Ranking {
  const standings = [...resultNames(run)].map(([result, name]) => stand(run, result, name, workload, measure))
  const better = (a: number, b: number): boolean => (measure.better === 'more' ? a > b : a < b)
  const samples = standings.filter((standing) => standing.kind === 'ranked')
  const apart = (a: Ranked, b: Ranked): boolean => compare(a.values, b.values, run.seed).apart
  const ranked = samples
    .map((sample) => ({
      ...sample,
      place: 1 + samples.filter((other) => apart(other, sample) && better(other.middle, sample.middle)).length,
      shared: samples.some((other) => other !== sample && !apart(other, sample)),
    }))
    .sort((a, b) => a.place - b.place || (better(a.middle, b.middle) ? -1 : 1))
  const complete = !standings.some(({ kind }) => kind === 'unranked')
  const missing = standings.filter(({ kind }) => kind === 'missing')
  const all = standings.map((standing) => ranked.find(({ name }) => name === standing.name) ?? standing)
  return {
    measure,
    standings: complete ? [...ranked, ...missing] : all,
    leaders: ranked.filter(({ place }) => place === 1),
    complete,
  }
}

function stand(run: Run, result: Result, name: string, workload: string, measure: Measure): Standing {
  const repeats = repeatsOf(result, workload)
  const known = (of: readonly Measurement[]): number[] => of.flatMap((one) => measure.of(one) ?? [])
  const valid = known(repeats.filter(({ validity }) => validity.valid))
  const seen = valid.length > 0 ? valid : known(repeats)
  if (seen.length === 0) return { name, result, kind: 'missing', because: whyMissing(result, repeats) }
  const figures = { name, result, middle: median([...seen]), interval: spread(seen, run.seed) }
  if (valid.length >= fewestRepeats) return { ...figures, kind: 'ranked', place: 1, shared: false, values: valid }
  const bound = measure === throughput && valid.length === 0 && repeats.every(generatorBound)
  return {
    ...figures,
    kind: 'unranked',
    valid: valid.length,
    repeats: repeats.length,
    ...(bound ? { atLeast: Math.min(...seen) } : {}),
    because: whyUnranked(repeats, valid.length),
  }
}

const whyMissing = (result: Result, repeats: readonly Measurement[]): string =>
  repeats.length > 0
    ? 'not known from this run'
    : result.problems.length > 0
      ? 'not measured: it failed'
      : 'not measured'

function whyUnranked(repeats: readonly Measurement[], valid: number): string {
  const reasons = reasonsOf(repeats)
  const few = `${plural(valid, 'valid measurement')} of ${repeats.length}, a ranking needs ${fewestRepeats}`
  return reasons.length === 0
    ? few
    : `${few} (${reasons[0]}${reasons.length > 1 ? `, and ${plural(reasons.length - 1, 'other reason')}` : ''})`
}

/** Why repeats are not valid: a sentence for each kind of reason, with the figures of its first occurrence. */
export function reasonsOf(repeats: readonly Measurement[]): readonly string[] {
  const kinds = new Map<string, string>()
  for (const { validity } of repeats)
    for (const [index, reason] of (validity.valid ? [] : validity.reasons).entries())
      if (!validity.valid && !kinds.has(reason)) kinds.set(reason, validity.because[index]!.replace(/\.$/, ''))
  return [...kinds.values()]
}
