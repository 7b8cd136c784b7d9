import { blames, summary, type Blame } from './blame.ts'
import { levelsText } from './levels.ts'
import { aloneRun, resultNames } from './names.ts'
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
export interface Row extends Pick<Verdict, 'clause' | 'level' | 'cites' | 'says' | 'experiment'> {
  readonly cells: readonly Cell[]
}

/** A clause that nobody can check from outside, with the reason. */
export interface Untestable extends Pick<Verdict, 'clause' | 'level' | 'cites' | 'says'> {
  readonly because: string
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

/** Every clause that was put to a test, in the order they were judged, over all results in the run's order. */
export function clauseRows(run: Run): readonly Row[] {
  const rows = new Map<string, Row & { readonly cells: Cell[] }>()
  for (const [result, name] of resultNames(run))
    for (const { clause, verdicts, blame } of blames(result)) {
      if (whyUntestable(verdicts[0]!) !== undefined) continue
      const { level, cites, says, experiment } = verdicts[0]!
      const row = rows.get(clause) ?? { clause, level, cites, says, ...(experiment ? { experiment } : {}), cells: [] }
      row.cells.push({ name, result, verdicts: verdicts.toReversed(), blame })
      rows.set(clause, row)
    }
  return [...rows.values()]
}

const untestableSign = 'not testable: '

/** Why a clause cannot be checked from outside; undefined for one that was put to a test. */
export const whyUntestable = ({ outcome, because }: Verdict): string | undefined =>
  outcome === 'inapplicable' && because?.startsWith(untestableSign) ? because.slice(untestableSign.length) : undefined

/** The clauses that bind a server and that nobody can check from outside, each once. */
export function untestable({ results }: Pick<Run, 'results'>): readonly Untestable[] {
  const found = results.flatMap(({ verdicts }) =>
    verdicts.flatMap((verdict) => {
      const { clause, level, cites, says } = verdict
      const because = whyUntestable(verdict)
      return because === undefined ? [] : [[clause, { clause, level, cites, says, because }] as const]
    }),
  )
  return [...new Map(found).values()]
}

/** A clause's suite and its id in the suite. */
export const splitClause = (clause: string): readonly [suite: string, id: string] => {
  const at = clause.indexOf('/')
  return [clause.slice(0, Math.max(0, at)), clause.slice(at + 1)]
}

/** Which filters a row answers to. */
export function filtersOf({ cells }: Pick<Row, 'cells'>): readonly Filter[] {
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
export function blameText({ blame, result }: Pick<Cell, 'blame' | 'result'>): string {
  const titled = (name: string): string => result.tiers.find(({ server }) => server === name)?.title ?? name
  if (blame.kind === 'healed' || blame.kind === 'introduced') return `${blame.kind} by ${titled(blame.server)}`
  if (blame.kind === 'observed' && blame.changes.length > 0) return `changed by ${list(blame.changes.map(titled))}`
  return blame.kind
}

/** What a judged result's chain does to the rules, in words. */
export interface Summary {
  readonly name: string
  readonly result: Result
  /** What the chain does to the deviations of its application's server. */
  readonly says: string
  /** What is left of them for the client; undefined for a server alone, of which the sentence before has said it. */
  readonly left?: string
  /** What was not decided, and why. */
  readonly notes: readonly string[]
}

/** One summary per judged result. */
export function summaries(run: Run): readonly Summary[] {
  const rows = clauseRows(run)
  return [...resultNames(run)].flatMap(([result, name]) => {
    const cells = rows.flatMap((row) => row.cells.filter((cell) => cell.result === result))
    if (cells.length === 0) return []
    const says = summary(result) ?? 'no clause could be decided'
    return [{ name, result, says, ...remainder(result, cells), notes: undecided(result, cells) }]
  })
}

/** The summaries of topologies, then of intermediaries alone. */
export const allSummaries = (run: Run): readonly Summary[] => [run, aloneRun(run)].flatMap(summaries)

/** A summary as one sentence without its full stop. */
export const summaryText = ({ says, left, notes }: Summary): string =>
  [says, ...(left === undefined ? [] : [left]), ...notes].join('; ')

function remainder({ tiers }: Result, cells: readonly Cell[]): { readonly left?: string } {
  // The outermost verdict is what the client meets; rules between server and application have none there.
  const met = cells.map(({ verdicts }) => verdicts[0]!).filter((edge) => edge.role === tiers[0]?.role)
  const decided = met.filter(({ outcome }) => outcome === 'pass' || outcome === 'fail')
  if (tiers.length === 1 || decided.length === 0) return {}
  const broken = decided.filter(({ outcome }) => outcome === 'fail').map(({ level }) => level)
  const levels = broken.length === 0 ? '' : ` (${levelsText(broken)})`
  return { left: `clients meet ${broken.length || 'none'} of ${plural(decided.length, 'rule')} broken${levels}` }
}

function undecided({ tiers }: Result, cells: readonly Cell[]): readonly string[] {
  const broke = cells.filter(({ verdicts }) => verdicts.some(({ outcome }) => outcome === 'error')).length
  const unjudged = cells.filter(({ verdicts }) => verdicts.length < tiers.length).length
  return [
    ...(broke === 0
      ? []
      : [`${plural(broke, 'experiment')} broke and ${broke === 1 ? 'counts' : 'count'} for nothing`]),
    ...(unjudged === 0 ? [] : [`the run ended before ${plural(unjudged, 'clause')} had been judged at every tier`]),
  ]
}
