import { readFileSync, readlinkSync } from 'node:fs'
import { startTime } from './processes.ts'

/**
 * The name of this process for ever: its machine's boot, its process namespace, its pid and its start. Containers and
 * networks carry it, so that a later lab can tell whether their lab is still there.
 */
export function ownerName(): string {
  return [...here(), process.pid, startTime(process.pid) ?? ''].join(' ')
}

/**
 * Whether the process of that name is known to be gone: it was here and is no more, or it was before this boot. One in
 * another container's process namespace cannot be seen from here, so it counts as living.
 */
export function isGone(name: string): boolean {
  const [boot, namespace, pid, started] = name.split(' ')
  const [ownBoot, ownNamespace] = here()
  if (boot !== ownBoot) return true
  return namespace === ownNamespace && String(startTime(Number(pid)) ?? '') !== started
}

function here(): readonly [boot: string, namespace: string] {
  try {
    return [readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), readlinkSync('/proc/self/ns/pid')]
  } catch {
    return ['', ''] // Not Linux: nothing is known of other processes, and nothing is taken for gone.
  }
}
