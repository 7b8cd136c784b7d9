import { SERVICES_LIMIT, type Figures } from './figures.ts'
import { percent } from './percent.ts'

/** Lateness that an open loop is allowed, in milliseconds or as a share of the latency that it is a part of, whichever is more. */
export const LATENESS_LIMITS = {
  p50: { milliseconds: 0.5, share: 0.05 },
  p99: { milliseconds: 2, share: 0.1 },
} as const

/** Fewer parts of a window than this show no course. */
const FEWEST_MEDIANS = 5

/**
 * When latencies are said to have risen all the time: how much order there must be in it, and how much it must be; and which
 * share of a rate has to be completed, or the rest was left over.
 */
export const OVERLOAD = { tau: 0.7, times: 2, milliseconds: 10, completed: 0.97 } as const

/**
 * Half of all requests later than this, in milliseconds, come from a generator without time to spare. One that has some looks
 * at the clock so often that half of them are 0.02 ms late (at 2,000 to 40,000 a second), one that has none 0.15 ms and more.
 */
export const SPARE_LATENESS = 0.1

const ms = (value: number): string => `${value.toFixed(value < 1 ? 2 : value < 10 ? 1 : 0)} ms`

/** The generator sent requests later than they were due, by so much that latencies, which hold that time, are its own. */
export function lateSchedule({ schedule, latency }: Figures): string | undefined {
  if (!schedule || !latency) return undefined
  const tail = latency.p99 ?? latency.max
  const limit = ({ milliseconds, share }: { milliseconds: number; share: number }, of: number): number =>
    Math.max(milliseconds, share * of)
  const kept =
    schedule.lateP50 <= limit(LATENESS_LIMITS.p50, latency.p50) && schedule.lateP99 <= limit(LATENESS_LIMITS.p99, tail)
  if (kept) return undefined
  const late = `half of them by ${ms(schedule.lateP50)} and more, one in a hundred by ${ms(schedule.lateP99)}`
  return `The generator sent requests late, ${late}, which is in the latencies (median ${ms(latency.p50)}): lower the rate, or give it a CPU of its own.`
}

/**
 * The generator had no time to spare: it could send requests, or put them into its queue, only at the end of each round of its
 * work. Its CPU says nothing, because it looks at the clock until the next request is due.
 */
export function openGeneratorBound(figures: Figures): string | undefined {
  const { loop, schedule, throughput, servicesUtilization } = figures
  if (loop.kind === 'closed' || !schedule || schedule.lateP50 <= SPARE_LATENESS) return undefined
  if (!(isShort(figures) || rises(figures)) || (servicesUtilization ?? 0) >= SERVICES_LIMIT) return undefined
  const services = servicesUtilization === null ? '' : `, the services at ${percent(servicesUtilization)} of their CPUs`
  return `The generator could not keep up (${Math.round(throughput)} a second instead of ${loop.rate}${services}): lower the rate.`
}

/** Servers that cannot keep up fall behind more and more: a longer window would have shown higher latencies. */
export function overloaded(figures: Figures): string | undefined {
  const { loop, medians } = figures
  if (loop.kind === 'closed' || !rises(figures) || openGeneratorBound(figures) !== undefined) return undefined
  const course = `from ${ms(medians[0]!)} to ${ms(medians.at(-1)!)} (medians)`
  return `The servers fell behind at ${loop.rate} requests a second: latencies rose all the time, ${course}, and would have gone on rising. Lower the rate.`
}

/** Whether fewer requests were completed than were due. */
const isShort = ({ loop, throughput }: Figures): boolean =>
  loop.kind === 'open' && throughput < OVERLOAD.completed * loop.rate

/** Whether latencies rose all the time, by much, or so that requests were left over. */
function rises(figures: Figures): boolean {
  const { medians } = figures
  if (medians.length < FEWEST_MEDIANS || kendallTau(medians) < OVERLOAD.tau) return false
  const [first, last] = [medians[0]!, medians.at(-1)!]
  // What fell behind during the warm-up already begins high.
  return last > first + OVERLOAD.milliseconds && (last > OVERLOAD.times * first || isShort(figures))
}

/** How far values are in rising order: 1 when they are, -1 when they fall (Kendall 1938, tau-a). */
export function kendallTau(values: readonly number[]): number {
  let order = 0
  for (const [index, later] of values.entries())
    for (const earlier of values.slice(0, index)) order += Math.sign(later - earlier)
  return order / ((values.length * (values.length - 1)) / 2)
}
