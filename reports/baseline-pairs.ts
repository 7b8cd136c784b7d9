import { allNames } from './names.ts'
import type { GateChange, Outcome, Result, Run, Verdict } from './run.ts'

/** A result of a run and the one of the baseline that it is compared with. */
export interface Pair {
  /** The result's name in the run. */
  readonly name: string
  readonly now: Result
  readonly before: Result
}

/** The results of the run that have one of the baseline to be compared with, in the run's order; topologies, then servers alone. */
export function pairsOf(run: Run, baseline: Run): readonly Pair[] {
  const names = allNames(run)
  return [...paired(run.results, baseline.results), ...paired(run.alone ?? [], baseline.alone ?? [])].map(
    ([now, before]) => ({ name: names.get(now)!, now, before }),
  )
}

/** Each goes with the one that is most like it, and with none when two are equally like it. */
function paired(now: readonly Result[], before: readonly Result[]): readonly (readonly [Result, Result])[] {
  // What was not judged at all is not compared: not every one of its rules has gone.
  const [all, judged] = [now.filter(isJudged), before.filter(isJudged)]
  // One that is like another result exactly is that one's.
  const taken = judged.filter((one) => all.some((other) => likeness(one, other) === EXACT))
  return all.flatMap((result) => {
    const fitting = judged.filter((each) => likeness(each, result) === EXACT || !taken.includes(each))
    const best = Math.max(0, ...fitting.map((each) => likeness(each, result)))
    const alike = fitting.filter((each) => best > 0 && likeness(each, result) === best)
    return alike.length === 1 ? [[result, alike[0]!] as const] : []
  })
}

const isJudged = ({ verdicts }: Result): boolean => verdicts.length > 0

const EXACT = 4

/** 0: not to be compared, other servers. Else the same variants count more than the same runtime. */
function likeness(one: Result, other: Result): number {
  if (placesOf(one) !== placesOf(other)) return 0
  const variants = (result: Result): string => result.tiers.map(({ variant }) => variant).join()
  return 1 + (variants(one) === variants(other) ? 2 : 0) + (one.runtime === other.runtime ? 1 : 0)
}

interface Places {
  readonly topology: string
  readonly tiers: readonly { readonly role: string; readonly server: string }[]
}

/** The topology and the servers in their roles, without variants: `reverse-proxy: proxy=nginx, app=gunicorn`. */
export const placesOf = ({ topology, tiers }: Places): string =>
  `${topology}: ${tiers.map(({ role, server }) => `${role}=${server}`).join(', ')}`

/** What tells the verdicts of one result apart. */
export const keyOf = ({ clause, role, server }: Pick<Verdict, 'clause' | 'role' | 'server'>): string =>
  `${clause} ${role} ${server}`

/** `open`: nobody could tell. `none`: it was not judged. */
type Standing = 'kept' | 'observed' | 'broken' | 'open' | 'none'

const standingOf = (outcome: Outcome | undefined): Standing => {
  if (outcome === undefined) return 'none'
  if (outcome === 'observed') return 'observed'
  return outcome === 'pass' ? 'kept' : outcome === 'fail' ? 'broken' : 'open'
}

/**
 * What is to be said of a verdict, by what it was in the baseline and what it is. What broke no rule and now breaks one is a
 * breach, also where it was only observed. A rule that the baseline never decided cannot have been broken since. Of an
 * observation nothing was promised: where it can no longer be made, that is no question that a gate leaves open. Neither is what
 * becomes of a known deviation: it can only get better.
 */
const kinds: Readonly<Record<Standing, Readonly<Partial<Record<Standing, GateChange['kind']>>>>> = {
  kept: { broken: 'breach', open: 'undecided', none: 'removed' },
  observed: { broken: 'breach', none: 'removed' },
  broken: { kept: 'tightened', observed: 'tightened', broken: 'known', open: 'known', none: 'removed' },
  open: { broken: 'added' },
  none: { broken: 'added' },
}

/** The kind of a change; undefined when nothing is to be said. */
export const kindOf = (was: Outcome | undefined, is: Outcome | undefined): GateChange['kind'] | undefined =>
  kinds[standingOf(was)][standingOf(is)]

/** Whether the baseline said something that a run can be held to. */
export const isDecided = (outcome: Outcome): boolean => standingOf(outcome) !== 'open'
