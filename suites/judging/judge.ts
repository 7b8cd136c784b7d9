import type { Verdict } from '../../reports/run.ts'
import type { Hop, Target } from '../../topologies/index.ts'
import type { Clause, Suite, TestableClause } from '../conformance/index.ts'
import { alone } from './experiment.ts'
import { find, type Finding } from './finding.ts'
import { probeAbsent, RECOVERY_WAIT } from './presence.ts'
import { several } from './several.ts'

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
/** Experiments at an intermediary alone that go on at a time: most of their time is waiting. */
const AT_ONCE = 16

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
 * Judges every clause of the suites at every hop, from the application outwards, in that order; at an intermediary alone
 * the clauses of the suites for that, several at once. The verdicts that come back hold evidence only for clauses that
 * somebody broke; `onVerdict` is told all of it.
 */
export async function judgeAll(
  suites: readonly Suite[],
  target: Target,
  signal: AbortSignal,
  options: JudgeOptions = {},
): Promise<readonly Verdict[]> {
  const isAlone = alone(target) !== undefined
  const fitting = suites.filter((suite) => (suite.alone ?? false) === isAlone)
  const verdicts: Verdict[] = []
  for (const hop of target.hops.toReversed().filter(options.at ?? (() => true)))
    verdicts.push(...(await judgeHop(fitting, hop, target, signal, isAlone ? AT_ONCE : 1, options)))
  return worthwhile(verdicts)
}

async function judgeHop(
  suites: readonly Suite[],
  hop: Hop,
  target: Target,
  signal: AbortSignal,
  atOnce: number,
  { limit, onVerdict }: JudgeOptions,
): Promise<readonly Verdict[]> {
  let absent = await probeAbsent(hop, target, signal)
  const judged = new Map<string, Promise<Verdict>>()

  async function judgeOne(suite: Suite, name: string, clause: Clause): Promise<Verdict> {
    const dependsOn = 'untestable' in clause ? undefined : fullName(clause, suite)
    const on = dependsOn === undefined ? undefined : await judged.get(dependsOn)
    const found = 'untestable' in clause ? undefined : (absent ?? unmet(clause, on))
    const reached = found ? verdict(name, clause, hop, found) : await judge(name, clause, hop, target, signal, limit)
    onVerdict?.(reached)
    if (!found && !isKept(reached)) absent = await probeAbsent(hop, target, signal, RECOVERY_WAIT)
    return reached
  }

  const all = suites.flatMap((suite) =>
    Object.entries(suite.clauses).map(([id, clause]) => ({ suite, clause, name: `${suite.name}/${id}` })),
  )
  const isExclusive = ({ clause }: (typeof all)[number]): boolean => 'exclusive' in clause && clause.exclusive === true
  for (const [entries, width] of [
    [all.filter((entry) => !isExclusive(entry)), atOnce],
    [all.filter(isExclusive), 1],
  ] as const)
    await several(entries, width, ({ suite, clause, name }) => {
      const reached = judgeOne(suite, name, clause)
      judged.set(name, reached)
      return reached
    })
  return Promise.all(all.map(({ name }) => judged.get(name)!))
}

const isKept = ({ outcome }: Pick<Verdict, 'outcome'>): boolean => !['fail', 'error', 'blocked'].includes(outcome)

/** Drops what shows nothing but that a rule is kept: it would be most of a run. */
function worthwhile(verdicts: readonly Verdict[]): readonly Verdict[] {
  const notKept = new Set(verdicts.filter((each) => !isKept(each)).map(({ clause }) => clause))
  return verdicts.map((each) => {
    if (notKept.has(each.clause)) return each
    const bare = { ...each }
    delete bare.evidence
    delete bare.events
    return bare
  })
}

/** The full name of the clause that this one depends upon. */
function fullName({ dependsOn }: TestableClause, suite: Suite): string | undefined {
  return dependsOn === undefined || dependsOn.includes('/') ? dependsOn : `${suite.name}/${dependsOn}`
}

function unmet({ dependsOn }: TestableClause, on: Verdict | undefined): Finding | undefined {
  if (on === undefined || isKept(on)) return undefined
  return { outcome: 'blocked', because: `${dependsOn} is not kept here (${on.outcome})` }
}
