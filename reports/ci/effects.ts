import type { Effect } from '../gate.ts'
import type { Duet } from '../run.ts'
import { median } from '../statistics.ts'
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

/** The median of a metric over all rounds on one side, in the unit of a `GateRound`; undefined where no round knows it. */
export function sideMedian({ rounds }: Duet, side: 'base' | 'head', metric: Effect['metric']): number | undefined {
  const known = rounds.map((round) => round[side][metric]).filter((value) => value !== null)
  return known.length === 0 ? undefined : median(known)
}

/** A sentence's beginning; names that are written small stay so only within a sentence. */
export const capitalised = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
