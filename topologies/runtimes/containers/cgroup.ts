import { existsSync, readFileSync } from 'node:fs'
import { startTime } from '../processes.ts'

/** A container's control group, read on the machine itself: microseconds, where asking the engine takes a second. */
export interface Cgroup {
  /** CPU time of all processes that have been in it, in seconds. */
  cpuSeconds(): number
  /** Pids on this machine. */
  pids(): readonly number[]
}

/**
 * The cgroup that holds a container's first process (cgroups(7), version 1 or 2); undefined when the engine's processes
 * are not this machine's, or the hierarchy is not to be seen from here.
 */
export function cgroupOf(pid: number, container: string): Cgroup | undefined {
  if (startTime(pid) === undefined) return undefined
  const memberships = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  // A virtual machine's pid can be some other process of this one.
  if (!memberships.includes(container)) return undefined
  const path = (controllers: RegExp) => controllers.exec(memberships)?.[1]
  const unified = path(/^0::(.*)$/m)
  const accounting = path(/^\d+:(?:[^:]*,)?cpuacct(?:,[^:]*)?:(.*)$/m)
  const mounts = readFileSync('/proc/mounts', 'utf8')
  const mountOf = (options: RegExp) => options.exec(mounts)?.[1]

  if (accounting !== undefined) {
    const folder = `${mountOf(/^\S+ (\S+) cgroup \S*\bcpuacct\b/m)}${accounting}`
    if (!existsSync(`${folder}/cpuacct.usage`)) return undefined
    return {
      cpuSeconds: () => Number(readFileSync(`${folder}/cpuacct.usage`, 'utf8')) / 1e9,
      pids: () => pidsIn(folder),
    }
  }
  const folder = `${mountOf(/^\S+ (\S+) cgroup2 /m)}${unified}`
  if (!existsSync(`${folder}/cpu.stat`)) return undefined
  return {
    cpuSeconds: () => Number(/^usage_usec (\d+)$/m.exec(readFileSync(`${folder}/cpu.stat`, 'utf8'))![1]) / 1e6,
    pids: () => pidsIn(folder),
  }
}

const pidsIn = (folder: string): readonly number[] =>
  readFileSync(`${folder}/cgroup.procs`, 'utf8').split('\n').filter(Boolean).map(Number)
