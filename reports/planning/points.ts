import type { LoadPoint, LoadRound, RequestClass, Result, Role } from '../run.ts'
import { median } from '../statistics.ts'

/** Seconds of CPU time for each request, by tier. */
export type Cpu = Partial<Record<Role, number>>

/** What a load came to on average over its rounds. */
export interface Average {
  /** Right responses per second. */
  readonly throughput: number
  readonly cpu: Cpu
}

/** A closed loop's point that answered something. */
export type ClosedPoint = LoadPoint & { readonly latency: NonNullable<LoadPoint['latency']> }

/** The closed loops of a class that answered something, from the least load to the greatest. */
export function closedPoints(result: Result, of: RequestClass): readonly ClosedPoint[] {
  return (result.planning?.points ?? [])
    .filter((point): point is ClosedPoint => point.of === of && point.loop.kind === 'closed' && point.latency !== null)
    .filter(({ rounds }) => averageOf(rounds).throughput > 0)
    .sort((a, b) => a.loop.connections - b.loop.connections)
}

/** The rounds that count: those in which nobody else used the CPUs. */
export const calmRounds = (rounds: readonly LoadRound[]): readonly LoadRound[] =>
  rounds.filter(({ disturbed }) => !disturbed)

/**
 * Means over the rounds that were not disturbed. Not medians: a machine that is now slow and now fast, and a server that now has
 * all connections on one worker and now does not, make figures with two peaks, between which a median jumps.
 */
export function averageOf(rounds: readonly LoadRound[]): Average {
  const calm = calmRounds(rounds)
  const sum = calm.reduce((total, { throughput }) => total + throughput, 0)
  const roles = [...new Set(calm.flatMap(({ cpu }) => Object.keys(cpu) as Role[]))]
  return {
    throughput: calm.length === 0 ? 0 : sum / calm.length,
    cpu: Object.fromEntries(
      roles.map((role) => {
        const used = calm.reduce((total, { cpu, throughput }) => total + (cpu[role] ?? 0) * throughput, 0)
        return [role, sum === 0 ? 0 : used / sum / 1e6]
      }),
    ),
  }
}

/**
 * 99th percentile of a load, in milliseconds: of the middle one of its windows, where these hold enough answers to have one. Of all
 * answers together it would be that of the one window in which a shared machine stood still, which no model of servers knows of.
 */
export function p99Of({ rounds, latency }: LoadPoint): number | undefined {
  const known = rounds.flatMap(({ disturbed, p99 }) => (disturbed || p99 === null ? [] : [p99]))
  return known.length * 2 > rounds.length ? median(known) : (latency?.p99 ?? undefined)
}

/** CPU time of all tiers together. */
export const totalOf = (cpu: Cpu): number => Object.values(cpu).reduce((sum, each) => sum + each, 0)

/** Between values at known loads, straight on a scale of logarithms; beyond the last ones as they are. */
export function between(loads: readonly number[], values: readonly number[], load: number): number {
  const next = loads.findIndex((known) => known >= load)
  if (next === -1) return values.at(-1)!
  if (next === 0) return values[0]!
  const [low, high] = [loads[next - 1]!, loads[next]!]
  const share = Math.log(load / low) / Math.log(high / low)
  return values[next - 1]! + share * (values[next]! - values[next - 1]!)
}
