import type { Measurement } from '../../reports/run.ts'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import { endOf } from '../../topologies/runtimes/service.ts'
import type { Deployment, Placement, Service, Vantage } from '../../topologies/runtimes/index.ts'
import { generatorFor } from './generator-for.ts'
import { canPin } from './generator-process.ts'
import type { Load } from '../generators/index.ts'
import { latencyOf, scheduleKept } from './latency.ts'
import type { Workload } from '../load/index.ts'
import { produceTogether } from './together.ts'
import { cpusForeign, pressureOf, readEdge, servicesUtilization, tierUsage, usedBetween, type Edge } from './used.ts'
import { validity } from './validity.ts'
import { withinOf } from './within.ts'

/** How a load is measured. */
export interface MeasureOptions {
  /** 1 for the first repeat. */
  readonly repeat: number
  readonly warmUpSeconds: number
  readonly seconds: number
  /** @default 10 */
  readonly timeoutSeconds?: number
  readonly placement: Placement
  /** @default autocannon for closed loops that it can produce, else pacer */
  readonly generator?: string
  readonly signal?: AbortSignal | undefined
}

/** A load on whatever answers at a URL. */
export interface UrlLoad extends Omit<Load, 'warmUpSeconds' | 'seconds' | 'timeoutSeconds' | 'share'> {
  /** What the measurement is to be called. */
  readonly name: string
}

/** How often the services are looked at during a load, in milliseconds, so that a dead one ends it soon. */
const WATCH = 200

/** Measures a workload at a deployment's edge, with what each of its services used in the very same window. */
export function measure(workload: Workload, deployment: Deployment, options: MeasureOptions): Promise<Measurement> {
  const { vantage, services, target } = deployment
  const url = new URL(workload.path, vantage?.edge ?? target.hops[0].url).href
  return observe({ ...workload, url }, services, options, vantage)
}

/** Measures what answers at a URL. The lab did not start it, so nothing is known of what it uses. */
export function load(what: UrlLoad, options: MeasureOptions): Promise<Measurement> {
  return observe(what, [], options)
}

async function observe(
  what: UrlLoad,
  services: readonly Service[],
  options: MeasureOptions,
  vantage?: Vantage,
): Promise<Measurement> {
  const { placement, warmUpSeconds, seconds, timeoutSeconds = 10, signal } = options
  const { name, ...asked } = what
  const load = { ...asked, warmUpSeconds, seconds, timeoutSeconds }
  const generator = await generatorFor(load, options.generator)
  const placed = [...new Set([...placement.services, ...placement.generator])]
  const cpus = canPin() ? placed : []
  const edges: Promise<Edge>[] = []
  const readNow = (): void => {
    const edge = readEdge(services, cpus)
    // It is awaited below; if the generator fails first, that is what gets reported.
    edge.catch(() => {})
    edges.push(edge)
  }

  const recording = await whileAlive(services, name, signal, (stop) =>
    produceTogether(generator, load, {
      cpus: placement.generator,
      window: { begin: readNow, end: readNow },
      vantage,
      signal: stop,
    }),
  )
  const [begin, end] = await Promise.all(edges)
  if (!begin || !end)
    throw new LabError(`The generator ${generator.name} named no window.`, 'This is a defect of the lab.')

  const used = usedBetween(begin, end)
  const throughput = (recording.completed ?? recording.requests) / recording.seconds
  // Memory is read only now, because reading it takes CPU time.
  const usage = await Promise.all(
    services.map(async (service, index) =>
      tierUsage(service, used[index]!, throughput, placement, await service.usage('memory')),
    ),
  )

  const { requests, errors, errorKinds, timeouts, connects, schedule, slices, stamped } = recording
  const latency = latencyOf(recording.histogram)
  const within = withinOf(recording)
  const figures = {
    loop: what.loop,
    ...{ requests, errors, errorKinds, timeouts },
    ...(connects === undefined ? {} : { connects }),
    throughput,
    latency,
    // An open loop has no number of requests that are in flight all the time.
    little:
      latency === null || what.loop.kind === 'open' ? null : (throughput * latency.mean) / 1e3 / what.loop.connections,
    generatorCpu: (recording.busiestCpuSeconds ?? recording.cpuSeconds) / recording.seconds,
    generatorEventLoop: recording.eventLoopUtilization,
    ...(recording.delayed === undefined ? {} : { generatorDelay: recording.delayed }),
    foreignCpu: services.length === 0 ? null : cpusForeign(begin, end, recording.cpuSeconds / recording.seconds),
    pressure: pressureOf(begin, end),
    ...(schedule === undefined ? {} : { schedule: scheduleKept(schedule) }),
  }
  return {
    workload: name,
    repeat: options.repeat,
    generator: generator.name,
    seconds: recording.seconds,
    bytes: recording.bytes,
    ...figures,
    histogram: recording.histogram,
    usage,
    ...(within === undefined ? {} : { within }),
    ...(stamped === undefined ? {} : { hitRatio: stamped.hits / stamped.answers }),
    validity: validity({
      ...figures,
      medians: slices?.flatMap((slice) => latencyOf(slice)?.p50 ?? []) ?? [],
      servicesUtilization: servicesUtilization(usage),
      sharedCpus: sharedCpus(placement),
      cpus: placed.length,
    }),
  }
}

/** Does something that needs the services alive; as soon as one is not, says which and why. */
async function whileAlive<T>(
  services: readonly Service[],
  workload: string,
  signal: AbortSignal | undefined,
  act: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const died = new AbortController()
  const allAlive = (): boolean => services.every((service) => service.alive())
  const watch = setInterval(() => allAlive() || died.abort(), WATCH)
  try {
    const result = await act(signal ? AbortSignal.any([signal, died.signal]) : died.signal)
    if (allAlive()) return result
  } catch (error) {
    if (signal?.aborted || allAlive()) throw error
  } finally {
    clearInterval(watch)
  }
  const dead = services.find((service) => !service.alive())!
  const log = await dead.logs().catch((error: unknown) => `Its log could not be read: ${error}`)
  throw new LabError(`${dead.server} ended while ${workload} was being measured.`, `The end of its log:\n${endOf(log)}`)
}

/** Why the generator may have taken CPU time from the services; undefined when it could not. */
function sharedCpus({ services, generator }: Placement): string | undefined {
  const shared = generator.filter((cpu) => services.includes(cpu))
  if (shared.length > 0) return `The generator shared CPU ${shared.join(', ')} with the services.`
  if (services.length > 0 && generator.length > 0 && !canPin())
    return 'The generator could not be kept off the services’ CPUs: install taskset (package util-linux).'
  return undefined
}
