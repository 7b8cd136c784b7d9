import { mean, sampleStandardDeviation } from 'simple-statistics'
import { gatedMetrics, type Duet, type Gate, type GatedMetric, type GateRound } from './run.ts'
import { median, studentQuantile } from './statistics.ts'

/** What a gate says. `inconclusive` is neither: it could not have seen what it was to look for. */
export type GateVerdict = 'pass' | 'breach' | 'inconclusive'

/** How one metric of the head differs from the base's. Changes are fractions: 0.05 is 5 % more. */
export interface Effect {
  readonly metric: GatedMetric
  readonly change: number
  /** Its 99 % interval; absent with fewer than two rounds. */
  readonly interval?: { readonly low: number; readonly high: number }
  /** The smallest change for the worse that 95 of 100 such gates would have told from none; absent with fewer than two rounds. */
  readonly smallestDetectable?: number
  readonly tolerance: number
  /** Rounds that have it on both sides. */
  readonly rounds: number
  /** The change in each batch alone. */
  readonly batches: readonly number[]
  readonly verdict: GateVerdict
  /** Why it is inconclusive. */
  readonly why?: Inconclusive
}

/**
 * Why nothing can be said of a metric. `too-few`: fewer than three rounds of a batch have it. `noisy`: what it was to find
 * it could not have seen. `undecided`: a change beyond the tolerance is neither shown nor excluded. `unconfirmed`: the first
 * batch showed it and the repeat did not. `late`: the generator sent its requests late, which hides differences.
 */
export type Inconclusive = 'too-few' | 'noisy' | 'undecided' | 'unconfirmed' | 'late'

/** Fewer rounds of a batch than this show nothing. */
export const fewestRounds = 3

/** Requests that are sent late by more than this part of the median latency make both sides look alike. */
const LATENESS_LIMIT = 0.2

/** More than this of what is larger is worse, but for throughput. */
const direction: Readonly<Record<GatedMetric, 1 | -1>> = { cpu: 1, throughput: -1, p50: 1, p99: 1, memory: 1 }

/** Whether a change of this metric is for the worse. */
export const isWorse = (metric: GatedMetric, change: number): boolean => change * direction[metric] > 0

/** What a duet says of each metric that it gates. */
export const effectsOf = (duet: Duet): readonly Effect[] =>
  gatedMetrics.flatMap((metric) => {
    const tolerance = duet.tolerances[metric]
    return tolerance === undefined ? [] : [effectOf(duet.rounds, metric, tolerance)]
  })

/** The median of a metric over all rounds on one side, in the unit of a `GateRound`; undefined where no round knows it. */
export function sideMedian({ rounds }: Duet, side: 'base' | 'head', metric: GatedMetric): number | undefined {
  const known = rounds.map((round) => round[side][metric]).filter((value) => value !== null)
  return known.length === 0 ? undefined : median(known)
}

/** What a gate says as a whole: a breach anywhere is one, and what is open somewhere is open. */
export function verdictOf(gate: Gate): GateVerdict {
  const verdicts = [
    ...(gate.duet ? effectsOf(gate.duet).map(({ verdict }) => verdict) : []),
    ...(gate.conformance?.changes ?? []).map(({ kind }): GateVerdict =>
      kind === 'breach' ? 'breach' : kind === 'undecided' ? 'inconclusive' : 'pass',
    ),
  ]
  return verdicts.find((each) => each === 'breach') ?? verdicts.find((each) => each === 'inconclusive') ?? 'pass'
}

/**
 * One metric. The unit of replication is the round, with fresh processes on both sides: what a start brings with it (memory
 * layout, hash seed) is the same in all slices of one round, and an interval made of slices would take it for an effect.
 *
 * A breach is a change for the worse that the 99 % interval of all rounds tells from none, that is larger than the tolerance in
 * the first batch and in its repeat, each alone, and that the 95 % interval of the repeat alone tells from none. A pass is an interval that excludes everything beyond the
 * tolerance, of a gate that could have seen a change as large as it.
 */
function effectOf(rounds: readonly GateRound[], metric: GatedMetric, tolerance: number): Effect {
  const worse = direction[metric]
  // Towards the worse, so that a throughput that falls and a latency that rises are read alike.
  const logsOf = (some: readonly GateRound[]): readonly number[] =>
    some.flatMap(({ base, head }) => {
      const [before, after] = [base[metric], head[metric]]
      return before !== null && after !== null && before > 0 && after > 0 ? [worse * Math.log(after / before)] : []
    })
  const batches = [1, 2].map((batch) => logsOf(rounds.filter((round) => round.batch === batch)))
  const repeated = rounds.some(({ batch }) => batch === 2)
  const logs = batches.flat()
  const changeOf = (log: number): number => Math.exp(worse * log) - 1
  const known = {
    metric,
    tolerance,
    rounds: logs.length,
    change: logs.length > 0 ? changeOf(mean([...logs])) : 0,
    batches: batches.filter((batch) => batch.length > 0).map((batch) => changeOf(mean([...batch]))),
  }
  const open = (why: Inconclusive): Effect => ({ ...known, verdict: 'inconclusive', why })
  if (logs.length < 2) return open('too-few')

  const all = meanOf(logs)
  const half = studentQuantile(all.freedom, 0.99) * all.error
  const [least, most] = [all.mean - half, all.mean + half]
  const [one, other] = [changeOf(least), changeOf(most)]
  // As far beyond none as is found in 95 of 100 cases: the one-sided 5 % is the two-sided 10 %.
  const detectable = half + studentQuantile(all.freedom, 0.9) * all.error
  const measured = {
    ...known,
    interval: { low: Math.min(one, other), high: Math.max(one, other) },
    smallestDetectable: Math.abs(changeOf(detectable)),
  }
  const limit = Math.abs(Math.log(1 + worse * tolerance))
  const enough = batches.slice(0, repeated ? 2 : 1).every((batch) => batch.length >= fewestRounds)
  if (!enough) return { ...measured, verdict: 'inconclusive', why: 'too-few' }

  const suspicious = least > 0 && all.mean > limit
  const everywhere = batches.every((batch) => batch.length > 0 && mean([...batch]) > limit)
  if (suspicious && everywhere && isConfirmedBy(batches[1]!)) return { ...measured, verdict: 'breach' }
  const isLate = (metric === 'p50' || metric === 'p99') && sentLate(rounds)
  if (isLate) return { ...measured, verdict: 'inconclusive', why: 'late' }
  if (most < limit && detectable <= limit) return { ...measured, verdict: 'pass' }
  const why = suspicious ? 'unconfirmed' : detectable > limit ? 'noisy' : 'undecided'
  return { ...measured, verdict: 'inconclusive', why }
}

/** Mean, its standard error and the degrees of freedom of at least two values. */
function meanOf(values: readonly number[]): { mean: number; error: number; freedom: number } {
  const error = sampleStandardDeviation([...values]) / Math.sqrt(values.length)
  return { mean: mean([...values]), error, freedom: values.length - 1 }
}

/** Whether a repeat alone shows a change for the worse. */
function isConfirmedBy(repeat: readonly number[]): boolean {
  const { mean, error, freedom } = meanOf(repeat)
  return mean - studentQuantile(freedom, 0.95) * error > 0
}

/** Whether the generator was late so often that latencies hold more of its delays than of the servers'. */
function sentLate(rounds: readonly GateRound[]): boolean {
  const late = rounds.filter(({ lateness, base, head }) => lateness > LATENESS_LIMIT * Math.min(base.p50, head.p50))
  return late.length * 2 > rounds.length
}
