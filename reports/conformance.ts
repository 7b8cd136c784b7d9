import { blames, summary, type Blame } from './blame.ts'
import { resultNames } from './measures.ts'
import { list, plural } from './words/quantities.ts'
import type { Result, Run, Verdict } from './run.ts'

/** A clause at one result: its verdicts in the order a request meets the tiers, and the blame. */
export interface Cell {
  readonly name: string
  readonly result: Result
  readonly verdicts: readonly Verdict[]
  readonly blame: Blame
}

/** A clause over all results. */
export interface Row extends Pick<Verdict, 'clause' | 'level' | 'cites' | 'says'> {
  readonly cells: readonly Cell[]
}

/** Kinds of rows a reader can ask for; a row can be of several. */
export const filters = {
  deviations: 'Deviations',
  healed: 'Healed',
  introduced: 'Introduced',
  observed: 'Observed',
  errors: 'Errors and blocked',
} as const
/** Name of a filter. */
export type Filter = keyof typeof filters

/** The conformance matrix: clauses in the order they were judged, results in the run's order. */
export function matrix(run: Run): readonly Row[] {
  const rows = new Map<string, Row & { readonly cells: Cell[] }>()
  for (const [result, name] of resultNames(run))
    for (const { clause, verdicts, blame } of blames(result)) {
      const { level, cites, says } = verdicts[0]!
      const row = rows.get(clause) ?? { clause, level, cites, says, cells: [] }
      row.cells.push({ name, result, verdicts: verdicts.toReversed(), blame })
      rows.set(clause, row)
    }
  return [...rows.values()]
}

/** Which filters a row answers to. */
export function filtersOf({ cells }: Row): readonly Filter[] {
  const outcomes = new Set(cells.flatMap(({ verdicts }) => verdicts.map(({ outcome }) => outcome)))
  const blames = new Set(cells.map(({ blame }) => blame.kind))
  return [
    ...(outcomes.has('fail') ? (['deviations'] as const) : []),
    ...(blames.has('healed') ? (['healed'] as const) : []),
    ...(blames.has('introduced') ? (['introduced'] as const) : []),
    ...(outcomes.has('observed') ? (['observed'] as const) : []),
    ...(outcomes.has('error') || outcomes.has('blocked') ? (['errors'] as const) : []),
  ]
}

/** `healed by nginx` */
export function blameText(blame: Blame): string {
  if (blame.kind === 'healed' || blame.kind === 'introduced') return `${blame.kind} by ${blame.server}`
  if (blame.kind === 'observed' && blame.changes.length > 0) return `changed by ${list(blame.changes)}`
  return blame.kind
}

/** One sentence per judged result: what its chain does to the deviations of its app server, and what is left of them. */
export function summaries(run: Run): readonly { readonly name: string; readonly says: string }[] {
  const rows = matrix(run)
  return [...resultNames(run)].flatMap(([result, name]) => {
    const cells = rows.flatMap((row) => row.cells.filter((cell) => cell.result === result))
    if (cells.length === 0) return []
    return [{ name, says: [summary(result) ?? 'no clause could be decided', ...remainder(result, cells)].join('; ') }]
  })
}

function remainder({ tiers }: Result, cells: readonly Cell[]): readonly string[] {
  // The outermost verdict is what the client meets; rules between server and application have none there.
  const met = cells.filter(({ verdicts: [edge] }) => edge!.role === tiers[0]?.role && isDecided(edge!))
  const left = met.filter(({ verdicts: [edge] }) => edge!.outcome === 'fail')
  // Of one server alone the sentence before has said it.
  const client =
    tiers.length === 1 ? '' : `what the client meets: ${left.length} of ${plural(met.length, 'clause')} broken, `
  const absolute = left.filter(({ verdicts: [edge] }) => edge!.level.startsWith('MUST')).length
  const broke = cells.filter(({ verdicts }) => verdicts.some(({ outcome }) => outcome === 'error')).length
  const unjudged = cells.filter(({ verdicts }) => verdicts.length < tiers.length).length
  return [
    ...(left.length === 0 ? [] : [`${client}${absolute} of them MUST or MUST NOT`]),
    ...(broke === 0
      ? []
      : [`${plural(broke, 'experiment')} broke and ${broke === 1 ? 'counts' : 'count'} for nothing`]),
    ...(unjudged === 0 ? [] : [`the run ended before ${plural(unjudged, 'clause')} had been judged at every tier`]),
  ]
}

const isDecided = ({ outcome }: Verdict): boolean => outcome === 'pass' || outcome === 'fail'
