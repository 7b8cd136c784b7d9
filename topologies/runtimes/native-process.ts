import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Launch, Site } from '../servers/index.ts'
import { contextSwitchesOf, ofSession, threadTimesOf, usageOf } from './processes.ts'
import type { Scratch } from './scratch.ts'
import { STOP_MS, type Handle } from './service.ts'
import { SERVICE_USER } from './service-user.ts'

/** What a server needs beside its site to be started as a process. */
interface Post {
  readonly room: Scratch
  /** CPUs to keep it on; none for wherever the kernel likes. */
  readonly cpus: readonly number[]
  readonly environment: Readonly<Record<string, string>>
  /** Whether it is ended by force at once. */
  readonly abrupt: boolean
}

/** Starts a server as a process of this machine, in a session of its own. */
export function startProcess(launch: Launch, site: Site, post: Post): Handle {
  writeFiles(site.directory, launch.files)
  const child = spawnService(launch, site, post)
  if (child.pid !== undefined) post.room.note(child.pid)
  let failure: Error | undefined
  child.on('error', (error) => (failure = error))
  const session = () => child.pid ?? -1
  const ended = (): string | undefined => {
    if (failure) return `could not be started: ${failure.message}`
    if (child.signalCode) return `ended (signal ${child.signalCode})`
    return child.exitCode === null ? undefined : `ended (exit code ${child.exitCode})`
  }
  return {
    ended,
    processes: async () => ofSession(session()),
    usage: (what) => usageOf(ofSession(session()), what, SERVICE_USER),
    contextSwitches: () => contextSwitchesOf(ofSession(session())),
    threadTimes: () => threadTimesOf(ofSession(session())),
    logs: async () => {
      const names = ['stdout.log', 'stderr.log', ...(launch.logs ?? [])]
      const texts = await Promise.all(names.map((name) => readFile(join(site.directory, name), 'utf8').catch(() => '')))
      return texts.filter(Boolean).join('\n')
    },
    stop: () => stop(child, post.abrupt ? 'SIGKILL' : launch.stop, ended),
  }
}

function spawnService(launch: Launch, site: Site, { room, cpus, environment }: Post): ChildProcess {
  const words = [
    // The kernel ends the service should the lab be killed.
    ...['setpriv', '--pdeathsig', 'TERM'],
    ...(cpus.length > 0 ? ['taskset', '-c', cpus.join(',')] : []),
    ...launch.argv,
  ]
  // Files, not pipes: a server that opens /dev/stderr by its path cannot open a pipe of Node's (a socket).
  const [stdout, stderr] = ['stdout.log', 'stderr.log'].map((name) => openSync(join(site.directory, name), 'a')) as [
    number,
    number,
  ]
  try {
    return spawn(words[0]!, words.slice(1), {
      cwd: site.directory,
      detached: true,
      stdio: ['ignore', stdout, stderr],
      ...SERVICE_USER,
      env: { LAB_ID: `${room.directory}/`, ...environment },
    })
  } finally {
    closeSync(stdout)
    closeSync(stderr)
  }
}

async function stop(child: ChildProcess, signal: NodeJS.Signals, ended: Handle['ended']): Promise<void> {
  if (child.pid === undefined) return
  const deadline = performance.now() + STOP_MS
  if (ended() === undefined) child.kill(signal)
  while (ended() === undefined && performance.now() < deadline) await sleep(5)
  // Bounded: a process that waits for a disk cannot be killed, and must not keep the lab.
  for (let round = 0; ofSession(child.pid).length > 0 && round < 500; round++) {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // The group is gone between looking and killing.
    }
    await sleep(10)
  }
}

function writeFiles(directory: string, files: Launch['files']): void {
  // Whatever the user's umask: the services' user must get through.
  mkdirSync(directory, { recursive: true })
  for (const path of [dirname(directory), directory]) chmodSync(path, 0o755)
  const own = (path: string) => SERVICE_USER && chownSync(path, SERVICE_USER.uid, SERVICE_USER.gid)
  own(directory)
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    own(path)
  }
}
