import { figureOf, repeated, type Figure, type Repeated } from './figures.ts'
import { resultNames } from './names.ts'
import { bounds, resampled, type Bounds } from './resampling.ts'
import type { Measurement, Result, Run } from './run.ts'
import { median } from './statistics.ts'

/** All repeats at one load. */
export interface CurvePoint extends Repeated {
  /** Connections, or requests per second. */
  readonly load: number
  /** Right responses per second. */
  readonly throughput: Figure
  /** Milliseconds; undefined where nothing was answered, p99 also where too little was. */
  readonly p50: Figure | undefined
  readonly p99: Figure | undefined
  /**
   * Throughput over mean response time, the power of Kleinrock (1979, "Power and deterministic rules of thumb"), one for each
   * valid repeat of a point that counts.
   */
  readonly powers: readonly number[]
}

/** The load from which on waiting grows faster than throughput: the one of greatest power (Gail and Kleinrock 1981). */
export interface Knee {
  readonly point: CurvePoint
  /** Loads between which it fell in 95 % of resamples of the repeats; undefined with one repeat for each load. */
  readonly within: Bounds | undefined
  /** Where the curve ends at it, so that the true one may lie beyond. */
  readonly end?: 'first' | 'last'
}

/** Throughput and response time of one topology under one workload, from the least load to the greatest. */
export interface Curve {
  readonly workload: Run['workloads'][number]
  readonly result: Result
  readonly name: string
  readonly loop: 'closed' | 'open'
  readonly points: readonly CurvePoint[]
  /** Undefined with fewer than three points that count. */
  readonly knee: Knee | undefined
  /** The point of highest throughput among those that count. */
  readonly most: CurvePoint | undefined
  /**
   * Connections at which the asymptotes of throughput cross, N* = R0 x Xmax without think time (Denning and Buzen 1978): with
   * more, some must wait for others. Only of closed loops, and only where one connection was measured, which gives R0.
   */
  readonly crossing: { readonly middle: number; readonly within: Bounds | undefined } | undefined
}

/** Fewer points have no greatest one inside. */
export const fewestPoints = 3

/** The run's curves, workload by workload, in the run's order; none without a sweep. */
export function curves(run: Run): readonly Curve[] {
  const swept = [...resultNames(run)].filter(([{ sweep = [] }]) => sweep.length > 0)
  return run.workloads.flatMap((workload) =>
    swept.flatMap(([result, name]) => {
      const own = result.sweep!.filter((measurement) => measurement.workload === workload.name)
      return own.length === 0 ? [] : [curve(run, workload, result, name, own)]
    }),
  )
}

function curve(
  run: Run,
  workload: Curve['workload'],
  result: Result,
  name: string,
  own: readonly Measurement[],
): Curve {
  const points = [...Map.groupBy(own, ({ loop }) => (loop.kind === 'closed' ? loop.connections : loop.rate))]
    .map(([load, repeats]) => pointOf(load, repeats, run))
    .sort((a, b) => a.load - b.load)
  const counted = points.filter(({ counts }) => counts)
  const { kind: loop } = own[0]!.loop
  return {
    workload,
    result,
    name,
    loop,
    points,
    knee: kneeOf(counted, run.seed),
    most: counted.toSorted((a, b) => b.throughput.middle - a.throughput.middle)[0],
    crossing: loop === 'closed' ? crossingOf(counted, run.seed) : undefined,
  }
}

function pointOf(load: number, repeats: readonly Measurement[], run: Run): CurvePoint {
  const what = repeated(repeats)
  return {
    ...what,
    load,
    throughput: figureOf(what.seen, ({ throughput }) => throughput, run, 'throughput')!,
    p50: figureOf(what.seen, ({ latency }) => latency?.p50, run, 'p50'),
    p99: figureOf(what.seen, ({ latency }) => latency?.p99, run, 'p99'),
    powers: what.counts ? what.seen.flatMap(power) : [],
  }
}

const power = ({ throughput, latency }: Measurement): readonly number[] =>
  latency === null || latency.mean === 0 ? [] : [throughput / latency.mean]

function kneeOf(points: readonly CurvePoint[], seed: number): Knee | undefined {
  const known = points.filter(({ powers }) => powers.length > 0)
  if (known.length < fewestPoints) return undefined
  const greatest = (powers: readonly (readonly number[])[]): number => {
    // On a scale of logarithms, as figures are: of two repeats a good one must not outweigh one that broke down.
    const middles = powers.map((each) => median(each.map(Math.log)))
    return middles.indexOf(Math.max(...middles))
  }
  const powers = known.map((each) => each.powers)
  const at = greatest(powers)
  const repeated = powers.every(({ length }) => length > 1)
  const end = at === 0 ? 'first' : at === known.length - 1 ? 'last' : undefined
  return {
    point: known[at]!,
    within: repeated ? loadsWithin(known, resampled(powers, greatest, { seed })) : undefined,
    ...(end === undefined ? {} : { end }),
  }
}

/** The ends are loads that were measured, so they are found among the positions and not between them. */
function loadsWithin(points: readonly CurvePoint[], positions: readonly number[]): Bounds {
  const { low, high } = bounds(positions)!
  return { low: points[Math.floor(low)]!.load, high: points[Math.ceil(high)]!.load }
}

function crossingOf(points: readonly CurvePoint[], seed: number): Curve['crossing'] {
  const [first] = points
  if (first === undefined || first.load !== 1 || points.length < fewestPoints) return undefined
  const cross = (groups: readonly (readonly Measurement[])[]): number => {
    const alone = median(groups[0]!.map(({ latency }) => latency?.mean ?? 0)) / 1000
    return alone * Math.max(...groups.map((repeats) => median(repeats.map(({ throughput }) => throughput))))
  }
  const groups = points.map(({ seen }) => seen)
  const repeats = groups.every(({ length }) => length > 1)
  return { middle: cross(groups), within: repeats ? bounds(resampled(groups, cross, { seed })) : undefined }
}
