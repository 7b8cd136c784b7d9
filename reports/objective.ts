import type { CapacityStep, Slo } from './run.ts'

/**
 * Share of a rate that must have been completed within a step, beside what comes and goes by chance; else requests were left over,
 * and a longer step would have left over more. Latency alone would show that only in steps of many seconds: at 2 % too much, a
 * queue grows by 20 ms of waiting in a second.
 */
const COMPLETED = 0.98
/** So many standard deviations of the number of requests in progress are chance. */
const DEVIATIONS = 3

/** Half of all requests sent later than this, in milliseconds, come from a generator that has no time to spare. */
const SPARE_LATENESS = 0.1
/** Services that use at least this share of their CPUs are at their limit, whatever the generator does. */
const SERVICES_LIMIT = 0.9

type Judged = Omit<CapacityStep, 'kept'>

/** Whether a step kept an objective. A percentile beyond which not a single request lay is taken to be the slowest one's. */
export function keeps({ limits, errors }: Slo, step: Judged): boolean {
  const { latency } = step
  if (latency === null || step.errors > errors || fellBehind(step)) return false
  return limits.every(({ percentile, milliseconds }) => (latency[percentile] ?? latency.max) <= milliseconds)
}

/** Whether fewer requests were completed than came, so that they would have waited longer and longer. */
export function fellBehind({ rate, seconds, throughput, errors, latency }: Judged): boolean {
  const left = (rate * (1 - errors) - throughput) * seconds
  const inProgress = Math.max(1, (rate * (latency?.mean ?? 0)) / 1e3)
  return left > Math.max((1 - COMPLETED) * rate * seconds, DEVIATIONS * Math.sqrt(inProgress))
}

/** Whether it was the generator that could not do it: it was late, and the services had CPU time left. */
export const isGeneratorBound = ({ lateP50, utilization }: Judged): boolean =>
  lateP50 > SPARE_LATENESS && utilization < SERVICES_LIMIT
