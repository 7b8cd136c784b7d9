import { levelsText } from './levels.ts'
import type { Level, Result, Verdict } from './run.ts'

/**
 * What a chain did to a clause, from its verdicts alone: hops are read from the application outwards, and only those
 * where the clause was decided (`pass` or `fail`) say anything. The outermost of them is what the client gets.
 */
export type Blame =
  /** Never broken where it was judged. */
  | { readonly kind: 'kept' }
  /** Broken by the innermost server, and still so at the edge. */
  | { readonly kind: 'broken'; readonly server: string }
  /** Broken further in; from `server` outwards it is kept. */
  | { readonly kind: 'healed'; readonly server: string }
  /** Kept further in, or without meaning there; from `server` outwards it is broken. */
  | { readonly kind: 'introduced'; readonly server: string }
  /** There is no right answer, only what each hop showed; `changes` names the servers that showed something else. */
  | { readonly kind: 'observed'; readonly changes: readonly string[] }
  /** An experiment broke, or had no ground to stand on, so that nobody can be named. */
  | { readonly kind: 'unknown'; readonly because: string }
  /** The clause means nothing at any hop of this chain. */
  | { readonly kind: 'inapplicable' }

/** A clause at a result: its verdicts from the application outwards, and the blame. */
export interface Blamed {
  readonly clause: string
  readonly verdicts: readonly Verdict[]
  readonly blame: Blame
}

/** Every clause of a result with its blame, in the order in which they were judged. */
export function blames({ tiers, verdicts }: Pick<Result, 'tiers' | 'verdicts'>): readonly Blamed[] {
  const outwards = (verdict: Verdict): number =>
    -tiers.findIndex(({ role, server }) => role === verdict.role && server === verdict.server)
  return [...Map.groupBy(verdicts, ({ clause }) => clause)].map(([clause, all]) => {
    const ordered = all.toSorted((one, other) => outwards(one) - outwards(other))
    const unjudged = tiers.find(({ role }) => ordered.every((verdict) => verdict.role !== role))
    // A run that was cut short says nothing about what the tiers it did not come to make of a clause.
    return {
      clause,
      verdicts: ordered,
      blame: unjudged ? { kind: 'unknown', because: `not judged at ${unjudged.server}` } : blame(ordered),
    }
  })
}

/** The blame for one clause, from its verdicts in the order from the application outwards. */
export function blame(verdicts: readonly Verdict[]): Blame {
  const last = verdicts.findLastIndex(({ outcome }) => outcome === 'error' || outcome === 'blocked')
  const undecided = verdicts[last]
  // A hop that could not be judged may be the very one that changed the outcome: only what is further out is sure.
  const decided = verdicts.slice(last + 1).filter(({ outcome }) => outcome === 'pass' || outcome === 'fail')
  const edge = decided.at(-1)
  const turn = decided.findLastIndex(({ outcome }) => outcome !== edge?.outcome) + 1
  if (undecided !== undefined && turn === 0)
    return { kind: 'unknown', because: `${undecided.server}: ${undecided.because ?? undecided.outcome}` }
  if (edge === undefined) return undirected(verdicts)

  const { server, role } = decided[turn]!
  if (edge.outcome === 'pass') return turn === 0 ? { kind: 'kept' } : { kind: 'healed', server }
  // Of an intermediary that was judged alone there is no further in.
  return turn === 0 && (role === 'app' || verdicts.length === 1)
    ? { kind: 'broken', server }
    : { kind: 'introduced', server }
}

function undirected(verdicts: readonly Verdict[]): Blame {
  const seen = verdicts.filter(({ outcome }) => outcome === 'observed')
  if (seen.length === 0) return { kind: 'inapplicable' }
  const changed = seen.filter((verdict, index) => index > 0 && verdict.because !== seen[index - 1]!.because)
  return { kind: 'observed', changes: changed.map(({ server }) => server) }
}

/**
 * One sentence on what the chain does to the rules, with levels: `nginx heals 7 of Gunicorn's 9 deviations (5 of 6 MUST,
 * 2 of 3 SHOULD); Varnish introduces 2 (1 MUST, 1 SHOULD)`. Undefined when nothing was decided.
 */
export function summary({ tiers, verdicts }: Pick<Result, 'tiers' | 'verdicts'>): string | undefined {
  const all = blames({ tiers, verdicts }).filter(({ verdicts: each }) => each.length === tiers.length)
  const decided = all.filter(({ verdicts: each }) =>
    each.some(({ outcome }) => outcome === 'pass' || outcome === 'fail'),
  )
  const app = tiers.at(-1)
  if (decided.length === 0 || app === undefined) return undefined
  const titled = (server: string): string => tiers.find((each) => each.server === server)?.title ?? server
  const own = all.filter(({ verdicts: each }) =>
    each.some(({ role, outcome }) => role === app.role && outcome === 'fail'),
  )
  const deviations = `${own.length} ${own.length === 1 ? 'deviation' : 'deviations'}`
  if (tiers.length === 1)
    return `${app.title} breaks ${own.length || 'none'} of ${decided.length} rules${counted(levelsText(levels(own)))}`

  const outwards = tiers.toReversed().map(({ server }) => server)
  const heals = perServer(outwards, own, 'healed').map(([server, healed], index) =>
    index === 0
      ? `${titled(server)} heals ${healed.length} of ${possessive(app.title)} ${deviations}${counted(levelsText(levels(healed), levels(own)))}`
      : `${titled(server)} ${healed.length}${counted(levelsText(levels(healed)))}`,
  )
  const introduces = perServer(outwards, all, 'introduced').map(
    ([server, those]) => `${titled(server)} introduces ${those.length}${counted(levelsText(levels(those)))}`,
  )
  const none =
    own.length === 0
      ? `${app.title} has no deviation`
      : `nothing heals ${possessive(app.title)} ${deviations}${counted(levelsText(levels(own)))}`
  return [heals.length > 0 ? heals.join(', ') : none, ...introduces].join('; ')
}

const levels = (all: readonly Blamed[]): readonly Level[] => all.map(({ verdicts }) => verdicts[0]!.level)

const counted = (text: string): string => (text === '' ? '' : ` (${text})`)

function perServer(
  servers: readonly string[],
  all: readonly Blamed[],
  kind: 'healed' | 'introduced',
): readonly (readonly [string, readonly Blamed[]])[] {
  return servers
    .map((server) => [server, all.filter(({ blame: each }) => each.kind === kind && each.server === server)] as const)
    .filter(([, those]) => those.length > 0)
}

function possessive(title: string): string {
  return title.endsWith('s') ? `${title}'` : `${title}'s`
}
