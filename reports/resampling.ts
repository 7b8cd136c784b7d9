import { quantile } from 'simple-statistics'
import { seeded } from './statistics.ts'

/** Two ends between which a statistic lay in 95 of 100 resamples. */
export interface Bounds {
  readonly low: number
  readonly high: number
}

/**
 * A statistic of several groups, each time with the values of every group drawn anew from that group (stratified bootstrap,
 * Davison and Hinkley 1997, 3.2). Estimates that come to nothing (undefined) are left out.
 */
export function resampled<Value>(
  groups: readonly (readonly Value[])[],
  statistic: (groups: readonly (readonly Value[])[]) => number | undefined,
  { seed = 1, rounds = 1000 } = {},
): readonly number[] {
  const random = seeded(seed)
  const drawn = (group: readonly Value[]): readonly Value[] =>
    group.map(() => group[Math.floor(random() * group.length)]!)
  return Array.from({ length: rounds }, () => statistic(groups.map(drawn))).filter((each) => each !== undefined)
}

/** The middle 95 % of estimates; undefined when there are none. */
export function bounds(estimates: readonly number[]): Bounds | undefined {
  if (estimates.length === 0) return undefined
  return { low: quantile([...estimates], 0.025), high: quantile([...estimates], 0.975) }
}
