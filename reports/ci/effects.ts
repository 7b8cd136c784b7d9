import { sideMedian, type Effect } from '../gate.ts'
import type { Duet } from '../run.ts'
import { changeOf, metricFormats, metricNames, shareBeside, tolerated } from '../words/gate-figures.ts'
import { openBecause } from '../words/gate-help.ts'

/** What became of one metric, in one sentence. */
export function effectSentence(effect: Effect): string {
  const change = capitalised(changeOf(effect))
  switch (effect.verdict) {
    case 'breach':
      return `${change}, more than the ${tolerated(effect)} tolerated; the repeat confirmed it.`
    case 'pass':
      return `${change}, within the ${tolerated(effect)} tolerated.`
    case 'inconclusive':
      return `Undecided about ${metricNames[effect.metric]}, because ${openBecause(effect)}.`
  }
}

/** What the sentence rests on, as lines. */
export function effectFigures(duet: Duet, effect: Effect): readonly string[] {
  const { metric, rounds, smallestDetectable } = effect
  return [
    ...(['base', 'head'] as const).flatMap((side) => {
      const middle = sideMedian(duet, side, metric)
      return middle === undefined ? [] : [`${capitalised(side)}: ${metricFormats[metric](middle)}`]
    }),
    `Rounds: ${rounds}`,
    ...(smallestDetectable === undefined ? [] : [`Smallest detectable: ${shareBeside(smallestDetectable, effect)}`]),
    `Tolerated: ${tolerated(effect)}`,
  ]
}

/** A sentence's beginning; names that are written small stay so only within a sentence. */
export const capitalised = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
