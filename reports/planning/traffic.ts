import type { Plan, Result } from '../run.ts'
import { averageOf, closedPoints, type ClosedPoint, type Cpu } from './points.ts'
import type { Traffic } from './response.ts'

/** One request in a hundred: fewer of them do not decide what the slowest in a hundred take. */
const FEW = 0.01

/** What was measured of the classes that the application need not answer, at the greatest load of each. */
export type Others = Partial<Record<'cached' | 'static', ClosedPoint>>

/** Those that a topology was measured with: only where it has a cache is anything answered out of one. */
export function othersOf(result: Result): Others {
  const [cached, files] = [closedPoints(result, 'cached').at(-1), closedPoints(result, 'static').at(-1)]
  const hasCache = result.tiers.some(({ role }) => role === 'cache')
  return { ...(cached && hasCache ? { cached } : {}), ...(files ? { static: files } : {}) }
}

/**
 * What each request costs on average, whatever its class: the share of cacheable requests that hit is answered by the cache, files
 * by whoever was measured with them, and all others by the application.
 */
export function trafficOf({ cached, static: files }: Others, { shares, demand }: Plan, rate: number): Traffic {
  const hits = cached ? shares.cached * demand.hitRatio : 0
  const served = files ? shares.static : 0
  const parts = [
    ...(cached ? [{ share: hits, point: cached }] : []),
    ...(files ? [{ share: served, point: files }] : []),
  ]
  const others: Cpu = {}
  for (const { share, point } of parts) {
    for (const [role, cpu] of Object.entries(averageOf(point.rounds).cpu) as [keyof Cpu, number][])
      others[role] = (others[role] ?? 0) + share * cpu
  }
  const application = Math.max(0, 1 - hits - served)
  const [most] = parts.toSorted((a, b) => b.share - a.share)
  if (application >= FEW || !most) return { rate, application, others }
  const { p50, p99, max } = most.point.latency
  return { rate, application, others, alone: { p50, p99: p99 ?? max } }
}
