import type { Result, Role } from '../run.ts'

/** What the tiers of a topology hold, as far as it could be read. */
export interface Memory {
  /** Bytes of each tier with so many workers of the application's server; undefined for a tier that could not be read. */
  of(role: Role, workers: number): number | undefined
  /** Of all tiers that could be read. */
  total(workers: number): number
  /** Of one more worker. */
  readonly perWorker: number
}

/**
 * Straight through what was measured with two numbers of workers; with one, all that the application's server holds counts as its
 * workers', which is too much for more of them, because they share pages. Undefined when nothing was measured.
 */
export function memoryOf(result: Result): Memory | undefined {
  const sizes = (result.planning?.sizes ?? []).toSorted((a, b) => a.workers - b.workers)
  const [fewest, most] = [sizes[0], sizes.at(-1)]
  if (!fewest || !most) return undefined
  const held = (size: typeof fewest, role: Role): number | undefined =>
    size.tiers.find((tier) => tier.role === role)?.pssBytes ?? undefined
  const [few, many] = [held(fewest, 'app'), held(most, 'app')]
  if (many === undefined) return undefined
  const perWorker =
    few === undefined || fewest.workers === most.workers
      ? many / most.workers
      : Math.max(0, (many - few) / (most.workers - fewest.workers))
  const of = (role: Role, workers: number): number | undefined => {
    if (role === 'app') return Math.max(0, many + (workers - most.workers) * perWorker)
    const all = sizes.flatMap((size) => held(size, role) ?? [])
    return all.length === 0 ? undefined : Math.max(...all)
  }
  return {
    of,
    perWorker,
    total: (workers) => result.tiers.reduce((sum, { role }) => sum + (of(role, workers) ?? 0), 0),
  }
}
