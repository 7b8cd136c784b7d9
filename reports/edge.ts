/** Whether something held at a value, for instance an objective at a rate. */
export interface Trial {
  readonly at: number
  readonly kept: boolean
}

/**
 * Up to where something holds: `found`, at this value; `beyond` the highest one tried, which held; `below` the lowest one tried,
 * which did not.
 */
export interface Edge {
  readonly kind: 'found' | 'beyond' | 'below'
  readonly at: number
}

/** How steeply "kept" falls around an edge, on a scale of logarithms: from 9 in 10 trials to 1 in 10 within 15 %. */
const STEEPNESS = 30
/** Halvings of a range of any size that leave nothing of it to speak of. */
const HALVINGS = 20

/**
 * The value at which half of the trials are kept: logistic regression (Cox 1958) on the logarithm of the value, by maximum likelihood
 * with a given slope, so that few trials are enough, also where not one contradicts another. At its edge as many trials
 * are kept as it lets expect; each moves it by little, however far off a lucky or an unlucky one was. Undefined without trials.
 */
export function edgeOf(trials: readonly Trial[]): Edge | undefined {
  if (trials.length === 0) return undefined
  const kept = trials.filter((trial) => trial.kept).length
  const values = trials.map(({ at }) => Math.log(at))
  const expected = (edge: number): number =>
    values.reduce((sum, value) => sum + 1 / (1 + Math.exp(STEEPNESS * (value - edge))), 0)
  const [lowest, highest] = [Math.min(...values), Math.max(...values)]
  if (kept < trials.length && expected(lowest) < kept && expected(highest) > kept) {
    let [low, high] = [lowest, highest]
    for (let halving = 0; halving < HALVINGS; halving++) {
      const middle = (low + high) / 2
      if (expected(middle) < kept) low = middle
      else high = middle
    }
    return { kind: 'found', at: Math.exp(low) }
  }
  const isBeyond = kept > trials.length / 2
  return { kind: isBeyond ? 'beyond' : 'below', at: Math.exp(isBeyond ? highest : lowest) }
}
