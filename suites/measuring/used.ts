import { performance } from 'node:perf_hooks'
import type { TierUsage } from '../../reports/run.ts'
import type { Placement, Service, Usage } from '../../topologies/runtimes/index.ts'
import { busySeconds } from './host-cpu.ts'

/** CPU seconds used so far, with the moment they were read (milliseconds of this process's clock). */
interface Reading {
  readonly at: number
  readonly cpuSeconds: number
}

/** CPU time at one edge of a window: of each service, of the lab's own process, of all the CPUs looked at. */
export interface Edge {
  readonly services: readonly Reading[]
  readonly lab: Reading
  /** Null where the system does not tell. */
  readonly cpus: Reading | null
}

/** Reads the CPU time of everything at one edge of a window, each reading with the time it was taken. */
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
  }
}

/** CPUs in use between two readings: CPU seconds per second. */
const rate = (from: Reading, to: Reading): number =>
  Math.max(0, (to.cpuSeconds - from.cpuSeconds) / ((to.at - from.at) / 1e3))

/** CPUs each service used between two edges, in the services' order. */
export const cpusUsed = (begin: Edge, end: Edge): readonly number[] =>
  begin.services.map((reading, index) => rate(reading, end.services[index]!))

/** CPUs in use between two edges by anything but the services, the generator and the lab; null where unknown. */
export function cpusForeign(begin: Edge, end: Edge, generatorCpu: number): number | null {
  if (begin.cpus === null || end.cpus === null) return null
  const ours = cpusUsed(begin, end).reduce((sum, cpus) => sum + cpus, generatorCpu + rate(begin.lab, end.lab))
  // Rounding to ticks of 10 ms can make it less than nothing.
  return Math.max(0, rate(begin.cpus, end.cpus) - ours)
}

/** What one tier used: its CPUs during the window, the rest as it is now. */
export function tierUsage(
  service: Service,
  cpus: number,
  throughput: number,
  placement: Placement,
  now: Usage,
): TierUsage {
  return {
    role: service.role,
    server: service.server,
    cpuMicrosecondsPerRequest: throughput === 0 ? 0 : (cpus / throughput) * 1e6,
    utilization: cpus / Math.max(1, placement.services.length),
    pssBytes: now.pssBytes,
    ...(now.cgroupBytes === undefined ? {} : { cgroupBytes: now.cgroupBytes }),
    processes: now.processes,
    threads: now.threads,
  }
}
