import type { Reason, Validity } from '../../reports/run.ts'
import { disturbed } from './disturbed.ts'
import { SERVICES_LIMIT, type Figures } from './figures.ts'
import { lateSchedule, openGeneratorBound, overloaded } from './open-loop-checks.ts'
import { percent } from './percent.ts'

/**
 * Closed loop: throughput x mean latency / connections, which is 1 when a generator's figures are consistent. Where connections
 * are closed it is further off: those that are being made anew hold no request that is counted.
 */
export const LITTLE_BANDS = { kept: { from: 0.95, to: 1.05 }, closed: { from: 0.9, to: 1.1 } } as const

/** Connections opened per request, beyond which the server or the load is taken to close them. */
export const CLOSING_SHARE = 0.1

/** A generator that uses more of its CPU than this is waited for: the queue in front of it grows without bound. */
export const GENERATOR_CPU_LIMIT = 0.9

/** The same for its event loop, which also counts as busy while it waits for the CPU, hence a little higher. */
export const GENERATOR_EVENT_LOOP_LIMIT = 0.95

/** Requests that went wrong, as a share of all: beyond one in a thousand even p99.9 is made of them. */
export const ERROR_SHARE_LIMIT = 0.001

/** With fewer requests even a mean says little. Percentiles that too few requests reach are left out by themselves. */
export const FEWEST_REQUESTS = 30

/**
 * Share of the CPUs that a generator may take on the services' own: with 700 connections a second it needs 0.25 of two, which is
 * an eighth that the services lack. Who reports such a measurement says so.
 */
const SHARED_SHARE_LIMIT = 0.15

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
  requests > 0 && requests < FEWEST_REQUESTS
    ? `Only ${requests} requests were answered, too few for any figure (${FEWEST_REQUESTS}): measure longer.`
    : undefined

function inconsistent({ loop, little, connects, requests }: Figures): string | undefined {
  if (loop.kind === 'open' || little === null) return undefined
  // A generator that does not tell gets the benefit of the doubt.
  const kept = connects !== undefined && connects <= CLOSING_SHARE * requests
  const { from, to } = kept ? LITTLE_BANDS.kept : LITTLE_BANDS.closed
  if (little >= from && little <= to) return undefined
  const times = `Throughput x mean latency is ${little.toFixed(2)} times the connections instead of 1 (Little’s law)`
  // Of each connection up to one request too many or too few is counted, because it began before the window or ends after it.
  const few = Math.abs(little - 1) <= loop.connections / requests
  return few
    ? `${times}, because each connection had only ${Math.round(requests / loop.connections)} requests: measure longer.`
    : `${times}: a figure is wrong, or connections stood still.`
}

function generatorBound(figures: Figures): string | undefined {
  const { loop, generatorCpu, generatorEventLoop, servicesUtilization } = figures
  if (loop.kind === 'open') return openGeneratorBound(figures)
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

const sharedCpus = ({ sharedCpus, generatorCpu, cpus }: Figures): string | undefined =>
  generatorCpu > SHARED_SHARE_LIMIT * cpus ? sharedCpus : undefined

/** A sentence for each reason that holds. */
const CHECKS: Readonly<Record<Reason, (figures: Figures) => string | undefined>> = {
  unanswered,
  errors,
  'too-few': tooFew,
  inconsistent,
  'generator-bound': generatorBound,
  'late-schedule': lateSchedule,
  overloaded,
  'shared-cpus': sharedCpus,
  disturbed,
}
