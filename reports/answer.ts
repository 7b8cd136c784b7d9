import { fewestRepeats, compare, median, spread, type Interval, type Repeats } from './statistics.ts'
import { generatorBound, limitOf, type Limit } from './limits.ts'
import { measures, repeatsOf, throughput, type Measure } from './measures.ts'
import { resultNames, runtimesOf } from './names.ts'
import { number, plural } from './words/quantities.ts'
import { contents, type Measurement, type Reason, type Result, type Run } from './run.ts'

/** Where one result stands among the others for one measure of one workload. */
export type Standing = { readonly name: string; readonly result: Result } & (
  | {
      readonly kind: 'ranked'
      readonly place: number
      readonly shared: boolean
      readonly values: Repeats
      /** Median of the repeats. */
      readonly middle: number
      readonly interval: Interval | undefined
    }
  /** Seen, but not ranked: too few valid repeats. `atLeast`, the lower end, where the generator was the only bottleneck. */
  | {
      readonly kind: 'unranked'
      readonly middle: number
      /** Undefined for a single repeat whose window tells none. */
      readonly interval: Interval | undefined
      readonly valid: number
      readonly repeats: number
      readonly atLeast?: number
      /** Why it is not ranked, in few words, and in a sentence with what made repeats invalid. */
      readonly note: string
      readonly reasons: readonly Reason[]
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
  /** The best, and all that cannot be told apart from it. One leader among several ranked is a winner. */
  readonly leaders: readonly Ranked[]
  /** False when something measured could not be ranked: then first place means nothing, and none is shown. */
  readonly complete: boolean
}

/** Which topology to choose for a workload on one runtime, as far as the run can tell. */
export interface Answer {
  readonly workload: Run['workloads'][number]
  /** The runtime whose results are ranked; absent when the run has no other, so that nobody needs to name it. */
  readonly runtime?: string
  readonly throughput: Ranking
  /** All measures, throughput first. */
  readonly rankings: readonly Ranking[]
  readonly limits: ReadonlyMap<string, Limit>
}

/** The workloads that compare topologies, by content: all but those that compare frameworks. */
export function comparedWorkloads(run: Run): Run['workloads'] {
  return run.workloads
    .filter(({ content }) => content !== 'framework')
    .sort((a, b) => contents.indexOf(a.content) - contents.indexOf(b.content))
}

/**
 * One answer per workload that compares topologies, and per runtime. Who deploys in containers chooses among topologies
 * in containers; what containers cost is a question of its own (`isolation.ts`).
 */
export function answers(run: Run): readonly Answer[] {
  const names = resultNames(run)
  const runtimes = runtimesOf(run)
  const groups =
    runtimes.length > 1
      ? runtimes.map((runtime) => ({ runtime, results: run.results.filter((result) => result.runtime === runtime) }))
      : [{ results: run.results }]
  return comparedWorkloads(run).flatMap((workload) =>
    groups.map(({ results, ...runtime }) => {
      const rankings = measures.map((measure) => rank(run, workload.name, measure, results))
      const limits = results.map((result) => [names.get(result)!, limitOf(repeatsOf(result, workload.name))] as const)
      return { workload, ...runtime, throughput: rankings[0]!, rankings, limits: new Map(limits) }
    }),
  )
}

/** Ranks results of a run by one measure of one workload; only samples of three and more valid repeats take part. */
function rank(run: Run, workload: string, measure: Measure, results: readonly Result[]): Ranking {
  const standings = standingsOf(run, workload, measure).filter(({ result }) => results.includes(result))
  const better = (a: number, b: number): boolean => (measure.better === 'more' ? a > b : a < b)
  const samples = standings.filter((standing) => standing.kind === 'ranked')
  const told = samples.flatMap((one, index) =>
    samples
      .slice(index + 1)
      .filter((other) => compare(one.values, other.values, run.seed).apart)
      .map((other) => [one.name, other.name]),
  )
  const apart = (a: Ranked, b: Ranked): boolean => told.some((pair) => pair.includes(a.name) && pair.includes(b.name))
  const ranked = samples
    .map((sample) => ({
      ...sample,
      place: 1 + samples.filter((other) => apart(other, sample) && better(other.middle, sample.middle)).length,
      shared: samples.some((other) => other !== sample && !apart(other, sample)),
    }))
    .sort((a, b) => a.place - b.place || (better(a.middle, b.middle) ? -1 : 1))
  // What was measured but not read, as memory may be, could be the best as well.
  const complete = !standings.some(
    ({ kind, result }) => kind === 'unranked' || (kind === 'missing' && repeatsOf(result, workload).length > 0),
  )
  const missing = standings.filter(({ kind }) => kind === 'missing')
  const all = standings.map((standing) => ranked.find(({ name }) => name === standing.name) ?? standing)
  const [best] = ranked
  return {
    measure,
    standings: complete ? [...ranked, ...missing] : all,
    leaders: ranked.filter((one) => one === best || one.place === 1 || !apart(best!, one)),
    complete,
  }
}

/** Where every result of a run stands by itself, in the run's order, before it is compared with others. */
export function standingsOf(run: Run, workload: string, measure: Measure): readonly Standing[] {
  return [...resultNames(run)].map(([result, name]) => stand(run, result, name, workload, measure))
}

function stand(run: Run, result: Result, name: string, workload: string, measure: Measure): Standing {
  const repeats = repeatsOf(result, workload)
  const known = (of: readonly Measurement[]): readonly (readonly [Measurement, number])[] =>
    of.flatMap((one) => {
      const value = measure.of(one)
      return value === undefined ? [] : [[one, value] as const]
    })
  const valid = known(repeats.filter(({ validity }) => validity.valid))
  const seen = valid.length > 0 ? valid : known(repeats)
  const [first] = seen
  if (first === undefined) return { name, result, kind: 'missing', because: whyMissing(result, repeats, measure) }
  const values = seen.map(([, value]) => value)
  const { within } = first[0]
  const interval = spread(values, run.seed, within && measure.within?.(within))
  const figures = { name, result, middle: median(values), interval }
  const fewest = measure.fewestRequests ?? 0
  const few = valid.some(([{ requests }]) => requests < fewest)
  if (valid.length >= fewestRepeats && !few) {
    const byRepeat = new Map(valid.map(([{ repeat }, value]) => [repeat, value]))
    return { ...figures, kind: 'ranked', place: 1, shared: false, values: byRepeat }
  }
  const bound = measure === throughput && valid.length === 0 && repeats.every(generatorBound)
  return {
    ...figures,
    kind: 'unranked',
    valid: valid.length,
    repeats: repeats.length,
    ...(bound ? { atLeast: Math.min(...values, interval?.low ?? Infinity) } : {}),
    reasons: [...new Set(repeats.flatMap(({ validity }) => (validity.valid ? [] : validity.reasons)))],
    note: few ? 'too few requests' : valid.length > 0 ? 'too few valid repeats' : 'not valid',
    because: few ? `fewer than ${number(fewest)} requests in a repeat` : whyUnranked(repeats, valid.length),
  }
}

function whyMissing({ problems }: Result, repeats: readonly Measurement[], { fewestRequests }: Measure): string {
  if (repeats.length === 0) return problems.length > 0 ? 'not measured: it failed' : 'not measured'
  const answered = repeats.some(({ latency }) => latency !== null)
  return fewestRequests !== undefined && answered ? 'too few requests' : 'not known from this run'
}

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
