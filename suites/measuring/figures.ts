import type { Measurement } from '../../reports/run.ts'

/**
 * Services that use at least this share of their CPUs are at their limit too, whatever the generator does: with a
 * faster one the throughput could rise by a ninth at most, which is less than repeats differ.
 */
export const SERVICES_LIMIT = 0.9

/** The raw figures that validity is judged by. */
export interface Figures extends Pick<
  Measurement,
  | 'loop'
  | 'requests'
  | 'errors'
  | 'errorKinds'
  | 'timeouts'
  | 'connects'
  | 'throughput'
  | 'latency'
  | 'little'
  | 'generatorCpu'
  | 'generatorEventLoop'
  | 'generatorDelay'
  | 'foreignCpu'
  | 'pressure'
  | 'schedule'
> {
  /** Median latencies of equal parts of the window, in order, in milliseconds; of those in which anything was answered. */
  readonly medians: readonly number[]
  /** How many CPUs the placement has, services' and generator's together. */
  readonly cpus: number
  /** How near the services are to what their CPUs can do, 0 to 1; null where unknown. */
  readonly servicesUtilization: number | null
  /** Why the generator and the services were not on different CPUs; absent when they were. */
  readonly sharedCpus?: string | undefined
}
