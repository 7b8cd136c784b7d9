import { fittedLoads, heldOutLoads } from '../../reports/planning/loads.ts'
import { averageOf } from '../../reports/planning/points.ts'
import type { LoadPoint, RequestClass } from '../../reports/run.ts'
import type { Loop, Part } from '../../suites/load/index.ts'
import type { InterleavedLoad, Tally } from '../../suites/measuring/interleaved.ts'
import type { Kinds } from './kinds.ts'

/** Rates of open loops, as shares of the highest throughput of a closed one: an idle and a busy server. */
export const OPEN_SHARES = [0.3, 0.6]

/** The closed loops that a model is fitted on and checked with, and one of each kind that the application does not answer. */
export const closedLoads = (kinds: Kinds, slots: number): readonly InterleavedLoad[] => [
  ...[...fittedLoads(slots), ...heldOutLoads(slots)].flatMap((connections) =>
    load('dynamic', kinds, { kind: 'closed', connections }),
  ),
  ...(['cached', 'static'] as const).flatMap((of) => load(of, kinds, { kind: 'closed', connections: slots })),
]

/**
 * The open loops that a model is checked with; none when nothing was measured to tell the rates by. They keep as many connections
 * as the greatest closed loop, as a balancer does, and what finds none waits. With a new connection for whatever finds none, one
 * moment in which the servers stand still becomes hundreds of connections, whose opening keeps them busy for longer than the moment
 * did: 150 ms at the median instead of 0.3 at the same rate.
 */
export function openLoads(kinds: Kinds, points: readonly LoadPoint[], slots: number): readonly InterleavedLoad[] {
  const closed = points.filter(({ of, loop }) => of === 'dynamic' && loop.kind === 'closed')
  const highest = Math.max(0, ...closed.map(({ rounds }) => averageOf(rounds).throughput))
  return OPEN_SHARES.map((share) => Number((share * highest).toPrecision(3)))
    .filter((rate) => rate > 0)
    .flatMap((rate) =>
      load('dynamic', kinds, { kind: 'open', rate, connections: Math.max(...fittedLoads(slots)), arrivals: 'random' }),
    )
}

/** How long an answer takes where the most connections wait for one, in seconds, by Little's law; endless where none came. */
export function longestWait(tallies: readonly Tally[]): number {
  const dynamic = tallies.filter(({ load }) => load.of === 'dynamic')
  return Math.max(...dynamic.map(({ load, rounds }) => load.loop.connections / (rounds.at(-1)?.throughput ?? 0)))
}

/** A load of all requests of a kind, in proportion, each sent as it is written; none when there are none. */
function load(of: RequestClass, kinds: Kinds, loop: Loop): readonly InterleavedLoad[] {
  const [first] = kinds[of]
  if (!first) return []
  const all = kinds[of].reduce((sum, { share }) => sum + share, 0)
  return [{ of, loop, path: first.path, mix: kinds[of].map((part): Part => ({ ...part, share: part.share / all })) }]
}
