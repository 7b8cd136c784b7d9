import type { Service } from '../../topologies/runtimes/index.ts'

/** What services have used so far, read twice over. */
export interface CpuReading {
  /** Exact, of the threads that live; undefined where threads cannot be seen. */
  readonly threads: readonly (ReadonlyMap<number, number> | undefined)[]
  /** In clock ticks, of all that ever lived. */
  readonly seconds: readonly number[]
}

/** Reads what services have used so far. */
export async function readCpu(services: readonly Service[]): Promise<CpuReading> {
  const usages = await Promise.all(services.map((service) => service.usage('cpu')))
  return {
    threads: services.map((service) => service.threadTimes()),
    seconds: usages.map(({ cpuSeconds }) => cpuSeconds),
  }
}

/**
 * CPU seconds that services used between two readings: exact where all threads of the first are still there at the second. A
 * thread that has ended took its time with it, so that only clock ticks are left to go by.
 */
export function cpuBetween(before: CpuReading, after: CpuReading): number {
  return before.seconds.reduce((total, seconds, index) => {
    const [then, now] = [before.threads[index], after.threads[index]]
    const isExact = then && now && then.size > 0 && [...then.keys()].every((id) => now.has(id))
    const spent = isExact
      ? [...now].reduce((sum, [id, time]) => sum + time - (then.get(id) ?? 0), 0)
      : after.seconds[index]! - seconds
    return total + spent
  }, 0)
}
