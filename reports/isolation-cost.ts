import { reasonsOf } from './answer.ts'
import { measures, repeatsOf, type Measure } from './measures.ts'
import {
  compare,
  excludesOne,
  fewestRepeats,
  median,
  pairedRatio,
  spread,
  type Interval,
  type Ratio,
} from './statistics.ts'
import { list } from './words/quantities.ts'
import type { Measurement, Result, Run } from './run.ts'

/** What one measure of one workload is in containers, over what it is natively. */
export interface Cost {
  readonly measure: Measure
  /** Repeats that are valid on both sides and know the measure. */
  readonly pairs: number
  /** Docker over native, repeat by repeat; absent with fewer than three pairs. */
  readonly ratio?: Ratio & { readonly told: boolean }
}

/** All measures of one workload, docker over native. */
export interface WorkloadCost {
  readonly workload: Run['workloads'][number]
  /** Repeats that were made on either side, and those that are valid on both. */
  readonly repeats: number
  readonly pairs: number
  /** Why not all repeats are pairs; empty when they are. */
  readonly because: readonly string[]
  readonly costs: readonly Cost[]
}

/** How long a topology took to come up: medians in seconds with their intervals, and the second over the first. */
export interface BringUpCost {
  readonly native: number
  readonly docker: number
  /** Undefined for a single start. */
  readonly intervals: readonly [native: Interval | undefined, docker: Interval | undefined]
  readonly starts: readonly [native: number, docker: number]
  /** Start by start; absent with fewer than three on either side. */
  readonly ratio?: Ratio
  /** Whether the starts are told apart, as topologies must be. */
  readonly told: boolean
}

/** What containers cost one topology, workload by workload; those measured on neither side are left out. */
export function workloadCosts(run: Run, native: Result, docker: Result): readonly WorkloadCost[] {
  return run.workloads.flatMap((workload) => {
    const sides = [repeatsOf(native, workload.name), repeatsOf(docker, workload.name)] as const
    const repeats = new Set(sides.flat().map(({ repeat }) => repeat))
    const valid = sides.map((of) => of.filter(({ validity }) => validity.valid))
    const pairs = valid[0]!.flatMap((one) => {
      const other = valid[1]!.find(({ repeat }) => repeat === one.repeat)
      return other === undefined ? [] : [[one, other] as const]
    })
    if (repeats.size === 0) return []
    const reasons = [...unpaired(sides[0], 'native'), ...unpaired(sides[1], 'docker')]
    const because = [...Map.groupBy(reasons, ({ reason }) => reason)].map(
      ([reason, of]) => `${list(of.map(({ runtime }) => runtime))}: ${reason}`,
    )
    const costs = measures.map((measure) => cost(measure, pairs, run.seed))
    return [{ workload, repeats: repeats.size, pairs: pairs.length, because, costs }]
  })
}

/** Why a side lacks valid repeats. A disturbed one that was measured again is no reason. */
function unpaired(of: readonly Measurement[], runtime: string): readonly { runtime: string; reason: string }[] {
  if (of.length === 0) return [{ runtime, reason: 'not measured' }]
  const valid = new Set(of.filter(({ validity }) => validity.valid).map(({ repeat }) => repeat))
  return reasonsOf(of.filter(({ repeat }) => !valid.has(repeat))).map((reason) => ({ runtime, reason }))
}

/** The ratio of a measure over pairs of native and docker, and whether it can be told from 1. */
function cost(measure: Measure, pairs: readonly (readonly [Measurement, Measurement])[], seed: number): Cost {
  const known = pairs.flatMap(([native, docker]) => {
    const [one, other] = [measure.of(native) ?? 0, measure.of(docker) ?? 0]
    return one > 0 && other > 0 ? [[other, one] as const] : []
  })
  const ratio = known.length >= fewestRepeats ? pairedRatio(known, seed) : undefined
  if (ratio === undefined) return { measure, pairs: known.length }
  return { measure, pairs: known.length, ratio: { ...ratio, told: excludesOne(ratio) } }
}

/** How much longer a topology takes to come up in containers; undefined where it never came up on one side. */
export function bringUpCost(run: Run, native: Result, docker: Result): BringUpCost | undefined {
  const [ours, theirs] = [native.bringUpSeconds, docker.bringUpSeconds]
  if (ours.length === 0 || theirs.length === 0) return undefined
  // Starts have no number, but were made in turn.
  const inTurn = (of: readonly number[]): ReadonlyMap<number, number> => new Map(of.entries())
  const { ratio, apart } = compare(inTurn(theirs), inTurn(ours), run.seed)
  return {
    native: median(ours),
    docker: median(theirs),
    intervals: [spread(ours, run.seed), spread(theirs, run.seed)],
    starts: [ours.length, theirs.length],
    ...(ratio === undefined ? {} : { ratio }),
    told: apart,
  }
}
