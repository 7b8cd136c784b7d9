/** A share as it is written in a sentence: with a decimal below ten percent. */
export const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`
