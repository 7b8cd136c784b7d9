import type { Latency, LoadRound } from '../../reports/run.ts'
import { cpusOf, type Deployment, type Placement, type Service } from '../../topologies/runtimes/index.ts'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import { endOf } from '../../topologies/runtimes/service.ts'
import type { Load, Recording } from '../generators/index.ts'
import { cpuBetween, readCpu, type CpuReading } from './cpu-time.ts'
import { isDelayed, isForeign } from './disturbed.ts'
import type { Producer } from './generator-process.ts'
import { latencyOf } from './latency.ts'
import { cpusForeign, readEdge, servicesUtilization } from './used.ts'

/** With what one window is measured. */
export interface WindowOptions {
  readonly producer: Producer
  readonly placement: Placement
  readonly signal: AbortSignal
}

/** What one short window showed. */
export interface Seen {
  readonly recording: Recording
  /** Right responses per second that ended in it, whenever they were due. */
  readonly throughput: number
  readonly latency: Latency | null
  /** CPU time of each tier in microseconds per request, by its role. */
  readonly cpu: LoadRound['cpu']
  /** Share of the services' CPUs in use, 0 to 1. */
  readonly utilization: number
  /** Whether others used the CPUs meanwhile, or took the generator's. */
  readonly disturbed: boolean
}

/** Produces open and closed loops with the least CPU time. */
const GENERATOR = 'pacer'

/**
 * Has a deployment loaded for one short window, with connections of its own, and looks at what its services used meanwhile.
 * Throws when one of them ended. `load` says all but where the server is: its `url` is a path.
 */
export async function seeWindow(
  { services, target }: Deployment,
  load: Load,
  { producer, placement, signal }: WindowOptions,
): Promise<Seen> {
  const cpus = [...new Set([...placement.services, ...placement.generator])]
  const read = async () => ({ edge: await readEdge(services, cpus), cpu: await Promise.all(services.map(readOne)) })
  const readings: ReturnType<typeof read>[] = []
  const readNow = (): void => {
    const reading = read()
    // It is awaited below; if the generator fails first, that is what gets reported.
    reading.catch(() => {})
    readings.push(reading)
  }
  const order = {
    generator: GENERATOR,
    loads: [{ ...load, url: new URL(load.url, target.hops[0].url).href }] as const,
  }
  const [recording] = await producer.carryOut(order, { window: { begin: readNow, end: readNow }, signal })
  await refuseDead(services)
  const [before, after] = await Promise.all(readings)
  const { requests, completed = requests, seconds, histogram, cpuSeconds, delayed } = recording!
  const used = services.map((_, index) => cpuBetween(before!.cpu[index]!, after!.cpu[index]!))
  return {
    recording: recording!,
    throughput: completed / seconds,
    latency: latencyOf(histogram),
    cpu: Object.fromEntries(
      services.map(({ role }, index) => [role, completed === 0 ? 0 : (used[index]! / completed) * 1e6]),
    ),
    utilization:
      servicesUtilization(
        services.map(({ role }, index) => {
          const own = placement.tiers?.[role]
          const share = used[index]! / seconds / Math.max(1, cpusOf(placement, role).length)
          return { utilization: share, ...(own === undefined ? {} : { ownCpus: own.length }) }
        }),
      ) ?? 0,
    disturbed:
      isForeign(cpusForeign(before!.edge, after!.edge, cpuSeconds / seconds), cpus.length) || isDelayed(delayed),
  }
}

const readOne = (service: Service): Promise<CpuReading> => readCpu([service])

async function refuseDead(services: readonly Service[]): Promise<void> {
  const dead = services.find((service) => !service.alive())
  if (dead === undefined) return
  const log = await dead.logs().catch((error: unknown) => `Its log could not be read: ${error}`)
  throw new LabError(`${dead.server} ended while it was loaded.`, `The end of its log:\n${endOf(log)}`)
}

/** What went wrong with requests, each kind with how often. */
export const wrongKinds = ({ errorKinds, timeouts }: Recording): string =>
  Object.entries({ ...errorKinds, ...(timeouts > 0 ? { 'no answer in time': timeouts } : {}) })
    .map(([kind, times]) => `${kind} (${times} times)`)
    .join(', ')
