import { execFile } from 'node:child_process'
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Usage } from './index.ts'

const run = promisify(execFile)

/** A process as `/proc/PID/stat` shows it (proc(5)). */
export interface Process {
  readonly pid: number
  readonly state: string
  /** Session id: the pid of the process that started the session. */
  readonly session: number
  /** User and system time, in clock ticks, of the process and of its children that have ended. */
  readonly ticks: number
  readonly threads: number
  /** Start time in ticks since boot: with the pid it names a process for ever. */
  readonly startTime: number
}

/** USER_HZ: a constant of the kernel's interface on every architecture the lab knows. */
export const TICKS_PER_SECOND = 100

/** A process from the text of its `stat` file. */
export function parse(stat: string): Process {
  // The command name is in parentheses and may itself contain blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const number = (index: number) => Number(fields[index])
  return {
    pid: Number(stat.slice(0, stat.indexOf(' '))),
    state: fields[0] ?? '',
    session: number(3),
    ticks: number(11) + number(12) + number(13) + number(14),
    threads: number(17),
    startTime: number(19),
  }
}

/** A process of the machine; undefined when it has ended. */
export function processOf(pid: number): Process | undefined {
  try {
    // Reading in turn takes 2 ms for 200 processes, a fifth of what it takes through the thread pool.
    const found = parse(readFileSync(`/proc/${pid}/stat`, 'latin1'))
    return found.state === 'Z' ? undefined : found
  } catch {
    return undefined
  }
}

/** All processes of the machine that are not zombies. */
export const processes = (): readonly Process[] => pids().flatMap((pid) => processOf(pid) ?? [])

/** When a process started, in ticks since boot; undefined when there is none with that pid. */
export const startTime = (pid: number): number | undefined => processOf(pid)?.startTime

/** Processes of a session that a service's main process started, that process included. */
export function ofSession(session: number): readonly Process[] {
  return processes().filter((process) => process.session === session)
}

/** Whether a process has the folder in its environment, its command line or as its working directory. */
export function mentions(pid: number, directory: string): boolean {
  const texts = [
    () => readFileSync(`/proc/${pid}/environ`, 'latin1'),
    () => readFileSync(`/proc/${pid}/cmdline`, 'latin1'),
    () => `${readlinkSync(`/proc/${pid}/cwd`)}/`,
  ]
  return texts.some((text) => {
    try {
      return text().includes(`${directory}/`)
    } catch {
      return false
    }
  })
}

/** Usage of processes together. `owner` is who they run as: only their own user may ask for their memory. */
export async function usageOf(
  own: readonly Process[],
  what: 'cpu' | 'memory',
  owner?: { uid: number },
): Promise<Usage> {
  const sum = (of: (process: Process) => number) => own.reduce((total, process) => total + of(process), 0)
  const pids = own.map((process) => process.pid)
  return {
    cpuSeconds: sum((process) => process.ticks) / TICKS_PER_SECOND,
    pssBytes: what === 'memory' ? await pss(pids, owner) : null,
    processes: own.length,
    threads: sum((process) => process.threads),
  }
}

/**
 * How often all threads of the processes have given up a CPU (voluntary) or were taken off one (proc(5), status). The part
 * of a thread that has ended is lost.
 */
export function contextSwitchesOf(own: readonly Process[]): number {
  let total = 0
  for (const { pid } of own) {
    for (const thread of inFolder(`/proc/${pid}/task`)) {
      const counts = textOf(`/proc/${pid}/task/${thread}/status`).matchAll(
        /^(?:non)?voluntary_ctxt_switches:\s+(\d+)$/gm,
      )
      for (const [, count] of counts) total += Number(count)
    }
  }
  return total
}

/**
 * CPU time of each living thread of the processes, in seconds, by its id (Linux, Documentation/scheduler/sched-stats.rst: the
 * first number of `schedstat`, in nanoseconds). Clock ticks of 10 ms say nothing about times much shorter than a second.
 */
export function threadTimesOf(own: readonly Process[]): ReadonlyMap<number, number> {
  const times = new Map<number, number>()
  for (const { pid } of own) {
    for (const thread of inFolder(`/proc/${pid}/task`)) {
      const [spent = ''] = textOf(`/proc/${pid}/task/${thread}/schedstat`).split(' ')
      if (spent !== '') times.set(Number(thread), Number(spent) / 1e9)
    }
  }
  return times
}

/** Names in a folder of /proc; none when its process has ended. */
function inFolder(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** A file of /proc; empty when its process has ended. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

async function pss(pids: readonly number[], owner?: { uid: number }): Promise<number | null> {
  let total = 0
  for (const pid of pids) {
    const file = `/proc/${pid}/smaps_rollup`
    // In a container even root may lack the right to look into other users' processes, but their own user may.
    const text = await readFile(file, 'utf8').catch(async () => {
      const asOwner = owner ? await run('cat', [file], { uid: owner.uid }).catch(() => null) : null
      return asOwner?.stdout ?? ''
    })
    const kilobytes = /^Pss:\s+(\d+) kB/m.exec(text)?.[1]
    if (kilobytes === undefined) return null
    total += Number(kilobytes) * 1024
  }
  return total
}

/** Ids of all processes on the machine, quickly and without looking at them. */
export function pids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}
