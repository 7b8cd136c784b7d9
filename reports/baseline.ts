import { isDecided, keyOf, kindOf, pairsOf, type Pair } from './baseline-pairs.ts'
import { notesOf } from './baseline-notes.ts'
import { blames } from './blame.ts'
import { differingLines } from './differing-lines.ts'
import type { GateChange, GateConformance, Result, Run, Verdict } from './run.ts'
import { list } from './words/quantities.ts'

/** A verdict beside the baseline's. */
interface Compared {
  readonly pair: Pair
  readonly was: Verdict | undefined
  readonly is: Verdict | undefined
  readonly kind: GateChange['kind'] | undefined
}

/**
 * Verdicts against those of a baseline: results of the same topology with the same servers, hop by hop, clause by clause.
 * What has an inner hop to blame is told there once.
 */
export function compareWithBaseline(run: Run, baseline: Run): GateConformance {
  const pairs = pairsOf(run, baseline)
  const clauses = pairs.flatMap(comparedClauses)
  const { id, startedAt, commit } = baseline
  return {
    baseline: { id, startedAt, commit },
    compared: clauses.flat().filter(({ was, is }) => was && is && isDecided(was.outcome)).length,
    changes: clauses.flatMap(changesOf),
    notes: [...notesOf(run, baseline, pairs)],
  }
}

/** A verdict that would keep a gate from passing, at its result. */
export interface Suspicion {
  readonly result: Result
  readonly verdict: Verdict
}

/** Every verdict of the run that is a breach or leaves one open, at outer hops too, so that each can be judged once more. */
export const suspicions = (run: Run, baseline: Run): readonly Suspicion[] =>
  pairsOf(run, baseline)
    .flatMap(comparedClauses)
    .flat()
    .flatMap(({ pair, is, kind }) =>
      is && (kind === 'breach' || kind === 'undecided') ? [{ result: pair.now, verdict: is }] : [],
    )

/** Each clause's verdicts, from the application outwards; then those that are no longer judged. */
function comparedClauses(pair: Pair): readonly (readonly Compared[])[] {
  const before = new Map(pair.before.verdicts.map((verdict) => [keyOf(verdict), verdict]))
  const now = new Set(pair.now.verdicts.map(keyOf))
  const gone = { ...pair.before, verdicts: pair.before.verdicts.filter((verdict) => !now.has(keyOf(verdict))) }
  const compared = (was: Verdict | undefined, is: Verdict | undefined): Compared => {
    return { pair, was, is, kind: kindOf(was?.outcome, is?.outcome) }
  }
  return [
    ...blames(pair.now).map(({ verdicts }) => verdicts.map((verdict) => compared(before.get(keyOf(verdict)), verdict))),
    ...blames(gone).map(({ verdicts }) => verdicts.map((verdict) => compared(verdict, undefined))),
  ]
}

/** Kinds that an inner hop brings about further out. A known deviation is told wherever it is, and so is what is open. */
const carried: readonly unknown[] = ['breach', 'tightened', 'added', 'removed'] satisfies GateChange['kind'][]

/** The changes of one clause, each with the hops further out that only show the same. */
function changesOf(clause: readonly Compared[]): readonly GateChange[] {
  const told: { readonly of: Compared; readonly also: string[] }[] = []
  let inner: { readonly kind: unknown; readonly also: string[] } | undefined
  for (const each of clause) {
    const follows = carried.includes(each.kind) && inner?.kind === each.kind
    const also: string[] = follows ? inner!.also : []
    if (follows) also.push((each.is ?? each.was)!.server)
    else if (each.kind) told.push({ of: each, also })
    // A rule that means nothing at a hop, or is only observed there, changes nothing for those further out.
    if (each.kind || each.is?.outcome === 'pass' || each.is?.outcome === 'fail') inner = { kind: each.kind, also }
  }
  return told.map(({ of, also }) => changeOf(of, also))
}

/** Kinds that something has brought about since the baseline. */
const explained: readonly unknown[] = ['breach', 'tightened', 'undecided'] satisfies GateChange['kind'][]

function changeOf({ pair, was, is, kind }: Compared, also: readonly string[]): GateChange {
  const { clause, level, cites, says, role, server } = (is ?? was)!
  const why = is && explained.includes(kind) ? cause(pair, is) : { lines: [], says: [] }
  const because = [
    ...(is?.because === undefined ? [] : [is.because]),
    ...(also.length > 0 ? [`also seen at ${list(also)}`] : []),
    ...(was && is && isOtherClause(was, is) ? ['the lab’s own clause is another one than in the baseline'] : []),
    ...why.says,
  ]
  return {
    ...{ kind: kind!, clause, level, cites, says, result: pair.name, role, server },
    ...(was ? { was: was.outcome } : {}),
    ...(is ? { is: is.outcome } : {}),
    ...(because.length > 0 ? { because: because.join('; ') } : {}),
    ...(why.lines.length > 0 ? { lines: [...why.lines] } : {}),
  }
}

const isOtherClause = (was: Verdict, is: Verdict): boolean =>
  was.says !== is.says ||
  was.level !== is.level ||
  (was.experiment !== undefined && is.experiment !== undefined && was.experiment !== is.experiment)

/**
 * What may have brought a change about: lines of the server that was judged; where those are the same its version; where
 * that is the same too, what the tiers beside it have that is different.
 */
function cause(
  { before, now }: Pair,
  { role }: Verdict,
): { readonly lines: readonly string[]; readonly says: readonly string[] } {
  const tiers = now.tiers.map((tier) => ({ tier, old: before.tiers.find((each) => each.role === tier.role)! }))
  const differing = tiers.map(({ tier, old }) => ({ tier, old, lines: differingLines(old, tier) }))
  const own = differing.find(({ tier }) => tier.role === role)!
  if (own.lines.length > 0) return { lines: own.lines, says: [] }
  const same = `${own.tier.title} is configured as in the baseline`
  if (own.tier.version !== own.old.version)
    return { lines: [], says: [`${same}, and was ${own.old.version} there and is ${own.tier.version}`] }
  const beside = differing.filter(({ tier }) => tier.role !== role)
  const others = beside.flatMap(({ tier, old, lines }) => [
    ...(lines.length > 0 ? [`${tier.title} (${tier.role}) has ${lines.join(' ')}`] : []),
    ...(tier.version === old.version ? [] : [`${tier.title} (${tier.role}) was ${old.version} and is ${tier.version}`]),
  ])
  if (others.length > 0) return { lines: [], says: [`${same}; beside it ${list(others)}`] }
  return {
    lines: [],
    says: [
      `${list(tiers.map(({ tier }) => tier.title))} ${tiers.length > 1 ? 'are' : 'is'} configured as in the baseline, in the same version${tiers.length > 1 ? 's' : ''}`,
    ],
  }
}
