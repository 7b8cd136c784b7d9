import { median } from './statistics.ts'
import { sum } from './measures.ts'
import type { Measurement } from './run.ts'

/** What kept a workload from going faster: the bottleneck. */
export type Limit =
  | {
      readonly kind: 'tier'
      readonly role: string
      readonly server: string
      readonly share: number
      readonly total: number
      /** How many CPUs it had to itself; `share` and `total` are then of these. Absent where tiers shared theirs. */
      readonly ownCpus?: number
    }
  | { readonly kind: 'generator' }
  /** The services had CPU time left: workers, threads, locks or waiting set the pace, or in an open loop the clock. */
  | { readonly kind: 'latency'; readonly total: number; readonly loop: Measurement['loop'] }
  | { readonly kind: 'unknown' }

/** From this share of the services' CPUs on, or of a tier's own, CPU time is what ran out. */
const saturated = 0.85

/** Whether the generator could not go faster, so that a repeat's throughput is a lower bound. */
export function generatorBound({ validity }: Measurement): boolean {
  return !validity.valid && validity.reasons.includes('generator-bound') && !validity.reasons.includes('inconsistent')
}

/**
 * What limited the repeats of a workload at one result, from medians of how busy the CPUs were. Tiers that share CPUs share
 * a limit, and the largest of them is named; a tier with CPUs of its own is the limit when those are used up.
 */
export function limitOf(repeats: readonly Measurement[]): Limit {
  const ranked = repeats.filter(({ validity }) => validity.valid)
  // Servers that fell behind show best what they lacked.
  const valid = ranked.length > 0 ? ranked : repeats.filter(onlyOverloaded)
  if (valid.length === 0) return repeats.some(generatorBound) ? { kind: 'generator' } : { kind: 'unknown' }
  const [first] = valid
  if (first === undefined || valid.some(({ usage }) => usage.length === 0)) return { kind: 'unknown' }
  const tiers = first.usage.map(({ role, server, ownCpus }, tier) => ({
    role,
    server,
    share: median(valid.map(({ usage }) => usage[tier]?.utilization ?? 0)),
    ...(ownCpus === undefined ? {} : { ownCpus }),
  }))
  const busiest = tiers.reduce((most, tier) => (tier.share > most.share ? tier : most))
  const apart = tiers.every(({ ownCpus }) => ownCpus !== undefined)
  const total = apart
    ? busiest.share
    : median(valid.map(({ usage }) => sum(usage.map(({ utilization }) => utilization))))
  if (total < saturated) return { kind: 'latency', total, loop: first.loop }
  return { kind: 'tier', ...busiest, total }
}

const onlyOverloaded = ({ validity }: Measurement): boolean =>
  !validity.valid && validity.reasons.every((reason) => reason === 'overloaded')
