import { placesOf } from '../../reports/baseline-pairs.ts'
import type { Result, Run } from '../../reports/run.ts'
import { plural } from '../../reports/words/quantities.ts'
import type { Suite } from '../../suites/conformance/index.ts'
import type { Topology } from '../../topologies/index.ts'
import { suites as allSuites } from '../catalogue.ts'
import { usageError } from '../choices.ts'

/** What of a baseline a run is held to. */
export interface Comparable {
  /** The baseline without clauses that nobody asked for. */
  readonly held: Run
  readonly notes: readonly string[]
}

/**
 * The part of a baseline that a run of these topologies and suites can be held to. Clauses that the lab has and that were not
 * asked for are left out; those it no longer has stay, so that their end is told. A usage error when nothing is left.
 */
export async function comparable(
  baseline: Run,
  topologies: readonly Topology[],
  suites: readonly Suite[],
): Promise<Comparable> {
  const [known, asked] = [clausesOf(await allSuites()), clausesOf(suites)]
  const judged = baseline.results.filter(({ verdicts }) => verdicts.length > 0)
  const places = topologies.map(placesOfTopology)
  const fitting = judged.filter((result) => places.includes(placesOf(result)))
  const chains = suites.some((suite) => !suite.alone)
  if (chains && fitting.length === 0)
    throw usageError(
      `The baseline has no verdicts of ${places.join(' or of ')}.`,
      judged.length > 0
        ? `It has those of ${[...new Set(judged.map(placesOf))].join('; ')}: choose one with --topology and --server, or write another baseline with --update.`
        : 'Name another baseline, or write one with --update.',
    )
  const left = new Set<string>()
  const held = (result: Result): Result => ({
    ...result,
    verdicts: result.verdicts.filter(({ clause }) => {
      const isHeld = asked.has(clause) || !known.has(clause)
      if (!isHeld) left.add(clause)
      return isHeld
    }),
  })
  const run = { ...baseline, results: baseline.results.map(held), alone: (baseline.alone ?? []).map(held) }
  const all = [...run.results.filter((result) => places.includes(placesOf(result))), ...run.alone]
  if (!all.some(({ verdicts }) => verdicts.some(({ clause }) => asked.has(clause))))
    throw usageError(
      'The baseline has judged none of the clauses that were asked for.',
      'Leave --suite and --clause out, or write another baseline with --update.',
    )
  const notes =
    left.size > 0
      ? [
          `${plural(left.size, 'clause')} of the baseline ${left.size === 1 ? 'was' : 'were'} not asked for and not judged.`,
        ]
      : []
  return { held: run, notes }
}

const clausesOf = (suites: readonly Suite[]): ReadonlySet<string> =>
  new Set(suites.flatMap(({ name, clauses }) => Object.keys(clauses).map((id) => `${name}/${id}`)))

const placesOfTopology = ({ name, tiers }: Topology): string =>
  placesOf({ topology: name, tiers: tiers.map(({ server }) => ({ role: server.role, server: server.name })) })
