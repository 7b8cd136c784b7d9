import type { Measurement, Reason, Validity } from '../../reports/run.ts'

/** Closed loop: throughput x mean latency / connections, which is 1 when a generator's figures are consistent. */
export const LITTLE_BAND = { from: 0.85, to: 1.15 } as const

/** A generator that uses more of its CPU than this is waited for: the queue in front of it grows without bound. */
export const GENERATOR_CPU_LIMIT = 0.9

/** The same for its event loop, which also counts as busy while it waits for the CPU, hence a little higher. */
export const GENERATOR_EVENT_LOOP_LIMIT = 0.95

/**
 * Services that use at least this share of their CPUs are at their limit too, whatever the generator does: with a
 * faster one the throughput could rise by a ninth at most, which is less than repeats differ.
 */
export const SERVICES_LIMIT = 0.9

/** Requests that went wrong, as a share of all: beyond one in a thousand even p99.9 is made of them. */
export const ERROR_SHARE_LIMIT = 0.001

/**
 * Share of the placement's CPUs burnt by others. Identical servers measured one after the other on two CPUs varied by
 * 13 % with 0.06 foreign CPUs and by 23 % with 0.54 (CV of throughput): an eighth, a quarter of a CPU there, is about
 * where others add more than there was.
 */
export const FOREIGN_SHARE_LIMIT = 1 / 8

/** With fewer requests p99 would rest on fewer than ten of them. */
export const REQUESTS_FOR_P99 = 1000

/** The raw figures that validity is judged by. */
export interface Figures extends Pick<
  Measurement,
  | 'loop'
  | 'requests'
  | 'errors'
  | 'errorKinds'
  | 'timeouts'
  | 'little'
  | 'generatorCpu'
  | 'generatorEventLoop'
  | 'foreignCpu'
> {
  /** How many CPUs the placement has, services' and generator's together. */
  readonly cpus: number
  /** Share of the CPUs given to the services that all of them together used; null where unknown. */
  readonly servicesUtilization: number | null
  /** Why the generator and the services were not on different CPUs; absent when they were. */
  readonly sharedCpus?: string | undefined
}

/** Whether a measurement may be ranked and compared, and if not, why not, each reason a sentence. */
export function validity(figures: Figures): Validity {
  const found = Object.entries(CHECKS).flatMap(([reason, check]) => {
    const says = check(figures)
    return says === undefined ? [] : [{ reason: reason as Reason, says }]
  })
  return found.length === 0
    ? { valid: true }
    : { valid: false, reasons: found.map(({ reason }) => reason), because: found.map(({ says }) => says) }
}

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`

const unanswered = ({ requests }: Figures): string | undefined =>
  requests === 0 ? 'No request was answered rightly.' : undefined

function errors({ requests, errors, timeouts, errorKinds }: Figures): string | undefined {
  const share = (errors + timeouts) / Math.max(1, requests + errors + timeouts)
  if (share <= ERROR_SHARE_LIMIT) return undefined
  const kinds = Object.entries(errorKinds).map(([kind, count]) => `${count} x ${kind}`)
  const all = [...kinds, ...(timeouts > 0 ? [`${timeouts} x no answer in time`] : [])]
  return `${percent(share)} of the requests went wrong: ${all.join(', ')}.`
}

const tooFew = ({ requests }: Figures): string | undefined =>
  requests > 0 && requests < REQUESTS_FOR_P99
    ? `Only ${requests} requests were answered, too few for a 99th percentile (${REQUESTS_FOR_P99}): measure longer.`
    : undefined

function inconsistent({ loop, little }: Figures): string | undefined {
  if (loop.kind === 'open' || little === null || (little >= LITTLE_BAND.from && little <= LITTLE_BAND.to))
    return undefined
  const times = `Throughput x mean latency is ${little.toFixed(2)} times the connections instead of 1 (Little’s law)`
  return `${times}: a figure is wrong, or connections stood still.`
}

function generatorBound(figures: Figures): string | undefined {
  const { generatorCpu, generatorEventLoop, servicesUtilization } = figures
  const busy =
    generatorCpu > GENERATOR_CPU_LIMIT
      ? `${percent(generatorCpu)} of its CPU in use`
      : generatorEventLoop > GENERATOR_EVENT_LOOP_LIMIT
        ? `busy for ${percent(generatorEventLoop)} of the time`
        : undefined
  if (busy === undefined || (servicesUtilization ?? 0) >= SERVICES_LIMIT) return undefined
  const services = servicesUtilization === null ? '' : `, the services at ${percent(servicesUtilization)} of theirs`
  return `The generator was the bottleneck (${busy}${services}): the throughput is a lower bound only.`
}

const disturbed = ({ foreignCpu, cpus }: Figures): string | undefined =>
  foreignCpu !== null && foreignCpu > FOREIGN_SHARE_LIMIT * cpus
    ? `Others used ${foreignCpu.toFixed(2)} of the ${cpus} CPUs meanwhile (processes, or neighbours of a virtual machine): measure again when it is quieter.`
    : undefined

/** A sentence for each reason that holds. */
const CHECKS: Readonly<Record<Reason, (figures: Figures) => string | undefined>> = {
  unanswered,
  errors,
  'too-few': tooFew,
  inconsistent,
  'generator-bound': generatorBound,
  'shared-cpus': ({ sharedCpus }) => sharedCpus,
  disturbed,
}
