import { existsSync, readFileSync } from 'node:fs'
import { startTime } from '../processes.ts'

/** A container's control group, read on the machine itself: microseconds, where asking the engine takes a second. */
export interface Cgroup {
  /** CPU time of all processes that have been in it, in seconds. */
  cpuSeconds(): number
  /** Pids on this machine. */
  pids(): readonly number[]
}

/** Folder of a cgroup that accounts for CPU time, in version 1 or 2 of the interface (cgroups(7)). */
export interface CgroupFolder {
  readonly folder: string
  readonly version: 1 | 2
}

/**
 * The cgroup that holds a container's first process; undefined when the engine's processes are not this machine's, or
 * the hierarchy is not to be seen from here.
 */
export function cgroupOf(pid: number, container: string): Cgroup | undefined {
  if (startTime(pid) === undefined) return undefined
  const memberships = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  // A virtual machine's pid can be some other process of this one.
  if (!memberships.includes(container)) return undefined
  const found = cgroupFolder(memberships, readFileSync('/proc/mounts', 'utf8'))
  return found && existsSync(`${found.folder}/cgroup.procs`) ? cgroupIn(found) : undefined
}

/** The folder, from the texts of a process's `cgroup` file and of /proc/mounts. */
export function cgroupFolder(memberships: string, mounts: string): CgroupFolder | undefined {
  const accounting = /^\d+:(?:[^:]*,)?cpuacct(?:,[^:]*)?:(.*)$/m.exec(memberships)?.[1]
  const unified = /^0::(.*)$/m.exec(memberships)?.[1]
  // Where both are mounted, version 2 has no controllers.
  const version = accounting === undefined ? 2 : 1
  const mount = (version === 1 ? /^\S+ (\S+) cgroup \S*\bcpuacct\b/m : /^\S+ (\S+) cgroup2 /m).exec(mounts)?.[1]
  const path = accounting ?? unified
  return mount === undefined || path === undefined ? undefined : { folder: `${mount}${path}`, version }
}

/** A cgroup by its folder. */
export function cgroupIn({ folder, version }: CgroupFolder): Cgroup {
  const read = (name: string) => readFileSync(`${folder}/${name}`, 'utf8')
  return {
    cpuSeconds: () =>
      version === 1
        ? Number(read('cpuacct.usage')) / 1e9
        : Number(/^usage_usec (\d+)$/m.exec(read('cpu.stat'))?.[1]) / 1e6,
    pids: () => read('cgroup.procs').split('\n').filter(Boolean).map(Number),
  }
}
