import type { LintFinding, LintOutcome, Place } from './index.ts'
import { rules } from './rules.ts'

/** What all places together say of each rule, in the table's order. */
export function findings(places: readonly Place[]): readonly LintFinding[] {
  const sightings = places.flatMap((place) => place.broken)
  const reached = new Set(places.flatMap((place) => [...place.reached]))
  // What differs between servers is explained by any rule that is broken, and says nothing new then.
  const explained = sightings.some(({ rule }) => rules[rule]!.level !== 'RECORD')
  return Object.entries(rules).map(([rule, { level, untestable }]) => {
    const seen = rule === 'app.portable' && explained ? [] : sightings.filter((each) => each.rule === rule)
    const outcome: LintOutcome =
      seen.length > 0
        ? level === 'RECORD'
          ? 'advice'
          : 'broken'
        : untestable !== undefined
          ? 'not testable'
          : reached.has(rule)
            ? 'kept'
            : 'not reached'
    return { rule, level, outcome, seen: seen.map(({ sighting }) => sighting) }
  })
}
