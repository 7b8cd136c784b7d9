import type { Verdict } from '../../reports/run.ts'
import type { Hop, Target } from '../../topologies/index.ts'
import type { Clause, Suite, TestableClause } from '../conformance/index.ts'
import { find, type Finding } from './finding.ts'
import { probeAbsent, RECOVERY_WAIT } from './presence.ts'

/** How judging may differ from the default. */
export interface JudgeOptions {
  /** Milliseconds an experiment may take before it counts as broken. */
  readonly limit?: number
  /** Which hops are judged; all when absent. */
  readonly at?: (hop: Hop) => boolean
  /** Told of each verdict as it is reached, so that a caller can show or save it. */
  readonly onVerdict?: (verdict: Verdict) => void
}

const CLAUSE_LIMIT = 15_000

function verdict(id: string, clause: Clause, { role, server }: Hop, found: Finding): Verdict {
  const { level, cites, says } = clause
  const did = 'experiment' in clause ? { experiment: clause.experiment } : {}
  return { clause: id, level, cites, says, ...did, role, server, ...found }
}

/** Judges one clause at one hop. Resolves with a verdict whatever happens, unless the signal interrupts the lab. */
export async function judge(
  id: string,
  clause: Clause,
  hop: Hop,
  target: Target,
  signal: AbortSignal,
  limit = CLAUSE_LIMIT,
): Promise<Verdict> {
  return verdict(id, clause, hop, await find(clause, hop, target, signal, limit))
}

/**
 * Judges every clause of the suites at every hop, from the application outwards, in that order. The verdicts that come
 * back hold evidence only for clauses that somebody broke; `onVerdict` is told all of it.
 */
export async function judgeAll(
  suites: readonly Suite[],
  target: Target,
  signal: AbortSignal,
  options: JudgeOptions = {},
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = []
  for (const hop of target.hops.toReversed().filter(options.at ?? (() => true))) {
    let absent = await probeAbsent(hop, target, signal)
    const outcomes = new Map<string, Verdict['outcome']>()
    for (const suite of suites) {
      for (const [id, clause] of Object.entries(suite.clauses)) {
        const name = `${suite.name}/${id}`
        const found = 'untestable' in clause ? undefined : (absent ?? unmet(clause, suite, outcomes))
        const judged = found
          ? verdict(name, clause, hop, found)
          : await judge(name, clause, hop, target, signal, options.limit)
        outcomes.set(name, judged.outcome)
        verdicts.push(judged)
        options.onVerdict?.(judged)
        if (!found && ['fail', 'error', 'blocked'].includes(judged.outcome))
          absent = await probeAbsent(hop, target, signal, RECOVERY_WAIT)
      }
    }
  }
  return worthwhile(verdicts)
}

/** Drops what shows nothing but that a rule is kept: it would be most of a run. */
function worthwhile(verdicts: readonly Verdict[]): readonly Verdict[] {
  const notKept = new Set(
    verdicts.filter(({ outcome }) => ['fail', 'error', 'blocked'].includes(outcome)).map(({ clause }) => clause),
  )
  return verdicts.map((each) => {
    if (notKept.has(each.clause)) return each
    const bare = { ...each }
    delete bare.evidence
    delete bare.events
    return bare
  })
}

type Outcomes = ReadonlyMap<string, Verdict['outcome']>

function unmet({ dependsOn }: TestableClause, suite: Suite, outcomes: Outcomes): Finding | undefined {
  if (dependsOn === undefined) return undefined
  const outcome = outcomes.get(dependsOn.includes('/') ? dependsOn : `${suite.name}/${dependsOn}`)
  if (outcome !== 'fail' && outcome !== 'blocked' && outcome !== 'error') return undefined
  return { outcome: 'blocked', because: `${dependsOn} is not kept here (${outcome})` }
}
