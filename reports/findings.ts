import { blameText, type Cell } from './conformance.ts'
import type { Column, Mark, MatrixRow } from './matrix.ts'
import type { Outcome, Result, Verdict } from './run.ts'

/** A column in which something was seen. */
export interface Place {
  readonly column: Column
  /** Where it was seen first. */
  readonly result: Result
  /** Names of the results that showed it, where others of the column showed something else. */
  readonly only?: readonly string[]
}

/** What was seen of one clause, once for all columns of which the same is to be told. */
export interface Finding {
  readonly kind: Column['kind']
  readonly places: readonly Place[]
  /** Where it was seen first. */
  readonly cell: Cell
  readonly verdict: Verdict
}

/** What was seen of a clause: at servers that call the application, and at the edges of chains. */
export function findingsOf({ marks }: MatrixRow): {
  readonly servers: readonly Finding[]
  readonly edges: readonly Finding[]
} {
  const of = (kind: Column['kind']): readonly Finding[] =>
    merged(marks.filter((mark) => mark?.column.kind === kind).filter((mark) => mark !== undefined))
  return { servers: of('server'), edges: of('edge') }
}

/** Whether there is nothing to tell about it but that. */
export const isGood = (outcome: Outcome): boolean => outcome === 'pass' || outcome === 'inapplicable'

/** Whether a chain gives its client what its application's server does not. */
export const isHealed = ({ kind, cell, verdict }: Finding): boolean =>
  kind === 'edge' && cell.blame.kind === 'healed' && verdict.outcome === 'pass'

/** Columns with one outcome for one reason are told together; of chains, those with the same to blame. */
function merged(marks: readonly Mark[]): readonly Finding[] {
  const all = marks.flatMap(({ column, outcomes, sights }) =>
    sights.map((sight) => ({ column, differs: outcomes.length > 1, ...sight })),
  )
  const alike = Map.groupBy(all, ({ column, cell, verdict: { outcome, because } }) =>
    [outcome, because, ...(column.kind === 'edge' && !isPlain(cell, outcome) ? [blameText(cell)] : [])].join('\n'),
  )
  return [...alike.values()].map((group) => {
    const { column, cell, verdict } = group[0]!
    const places = [...Map.groupBy(group, (each) => each.column)].map(([of, seen]): Place => {
      const { differs, cell: first } = seen[0]!
      const only = differs ? { only: seen.map((each) => each.cell.name) } : {}
      return { column: of, result: first.result, ...only }
    })
    return { kind: column.kind, places, cell, verdict }
  })
}

/** Of a rule that is kept everywhere, or means nothing at the edge, there is nobody to blame. */
const isPlain = ({ blame }: Cell, outcome: Outcome): boolean => isGood(outcome) && blame.kind !== 'healed'
