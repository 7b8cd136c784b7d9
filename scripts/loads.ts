import type { Loop, Workload } from '../suites/load/index.ts'
import { usageError } from './choices.ts'
import type { Sweep } from './parsers.ts'

/** The most connections that an open loop opens where nobody says how many: a slow server must not exhaust ports. */
export const OPEN_CONNECTIONS = 1024
/** More requests than this, warm-up included, are refused: a typing error must not load a machine for an hour. */
export const MOST_REQUESTS = 20_000_000

/** Refuses an open loop that would send more requests than a load may. */
export function refuseEndless(rate: number, seconds: number): void {
  if (rate * seconds > MOST_REQUESTS)
    throw usageError(
      `${rate} requests a second for ${seconds} s are more than the ${MOST_REQUESTS / 1e6} million that one load may send.`,
      'Choose a lower rate or a shorter time; warm-up counts.',
    )
}

/** Each workload at each load of a sweep: the same requests, paced otherwise. */
export function swept(workloads: readonly Workload[], { by, values }: Sweep): readonly Workload[] {
  const loop = (value: number): Loop =>
    by === 'rate'
      ? { kind: 'open', rate: value, connections: OPEN_CONNECTIONS }
      : { kind: 'closed', connections: value }
  return workloads.flatMap((workload) =>
    values.map((value) => ({ ...workload, title: `${workload.title}, ${by}=${value}`, loop: loop(value) })),
  )
}
