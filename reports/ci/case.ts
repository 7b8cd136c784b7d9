import { splitClause } from '../conformance.ts'
import type { Verdict } from '../run.ts'

/** What dashboards of tests know of a test. */
export interface Case {
  /** What it belongs to: a result, or the metrics of a gate. */
  readonly suite: string
  /** What dashboards fold tests by, its two parts separated by a full stop. */
  readonly group: string
  /** The same in every run, so that a dashboard can follow it. */
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'error' | 'skipped'
  /** Kind of an outcome other than `passed`: a level, `known`, `inconclusive`. */
  readonly type?: string
  /** The outcome in one line. */
  readonly message?: string
  /** All there is to say, as lines. */
  readonly details?: string
}

/** `nginx (proxy)` */
export const hopText = ({ server, role }: Pick<Verdict, 'server' | 'role'>): string => `${server} (${role})`

/** `MUST, RFC 9112 §7.1.1: "A recipient MUST ignore unrecognized chunk extensions."` */
export const ruleText = ({ level, cites, says }: Pick<Verdict, 'level' | 'cites' | 'says'>): string =>
  `${level}, ${cites}: "${says}"`

/** The names of a clause's test at a hop. Many dashboards show nothing but the name, so it tells the hop. */
export const named = (
  verdict: Pick<Verdict, 'clause' | 'server' | 'role'>,
  result: string,
): Pick<Case, 'suite' | 'group' | 'name'> => ({
  suite: result,
  group: `${groupOf(result)}.${splitClause(verdict.clause)[0]}`,
  name: `${verdict.clause} at ${hopText(verdict)}`,
})

/** A result's name as a part of a group. */
export const groupOf = (result: string): string => result.replaceAll('.', '_')
