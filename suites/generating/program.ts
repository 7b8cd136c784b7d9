import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lastWordsOf } from '../../topologies/runtimes/last-words.ts'
import { onPath } from '../../topologies/runtimes/on-path.ts'
import { TICKS_PER_SECOND } from '../../topologies/runtimes/processes.ts'

/** What a program said and used. */
interface Ended {
  readonly stdout: string
  /** User and system time, in seconds, to 20 ms. */
  readonly cpuSeconds: number
}

/** A program of somebody else's that runs on the CPUs of this process. */
export interface Program {
  readonly pid: number
  /** What it has written to stdout so far. */
  said(): string
  /** How it ended; rejected with its last words when it failed. */
  readonly ended: Promise<Ended>
}

/** Why a program cannot be used here, as the end of a sentence; undefined when it can. */
export function unusable(program: string, debianPackage: string): string | undefined {
  if (!onPath(program)) return `${program} is not installed (apt-get install ${debianPackage})`
  // What it uses is read in /proc, and what it is given has a name there.
  return process.platform === 'linux' ? undefined : `${program} is used on Linux only`
}

/** Starts a program, one at a time. It finds the given files as /dev/fd/3, /dev/fd/4 and so on. */
export function start(argv: readonly string[], files: readonly number[], signal: AbortSignal): Program {
  const before = endedChildren()
  // The kernel ends it should this process be killed: a load must never outlive the lab.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...argv], {
    stdio: ['ignore', 'pipe', 'pipe', ...files],
    signal,
    killSignal: 'SIGKILL',
  })
  const lastWords = lastWordsOf(child.stderr!)
  let stdout = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  const ended = once(child, 'close').then((): Ended => {
    if (child.exitCode !== 0)
      throw new Error(
        `it ended with ${child.signalCode ?? `exit code ${child.exitCode}`}. ${lastWords() || stdout.trim()}`,
      )
    return { stdout, cpuSeconds: endedChildren() - before }
  })
  return { pid: child.pid!, said: () => stdout, ended }
}

/** CPU time of this process's children that have ended, in seconds (proc(5): cutime and cstime of /proc/PID/stat). */
function endedChildren(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND
}

/** A file without a name, so that nothing of it is left however this process ends. Disposing closes it. */
export function nameless(content = ''): Disposable & { readonly fd: number } {
  const folder = mkdtempSync(join(tmpdir(), 'lab-generator-'))
  try {
    const path = join(folder, 'file')
    writeFileSync(path, content)
    const fd = openSync(path, 'r+')
    return { fd, [Symbol.dispose]: () => closeSync(fd) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
