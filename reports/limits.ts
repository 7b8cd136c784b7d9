import { median } from './statistics.ts'
import { sum } from './measures.ts'
import type { Measurement } from './run.ts'

/** What kept a workload from going faster. */
export type Limit =
  | {
      readonly kind: 'tier'
      readonly role: string
      readonly server: string
      readonly share: number
      readonly total: number
    }
  | { readonly kind: 'generator' }
  /** The services had CPU time left: workers, threads, locks or waiting set the pace. */
  | { readonly kind: 'latency'; readonly total: number; readonly connections: number }
  | { readonly kind: 'unknown' }

/** From this share of the services' CPUs on, CPU time is what ran out. */
const saturated = 0.85

/** Whether the generator could not go faster, so that a repeat's throughput is a lower bound. */
export function generatorBound({ validity }: Measurement): boolean {
  return !validity.valid && validity.reasons.includes('generator-bound') && !validity.reasons.includes('inconsistent')
}

/** What limited the repeats of a workload at one result, from the medians of the tiers' shares of the services' CPUs. */
export function limitOf(repeats: readonly Measurement[]): Limit {
  const valid = repeats.filter(({ validity }) => validity.valid)
  if (valid.length === 0) return repeats.some(generatorBound) ? { kind: 'generator' } : { kind: 'unknown' }
  const [first] = valid
  if (first === undefined || valid.some(({ usage }) => usage.length === 0)) return { kind: 'unknown' }
  const shares = first.usage.map(({ role, server }, tier) => ({
    role,
    server,
    share: median(valid.map(({ usage }) => usage[tier]?.utilization ?? 0)),
  }))
  const total = median(valid.map(({ usage }) => sum(usage.map(({ utilization }) => utilization))))
  if (total < saturated) return { kind: 'latency', total, connections: first.loop.connections }
  const largest = shares.reduce((most, tier) => (tier.share > most.share ? tier : most))
  return { kind: 'tier', ...largest, total }
}
