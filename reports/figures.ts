import { reasonsOf } from './answer.ts'
import type { Measurement, Run, Within } from './run.ts'
import { median, pairedRatio, spread, type Interval } from './statistics.ts'

/** The median of some repeats, with its 95 % interval where there is one. */
export interface Figure {
  readonly middle: number
  readonly interval: Interval | undefined
}

/** The repeats of one situation, as far as they can be used. */
export interface Repeated {
  /** The valid ones, or all where they do not count. */
  readonly seen: readonly Measurement[]
  readonly valid: number
  readonly of: number
  /** Whether most are valid. What does not count is shown as such, and takes part in nothing. */
  readonly counts: boolean
  /** Why repeats are not valid. */
  readonly because: readonly string[]
}

/** What can be used of repeats. */
export function repeated(repeats: readonly Measurement[]): Repeated {
  const valid = repeats.filter(({ validity }) => validity.valid)
  const counts = valid.length * 2 > repeats.length
  return {
    seen: counts ? valid : repeats,
    valid: valid.length,
    of: repeats.length,
    counts,
    because: reasonsOf(repeats),
  }
}

/** A figure of repeats; undefined where none knows it. Of a single repeat the interval is that of its window. */
export function figureOf(
  repeats: readonly Measurement[],
  of: (measurement: Measurement) => number | null | undefined,
  { seed }: Pick<Run, 'seed'>,
  window?: keyof Within,
): Figure | undefined {
  const values = repeats.flatMap((each) => of(each) ?? [])
  if (values.length === 0) return undefined
  const within = window === undefined ? undefined : repeats[0]?.within?.[window]
  return { middle: median(values), interval: spread(values, seed, within) }
}

/** How many times larger one thing is than another, with the 99 % interval of that where there are repeats to tell it from. */
export interface Multiple {
  readonly ratio: number
  readonly interval: Interval | undefined
}

/** The median ratio of pairs measured next to each other; undefined where there are none above zero. */
export function multipleOf(
  pairs: readonly (readonly [number, number])[],
  { seed }: Pick<Run, 'seed'>,
): Multiple | undefined {
  const ratios = pairs.filter(([a, b]) => a > 0 && b > 0).map(([a, b]) => a / b)
  if (ratios.length === 0) return undefined
  const paired = pairedRatio(pairs, seed)
  return paired === undefined
    ? { ratio: median(ratios), interval: undefined }
    : { ratio: paired.ratio, interval: paired }
}
