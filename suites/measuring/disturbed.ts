import type { Figures } from './figures.ts'
import { percent } from './percent.ts'

/**
 * Share of the placement's CPUs burnt by others. Identical servers measured one after the other on two CPUs varied by
 * 13 % with 0.06 foreign CPUs and by 23 % with 0.54 (CV of throughput): an eighth, a quarter of a CPU there, is about
 * where others add more than there was.
 */
const FOREIGN_SHARE_LIMIT = 1 / 8

/**
 * Share of the window in which a generator that is ready to run may have no CPU: it counts that time as the servers'. Alone on
 * its CPU it waits for 1 to 11 % of the time, most where connections are closed, for the kernel's own work on them; beside one
 * other process that wants all of the CPU, for 38 to 51 %, whatever the load.
 */
export const DELAY_LIMIT = 0.2

/** Share of the window in which all tasks may wait for a disk, or for memory. */
export const PRESSURE_LIMIT = 0.05

/** Whether others used more of so many CPUs than figures bear; what is unknown disturbs nobody. */
export const isForeign = (foreignCpu: number | null, cpus: number): boolean =>
  foreignCpu !== null && foreignCpu > FOREIGN_SHARE_LIMIT * cpus

/** Whether the generator waited for its CPU for longer than figures bear. */
export const isDelayed = (delay: number | null | undefined): boolean => delay != null && delay > DELAY_LIMIT

/** Why others, or the machine itself, are in the figures. */
export function disturbed(figures: Figures): string | undefined {
  const causes = [foreign(figures), delayed(figures), stalled(figures)].filter((cause) => cause !== undefined)
  return causes.length === 0 ? undefined : `${causes.join('; ')}: measure again when it is quieter.`
}

const foreign = ({ foreignCpu, cpus }: Figures): string | undefined =>
  isForeign(foreignCpu, cpus)
    ? `Others used ${foreignCpu!.toFixed(2)} of the ${cpus} CPUs meanwhile (processes, or neighbours of a virtual machine)`
    : undefined

function delayed({ loop, generatorDelay, sharedCpus }: Figures): string | undefined {
  // What an open loop loses shows in its schedule, and whoever shares a CPU with the services has to wait for it.
  if (loop.kind === 'open' || sharedCpus !== undefined) return undefined
  return isDelayed(generatorDelay)
    ? `The generator was ready to run but had no CPU for ${percent(generatorDelay!)} of the time`
    : undefined
}

function stalled({ pressure }: Figures): string | undefined {
  if (!pressure) return undefined
  const waits = [
    pressure.io > PRESSURE_LIMIT ? `for a disk for ${percent(pressure.io)} of the time` : '',
    pressure.memory > PRESSURE_LIMIT ? `for memory for ${percent(pressure.memory)}` : '',
  ].filter(Boolean)
  return waits.length === 0 ? undefined : `All tasks waited ${waits.join(' and ')}`
}
