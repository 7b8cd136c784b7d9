import type { Remedy, Verdict } from '../reports/run.ts'
import { several } from '../suites/judging/several.ts'
import type { Tier, Topology } from '../topologies/index.ts'
import { chooseClauses } from './choices.ts'
import { lineTrials, verdictsAlone, verdictsInChain, type Bench, type Trial } from './trials.ts'

/** Trials that go on at a time: judging waits more than it works. */
const AT_ONCE = 4

/** Lines of the servers of a topology that keep what is broken without them. */
export const remediesInChain = (
  topology: Topology,
  verdicts: readonly Verdict[],
  bench: Bench,
): Promise<readonly Remedy[]> =>
  remedies(topology.tiers, verdicts, bench, ({ tier, lines }, own) => verdictsInChain(topology, tier, lines, own))

/** Lines of a server that is judged alone that keep what is broken without them. */
export const remediesAlone = (tier: Tier, verdicts: readonly Verdict[], bench: Bench): Promise<readonly Remedy[]> =>
  remedies([tier], verdicts, bench, ({ lines }, own) => verdictsAlone(tier, lines, own))

/** Lines that are known to decide a broken clause are put in force at its server, each alone, and the clause is judged again. */
async function remedies(
  tiers: readonly Tier[],
  verdicts: readonly Verdict[],
  bench: Bench,
  judged: (trial: Trial, bench: Bench) => Promise<readonly Verdict[]>,
): Promise<readonly Remedy[]> {
  const trials = tiers.flatMap(lineTrials).flatMap((trial) => {
    const { role, name } = trial.tier.server
    const broken = verdicts
      .filter((verdict) => verdict.outcome === 'fail' && verdict.role === role && verdict.server === name)
      .map(({ clause }) => clause)
      .filter((clause) => trial.about.some((id) => clause.endsWith(`/${id}`)))
    return broken.length > 0 ? [{ trial, broken }] : []
  })
  const found = await several(trials, AT_ONCE, async ({ trial, broken }): Promise<readonly Remedy[]> => {
    const after = await judged(trial, { ...bench, suites: chooseClauses(bench.suites, broken) })
    const mends = after.filter(({ outcome }) => outcome === 'pass').map(({ clause }) => clause)
    const { role, name: server } = trial.tier.server
    return mends.length > 0 ? [{ role, server, line: trial.text, says: trial.says, mends }] : []
  })
  return found.flat()
}
