/** Largest and smallest factor between two neighbouring stairs. */
export const STAIRS = { widest: 2, narrowest: 1.04 } as const
/** By what a stride grows, on a scale of logarithms, when two answers in a row were the same. */
const LONGER = 1.5

/**
 * A rate that goes up after each answer that it was kept and down after each that it was not, so that it comes back to the edge
 * again and again from both sides: the up-and-down method (Dixon and Mood 1948). Where it turns, strides become half as long, on
 * a scale of logarithms, as in a bisection, down to `narrowest`; where it does not, they become longer, so that it finds an edge
 * that is far off or moves. No single answer decides anything, and both kinds count alike.
 */
export interface Staircase {
  /** What to try next, in requests per second. */
  rate(): number
  /** Whether it was kept. */
  answer(kept: boolean): void
  /** Whether it goes in the smallest strides: it is at the edge. */
  isFine(): boolean
  /** Whether the least rate was not kept either, twice: there is no edge. */
  isLost(): boolean
}

/** Begins at `start`, with neighbours that differ by the factor `stride`, and never goes below `least`. */
export function staircase(start: number, stride: number, least: number): Staircase {
  const [widest, narrowest] = [Math.log(STAIRS.widest), Math.log(STAIRS.narrowest)]
  let [at, step] = [Math.log(start), Math.log(stride)]
  let last: boolean | undefined
  let lost = 0
  return {
    rate: () => Math.exp(at),
    answer(kept) {
      if (last !== undefined) step = kept === last ? Math.min(widest, step * LONGER) : Math.max(narrowest, step / 2)
      lost = kept || at > Math.log(least) ? 0 : lost + 1
      at = Math.max(Math.log(least), at + (kept ? step : -step))
      last = kept
    },
    isFine: () => step <= narrowest,
    isLost: () => lost > 1,
  }
}
