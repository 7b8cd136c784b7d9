import type { Verdict } from '../../reports/run.ts'

/**
 * What counts of a verdict that was reached twice. A rule is broken only when it was both times: what does not repeat is an
 * experiment that cannot be relied on, and so an `error`. An experiment that broke the first time counts by the second,
 * unless that is the first time that the rule was seen broken.
 */
export function settled(first: Verdict, second: Verdict | undefined): Verdict {
  if (second === undefined || second.outcome === first.outcome) return first
  if (first.outcome !== 'fail' && second.outcome !== 'fail') return second
  const told = [first, second].map(({ outcome, because }) =>
    because === undefined ? outcome : `${outcome} (${because})`,
  )
  const seen = first.outcome === 'fail' ? first : second
  return { ...seen, outcome: 'error', because: `not repeatable: ${told.join(', then with servers started anew ')}` }
}
