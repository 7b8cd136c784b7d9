import { performance } from 'node:perf_hooks'
import type { Pressure, TierUsage } from '../../reports/run.ts'
import { cpusOf, type Placement, type Service, type Usage } from '../../topologies/runtimes/index.ts'
import { busySeconds } from './host-cpu.ts'
import { pressureBetween, readPressure, type PressureReading } from './pressure.ts'

/** CPU seconds used so far, with the moment they were read (milliseconds of this process's clock). */
interface Reading {
  readonly at: number
  readonly cpuSeconds: number
}

/** What everything had used at one edge of a window: each service, the lab's own process, all the CPUs looked at. */
export interface Edge {
  readonly services: readonly Reading[]
  /** In the services' order; undefined where it cannot be seen. */
  readonly contextSwitches: readonly (number | undefined)[]
  readonly lab: Reading
  /** Null where the system does not tell. */
  readonly cpus: Reading | null
  readonly pressure: PressureReading | null
}

/** Reads what everything has used at one edge of a window, each reading with the time it was taken. */
export async function readEdge(services: readonly Service[], cpus: readonly number[]): Promise<Edge> {
  const stamped = async (read: () => Promise<number | null>): Promise<Reading | null> => {
    const before = performance.now()
    const cpuSeconds = await read()
    return cpuSeconds === null ? null : { at: (before + performance.now()) / 2, cpuSeconds }
  }
  const readings: Reading[] = []
  for (const service of services) readings.push((await stamped(async () => (await service.usage('cpu')).cpuSeconds))!)
  const { user, system } = process.cpuUsage()
  return {
    services: readings,
    lab: { at: performance.now(), cpuSeconds: (user + system) / 1e6 },
    cpus: await stamped(() => busySeconds(cpus)),
    pressure: readPressure(),
    // Last, because it takes longest: one file for each thread.
    contextSwitches: services.map((service) => service.contextSwitches()),
  }
}

/** CPUs in use between two readings: CPU seconds per second. */
const rate = (from: Reading, to: Reading): number =>
  Math.max(0, (to.cpuSeconds - from.cpuSeconds) / ((to.at - from.at) / 1e3))

/** What one service used between two edges. */
export interface Used {
  readonly cpus: number
  readonly contextSwitches: number | undefined
}

/** What each service used between two edges, in the services' order. */
export function usedBetween(begin: Edge, end: Edge): readonly Used[] {
  return begin.services.map((reading, index) => {
    const [before, after] = [begin.contextSwitches[index], end.contextSwitches[index]]
    return {
      cpus: rate(reading, end.services[index]!),
      // Those of threads that have ended since are lost.
      contextSwitches: before === undefined || after === undefined ? undefined : Math.max(0, after - before),
    }
  })
}

/** CPUs in use between two edges by anything but the services, the generator and the lab; null where unknown. */
export function cpusForeign(begin: Edge, end: Edge, generatorCpus: number): number | null {
  if (begin.cpus === null || end.cpus === null) return null
  const ours = usedBetween(begin, end).reduce((sum, { cpus }) => sum + cpus, generatorCpus + rate(begin.lab, end.lab))
  // Rounding to ticks of 10 ms can make it less than nothing.
  return Math.max(0, rate(begin.cpus, end.cpus) - ours)
}

/** Shares of the time between two edges in which tasks waited; null where unknown. */
export const pressureOf = (begin: Edge, end: Edge): Pressure | null => pressureBetween(begin.pressure, end.pressure)

/** What one tier used: its CPUs and context switches during the window, the rest as it is now. */
export function tierUsage(
  service: Service,
  { cpus, contextSwitches }: Used,
  throughput: number,
  placement: Placement,
  now: Usage,
): TierUsage {
  const { role, server } = service
  const own = placement.tiers?.[role]
  return {
    role,
    server,
    cpuMicrosecondsPerRequest: throughput === 0 ? 0 : (cpus / throughput) * 1e6,
    utilization: cpus / Math.max(1, cpusOf(placement, role).length),
    pssBytes: now.pssBytes,
    ...(now.cgroupBytes === undefined ? {} : { cgroupBytes: now.cgroupBytes }),
    processes: now.processes,
    threads: now.threads,
    ...(contextSwitches === undefined ? {} : { contextSwitches }),
    ...(own === undefined ? {} : { ownCpus: own.length }),
  }
}

/**
 * How near the services are to what their CPUs can do, 0 to 1: of CPUs that they share, all that is used; of CPUs of their own,
 * that of the busiest tier, which holds the others up. Null without services.
 */
export function servicesUtilization(usage: readonly Pick<TierUsage, 'utilization' | 'ownCpus'>[]): number | null {
  if (usage.length === 0) return null
  const shared = usage.filter(({ ownCpus }) => ownCpus === undefined)
  const own = usage.filter(({ ownCpus }) => ownCpus !== undefined)
  const together = shared.reduce((sum, { utilization }) => sum + utilization, 0)
  return Math.max(together, ...own.map(({ utilization }) => utilization))
}
