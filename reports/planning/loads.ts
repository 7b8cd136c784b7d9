/**
 * Numbers of connections on which a model is fitted: one request alone, as many as can be in hand at once (the knee, where what
 * runs out first shows), and four times as many, where all that can be taken is.
 */
export const fittedLoads = (slots: number): readonly number[] => distinct([1, slots, 4 * slots])

/** Those on which it is checked: between the fitted ones, on both sides of the knee. */
export function heldOutLoads(slots: number): readonly number[] {
  const fitted = new Set(fittedLoads(slots))
  return distinct([2, Math.ceil(slots / 2), 2 * slots]).filter((load) => !fitted.has(load))
}

const distinct = (loads: readonly number[]): readonly number[] => [...new Set(loads)].sort((a, b) => a - b)
