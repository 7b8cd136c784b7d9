import { readFile } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { TICKS_PER_SECOND } from '../../topologies/runtimes/processes.ts'

/** More interrupt time than this since boot, in ticks, means that the kernel measures it instead of sampling it. */
const SAMPLED = 10

/**
 * Seconds for which the given CPUs (all, when none are given) have not been idle, up to a constant:
 * differences of it are what counts. From /proc/stat; null where there is no such file, as on macOS.
 */
export async function busySeconds(cpus: readonly number[]): Promise<number | null> {
  const text = await readFile('/proc/stat', 'utf8').catch(() => null)
  return text === null ? null : busySecondsIn(text, cpus, performance.now() / 1e3)
}

/** The same from the text of /proc/stat and the seconds on a clock when it was read. */
export function busySecondsIn(text: string, cpus: readonly number[], now: number): number | null {
  const lines = new Map(
    text.split('\n').map((line) => [line.split(' ', 1)[0]!, line.trim().split(/\s+/).slice(1).map(Number)]),
  )
  const names =
    cpus.length > 0 ? cpus.map((cpu) => `cpu${cpu}`) : [...lines.keys()].filter((name) => /^cpu\d/.test(name))
  const seconds = names.map((name) => now - freeTicks(lines.get(name) ?? []) / TICKS_PER_SECOND)
  return seconds.some(Number.isNaN) ? null : seconds.reduce((sum, busy) => sum + busy, 0)
}

/**
 * What nobody used. Idle time is measured, while most kernels only sample who is busy, and miss half of what wakes up for
 * less than a tick (10 ms): a generator that used 0.53 of a CPU showed as 0.26.
 */
function freeTicks(fields: readonly number[]): number {
  const [, , , idle, iowait, irq, softirq] = fields
  // A kernel that measures interrupt time (CONFIG_IRQ_TIME_ACCOUNTING) leaves it out of what processes used. The
  // network's part of our own load is in there, and would look foreign. Other kernels charge it to processes too.
  const interrupts = irq! > SAMPLED ? irq! + softirq! : 0
  return idle! + iowait! + interrupts
}
