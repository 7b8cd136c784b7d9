import { readFile } from 'node:fs/promises'
import { TICKS_PER_SECOND } from '../../topologies/runtimes/processes.ts'

/** More interrupt time than this since boot, in ticks, means that the kernel measures it instead of sampling it. */
const SAMPLED = 10

/**
 * Seconds for which the given CPUs (all, when none are given) have been busy since boot, from /proc/stat.
 * Null where there is no such file, as on macOS.
 */
export async function busySeconds(cpus: readonly number[]): Promise<number | null> {
  const text = await readFile('/proc/stat', 'utf8').catch(() => null)
  return text === null ? null : busySecondsIn(text, cpus)
}

/** The same from the text of /proc/stat. */
export function busySecondsIn(text: string, cpus: readonly number[]): number | null {
  const names = cpus.length > 0 ? cpus.map((cpu) => `cpu${cpu}`) : ['cpu']
  const lines = new Map(
    text.split('\n').map((line) => [line.split(' ', 1)[0], line.trim().split(/\s+/).slice(1).map(Number)]),
  )
  const ticks = names.map((name) => busyTicks(lines.get(name) ?? []))
  return ticks.some(Number.isNaN) ? null : ticks.reduce((sum, busy) => sum + busy, 0) / TICKS_PER_SECOND
}

/** Idle and iowait are not busy, guest and guest_nice are contained in user and nice. */
function busyTicks(fields: readonly number[]): number {
  const [user, nice, system, , , irq, softirq, steal] = fields
  // A kernel that measures interrupt time (CONFIG_IRQ_TIME_ACCOUNTING) leaves it out of what processes used. The
  // network's part of our own load is in there, and would look foreign. Other kernels charge it to processes too.
  const interrupts = irq! > SAMPLED ? 0 : irq! + softirq!
  // Stolen time was burnt by a neighbour of this virtual machine.
  return user! + nice! + system! + interrupts + (steal ?? 0)
}
