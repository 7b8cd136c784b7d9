import { clauseRows, splitClause, untestable, type Cell, type Row, type Untestable } from './conformance.ts'
import { byBinding, type Binding } from './levels.ts'
import { runtimesOf } from './names.ts'
import type { Outcome, Result, Run, Verdict } from './run.ts'

type Tier = Result['tiers'][number]

/** A column: a server that calls the application, wherever it was judged, or what a chain's client meets. */
export interface Column {
  /** Unique in the matrix and made of the servers' names, so that a link to it outlives the run. */
  readonly id: string
  readonly kind: 'server' | 'edge'
  readonly tier: Tier
  /** The tiers behind an edge. */
  readonly behind: readonly Tier[]
  readonly topology: string
  /** Named where the run has several. */
  readonly runtime?: string
  readonly results: readonly Result[]
}

/** What was seen of one clause in one column. */
export interface Mark {
  readonly column: Column
  /** Distinct outcomes, in the order of the column's results: more than one when they differ. */
  readonly outcomes: readonly Outcome[]
  readonly sights: readonly { readonly cell: Cell; readonly verdict: Verdict }[]
}

/** A clause over all columns; undefined where it was not judged. */
export interface MatrixRow extends Row {
  readonly marks: readonly (Mark | undefined)[]
}

/** Clauses of one level and one suite. */
export interface MatrixGroup {
  readonly binding: Binding
  readonly suite: string
  readonly rows: readonly MatrixRow[]
}

/** Rules against servers. */
export interface Matrix {
  readonly columns: readonly Column[]
  /** Most binding level first, then in the order of judging. */
  readonly groups: readonly MatrixGroup[]
  readonly untestable: readonly Untestable[]
}

/** The matrix of a run: every server at the innermost hop once, then every chain's edge, against every clause. */
export function matrixOf(run: Run): Matrix {
  const columns = columnsOf(run)
  const rows = clauseRows(run).map((row) => ({ ...row, marks: columns.map((column) => mark(row, column)) }))
  const groups = byBinding(rows).flatMap(([binding, own]) => {
    const suites = Map.groupBy(own, ({ clause }) => splitClause(clause)[0])
    return [...suites].map(([suite, of]) => ({ binding, suite, rows: of }))
  })
  return { columns, groups, untestable: untestable(run) }
}

/** Whether a matrix is about intermediaries alone (`aloneRun`). */
export const isAlone = ({ columns }: Matrix): boolean => columns.some(({ topology }) => topology === 'alone')

function columnsOf(run: Run): readonly Column[] {
  const named = (result: Result) => (runtimesOf(run).length > 1 ? { runtime: result.runtime } : {})
  const judged = run.results.filter(({ verdicts }) => verdicts.length > 0)
  // The same program in the same release is one column, whatever is in front of it.
  const servers = Map.groupBy(judged, ({ tiers, runtime, origin }) => {
    const { server, variant, version } = tiers.at(-1)!
    return [server, variant, version, runtime, origin].join('\n')
  })
  const inner = [...servers.values()].map((results) => {
    const [first] = results as [Result, ...Result[]]
    const tier = first.tiers.at(-1)!
    const shared = { kind: 'server' as const, tier, behind: [], topology: first.topology, results }
    return { ...shared, ...named(first), id: slug(tier) }
  })
  const edges = judged
    .filter(({ tiers, verdicts }) => tiers.length > 1 && verdicts.some(({ role }) => role === tiers[0]!.role))
    .map((result) => {
      const [tier, ...behind] = result.tiers as [Tier, ...Tier[]]
      const shared = { kind: 'edge' as const, tier, behind, topology: result.topology, results: [result] }
      return { ...shared, ...named(result), id: [result.topology, ...result.tiers.map(slug)].join('-') }
    })
  // Variants of a server stand beside one another.
  return distinct([...[...Map.groupBy(inner, ({ tier }) => tier.server).values()].flat(), ...edges])
}

const slug = ({ server, variant }: Tier): string => `${server}-${variant}`.replace(/[^\w.-]+/g, '-')

/** Ids that other runtimes or releases of the same server share get the runtime, and if need be a number. */
function distinct(columns: readonly Column[]): readonly Column[] {
  const withRuntime = columns.map((column) => ({
    ...column,
    id: column.runtime === undefined ? column.id : `${column.id}-${column.runtime}`,
  }))
  return withRuntime.map((column, index) => {
    const earlier = withRuntime.slice(0, index).filter(({ id }) => id === column.id).length
    return earlier === 0 ? column : { ...column, id: `${column.id}-${earlier + 1}` }
  })
}

function mark(row: Row, column: Column): Mark | undefined {
  const role = column.tier.role
  const sights = row.cells.flatMap((cell) => {
    const verdict = column.results.includes(cell.result)
      ? cell.verdicts.find((each) => each.role === role && each.server === column.tier.server)
      : undefined
    return verdict === undefined ? [] : [{ cell, verdict }]
  })
  if (sights.length === 0) return undefined
  return { column, outcomes: [...new Set(sights.map(({ verdict }) => verdict.outcome))], sights }
}

/** How many clauses of a level a column keeps and breaks; what differs between its results is counted as neither. */
export function countsOf({ groups }: Matrix, column: Column, binding: Binding) {
  const marks = groups
    .filter((group) => group.binding === binding)
    .flatMap(({ rows }) => rows.flatMap((row) => row.marks.find((each) => each?.column === column) ?? []))
  const of = (...outcomes: Outcome[]): number =>
    marks.filter((each) => each.outcomes.length === 1 && outcomes.includes(each.outcomes[0]!)).length
  return {
    kept: of('pass'),
    broken: of('fail'),
    undecided: of('error', 'blocked'),
    differing: marks.filter(({ outcomes }) => outcomes.length > 1).length,
  }
}
