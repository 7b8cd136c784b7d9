import { readFileSync } from 'node:fs'
import type { Pressure } from '../../reports/run.ts'

/** Seconds since boot for which tasks have waited, with the moment they were read (milliseconds of this process's clock). */
export interface PressureReading {
  readonly at: number
  readonly seconds: Pressure
}

/** Reads /proc/pressure (Linux PSI, Documentation/accounting/psi.rst); null where the kernel does not tell. */
export function readPressure(): PressureReading | null {
  const read = (what: string, who: 'some' | 'full'): number =>
    secondsIn(readFileSync(`/proc/pressure/${what}`, 'latin1'), who)
  try {
    const at = performance.now()
    // Of a CPU there is no `full`: one task always has it.
    return { at, seconds: { cpu: read('cpu', 'some'), io: read('io', 'full'), memory: read('memory', 'full') } }
  } catch {
    return null
  }
}

/** Seconds since boot in which `some` or all tasks (`full`) waited, from the text of a file of /proc/pressure. */
export function secondsIn(text: string, who: 'some' | 'full'): number {
  const microseconds = new RegExp(`^${who} .*\\btotal=(\\d+)$`, 'm').exec(text)?.[1]
  if (microseconds === undefined) throw new Error(`there is no line "${who}"`)
  return Number(microseconds) / 1e6
}

/** Shares of the time between two readings. */
export function pressureBetween(begin: PressureReading | null, end: PressureReading | null): Pressure | null {
  if (!begin || !end) return null
  const share = (of: keyof Pressure): number =>
    Math.max(0, (end.seconds[of] - begin.seconds[of]) / ((end.at - begin.at) / 1e3))
  return { cpu: share('cpu'), io: share('io'), memory: share('memory') }
}
