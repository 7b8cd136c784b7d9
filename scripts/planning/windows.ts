/** Seconds of each window. */
export interface Windows {
  readonly warmUp: number
  readonly closed: number
  readonly open: number
  readonly openWarmUp: number
}

/** How much is measured. */
export interface Extent {
  readonly windows: Windows
  /** Windows of each closed loop. */
  readonly rounds: number
}

/** So many windows of this length measure an application that answers at once. */
const [ROUNDS, SHORTEST, SHORTEST_WARM_UP] = [16, 0.3, 0.1]
/** Of one that takes its time they are longer, up to this, and fewer, down to where there is nothing to tell intervals by. */
const [LONGEST, LONGEST_WARM_UP, FEWEST_ROUNDS] = [5, 3, 4]
/** Seconds for a window and its warm-up in which there are as many of them as there are at most. */
const BEARABLE = 0.6
/** A window is at least so many times as long as an answer takes in the longest queue. */
const ANSWERS = 2
/** One of an open loop is so much longer, up to a second, because it is about the slowest in a hundred. */
const OPEN_FACTOR = 3
/** Before it, all connections that it needs are opened: at once, which takes the servers a while. */
const SHORTEST_OPEN_WARM_UP = 0.5
/** Seconds that servers take to come up and to be ended. */
const START = 2

/**
 * Windows for answers that take `queued` seconds where the most connections wait. What was asked first did not wait yet: only
 * after so long a warm-up the queue is as long as it gets. Longer windows are fewer, so that a plan takes about as long.
 */
export function windowsFor(
  given: { readonly seconds: number | undefined; readonly rounds: number | undefined },
  queued = 0,
): Extent {
  const between = (least: number, value: number, most: number): number =>
    Math.min(most, Math.max(least, Number(value.toPrecision(2))))
  const warmUp = between(SHORTEST_WARM_UP, queued, LONGEST_WARM_UP)
  const closed = given.seconds ?? between(SHORTEST, ANSWERS * queued, LONGEST)
  const rounds = Math.round(between(FEWEST_ROUNDS, (ROUNDS * BEARABLE) / (closed + warmUp), ROUNDS))
  const open = Math.max(closed, Math.min(1, Number((OPEN_FACTOR * closed).toPrecision(3))))
  return {
    windows: { warmUp, closed, open, openWarmUp: Math.max(warmUp, SHORTEST_OPEN_WARM_UP) },
    rounds: given.rounds ?? rounds,
  }
}

/** Seconds that one topology takes with so many loads, if no window has to be measured again. */
export function secondsFor(
  { windows: { warmUp, closed, open, openWarmUp }, rounds }: Extent,
  loads: { readonly closed: number; readonly open: number },
): number {
  const starts = Math.ceil(rounds / ROUNDS_OF_A_START) + Math.ceil(openRounds(rounds) / ROUNDS_OF_A_START)
  return (
    starts * START + rounds * loads.closed * (closed + warmUp) + openRounds(rounds) * loads.open * (open + openWarmUp)
  )
}

/** Rounds that the same servers go through: what a start brings with it is what these differ by. */
export const ROUNDS_OF_A_START = 2

/** Rounds of open loops, whose windows are longer. */
export const openRounds = (rounds: number): number => Math.ceil(rounds / 3)

/** Rounds in which closed loops may be measured again whose throughput varies: none where it was said how many there are to be. */
export const furtherRounds = (given: { readonly rounds: number | undefined }, rounds: number): number =>
  given.rounds === undefined ? Math.ceil(1.5 * rounds) : 0
