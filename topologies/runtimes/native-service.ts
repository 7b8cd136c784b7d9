import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Tier } from '../index.ts'
import type { Address, Launch, Site } from '../servers/index.ts'
import type { Service } from './index.ts'
import { LabError } from './lab-error.ts'
import { ofSession, usageOf } from './processes.ts'
import { statusOf } from './ready.ts'
import type { Scratch } from './scratch.ts'
import { SERVICE_USER } from './service-user.ts'
import type { Toolchain } from './toolchain.ts'

const READY_MS = 30_000
/** How long a tier may answer 5xx before that counts as its answer: the application cannot be imported, say. */
const FAILING_MS = 3000
const STOP_MS = 10_000
/** How much of a failed server's log is shown. Gunicorn can put a traceback of its own after the application's. */
const LOG_LINES = 40

/** A server that runs as processes of this machine. */
export interface NativeService extends Service, AsyncDisposable {
  /** Resolves when the application answers through this tier. */
  answering(signal?: AbortSignal): Promise<void>
  /** Resolves when all its workers are up and idle. */
  idle(signal?: AbortSignal): Promise<void>
}

/** What a server needs beside its site to be started as a process. */
export interface Post {
  readonly site: Site
  /** The next tier inwards; none for the application's server. */
  readonly upstream: Address | undefined
  readonly toolchain: Toolchain
  readonly room: Scratch
  /** CPUs to keep it on; none for wherever the kernel likes. */
  readonly cpus: readonly number[]
  /** Variables of the lab's own. */
  readonly environment: Readonly<Record<string, string>>
}

/** Starts a server in a session of its own. It is not ready yet. */
export function startService({ server, variant }: Tier, post: Post): NativeService {
  const { site, upstream, toolchain, room } = post
  const launch = server.role === 'app' ? server.configure(site, variant) : server.configure(site, variant, upstream!)
  writeFiles(site.directory, launch.files)
  const child = spawnService(launch, post)
  if (child.pid !== undefined) room.note(child.pid)
  let failure: Error | undefined
  child.on('error', (error) => (failure = error))
  const ended = () => failure !== undefined || child.exitCode !== null || child.signalCode !== null

  const logs = async () => {
    const names = ['stdout.log', 'stderr.log', ...(launch.logs ?? [])]
    const texts = await Promise.all(names.map((name) => readFile(join(site.directory, name), 'utf8').catch(() => '')))
    return texts.filter(Boolean).join('\n')
  }
  const trouble = async (happened: string) =>
    new LabError(
      `${server.title} (${server.role}) ${happened}.`,
      `The end of its log:\n${indented(tail(await logs())) || '  (it wrote nothing)'}`,
      failure ? { cause: failure } : {},
    )

  return {
    role: server.role,
    server: server.name,
    variant,
    version: toolchain.version(server.versionOf),
    address: site.address,
    configuration: launch.files,
    argv: launch.argv,
    directory: site.directory,
    logs,
    alive: () => !ended(),
    usage: (what = 'memory') => usageOf(child.pid ?? -1, what, SERVICE_USER),
    answering: async (signal) => {
      const deadline = performance.now() + READY_MS
      for (let failingSince: number | undefined; ;) {
        signal?.throwIfAborted()
        if (ended())
          throw await trouble(
            failure ? `could not be started: ${failure.message}` : `ended at start (${outcome(child)})`,
          )
        const status = await statusOf(site.address, 2000)
        if (status !== undefined && status < 500) return
        if (status !== undefined) failingSince ??= performance.now()
        if (performance.now() - (failingSince ?? Infinity) > FAILING_MS)
          throw await trouble(`answers ${status} and nothing else`)
        if (performance.now() > deadline) throw await trouble(`did not answer within ${READY_MS / 1000} s`)
        await sleep(3)
      }
    },
    idle: async (signal) => {
      const deadline = performance.now() + READY_MS
      for (let before = -1; ;) {
        signal?.throwIfAborted()
        if (ended()) throw await trouble(`ended at start (${outcome(child)})`)
        // The first answer may come before all workers are up; those that are still importing are running.
        const own = ofSession(child.pid!)
        const ticks = own.reduce((sum, process) => sum + process.ticks, 0)
        const settled = own.length >= launch.processes && own.every((process) => process.state === 'S')
        if (settled && ticks === before) return
        before = settled ? ticks : -1
        if (performance.now() > deadline)
          throw await trouble(`did not have ${launch.processes} idle processes within ${READY_MS / 1000} s`)
        await sleep(10)
      }
    },
    [Symbol.asyncDispose]: () => stop(child, launch, ended),
  }
}

function spawnService(launch: Launch, { site, toolchain, room, cpus, environment }: Post): ChildProcess {
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
      // Nothing of the lab's own environment: wsgiref hands its environment to the application.
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        LANG: 'C.UTF-8',
        HOME: site.directory,
        TMPDIR: site.directory,
        PYTHONPATH: site.application.directory,
        PYTHONDONTWRITEBYTECODE: '1',
        LAB_ID: `${room.directory}/`,
        ...environment,
        ...toolchain.environment,
        ...launch.env,
      },
    })
  } finally {
    closeSync(stdout)
    closeSync(stderr)
  }
}

/** Asks the server to end, waits, and ends by force whatever of its session is left. */
async function stop(child: ChildProcess, launch: Launch, ended: () => boolean): Promise<void> {
  if (child.pid === undefined) return
  const deadline = performance.now() + STOP_MS
  if (!ended()) child.kill(launch.stop)
  while (!ended() && performance.now() < deadline) await sleep(5)
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

const outcome = (child: ChildProcess) =>
  child.signalCode ? `signal ${child.signalCode}` : `exit code ${child.exitCode}`
const tail = (text: string) => text.trimEnd().split('\n').slice(-LOG_LINES).join('\n')
const indented = (text: string) => text.replace(/^/gm, '  ').trimEnd()
