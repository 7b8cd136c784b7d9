import type { Verdict } from '../../reports/run.ts'
import type { Hop } from '../../topologies/index.ts'
import type { TestableClause } from '../conformance/index.ts'

/** The verdicts that a server without a fault never gets. */
export const brokenIn = (verdicts: readonly Verdict[]): readonly Verdict[] =>
  verdicts.filter(({ outcome }) => outcome === 'fail' || outcome === 'blocked' || outcome === 'error')

/** Verdicts as lines for whoever reads a failed test. */
export const told = (verdicts: readonly Verdict[]): string =>
  verdicts.map(({ clause, outcome, because }) => `${clause} ${outcome}: ${because}`).join('\n')

/** The full names of the clauses, sorted. */
export const names = (verdicts: readonly Verdict[]): readonly string[] =>
  verdicts.map(({ clause }) => clause).toSorted()

/** Whether a clause means something at a lone server in this role. */
export function applies(clause: TestableClause, role: Hop['role'], scheme: 'http' | 'https' = 'http'): boolean {
  const hop: Hop = { role, server: 'any', url: new URL(`${scheme}://127.0.0.1/`) }
  return clause.applies?.(hop, { hops: [hop] }) !== false
}
