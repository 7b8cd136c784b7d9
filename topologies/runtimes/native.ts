import { spawn, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  writeFileSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EXIT, LabError } from './lab-error.ts'
import type { Event, Hop, Topology } from '../index.ts'
import type { Address, Launch, Site } from '../servers/index.ts'
import type { Deployment, Runtime, Service, UpOptions } from './index.ts'
import { ofSession, usageOf } from './processes.ts'
import { freePort, isTaken, statusOf } from './ready.ts'
import { scratch, sweep, type Scratch } from './scratch.ts'
import { SERVICE_USER } from './service-user.ts'
import type { Toolchain } from './toolchain.ts'

const READY_MS = 30_000
/** How long a tier may answer 5xx before that counts as its answer: the application cannot be imported, say. */
const FAILING_MS = 3000
const STOP_MS = 10_000
/** How much of a failed server's log is shown. Gunicorn can put a traceback of its own after the application's. */
const LOG_LINES = 40
/** A port can be taken between finding it free and the server's start. */
const ATTEMPTS = 3

/** Tiers get 127.0.0.11 (the application's server), .12, .13 ... from the inside out, so that each can be told apart. */
const hostOf = (distanceFromApp: number) => `127.0.0.${11 + distanceFromApp}`
/** Where a server that cannot choose connects from. */
const DEFAULT_SOURCE = '127.0.0.1'

/** Topologies as processes of this machine. `apps` is the folder of the applications under test. */
export async function native(toolchain: Toolchain, apps: string): Promise<Runtime> {
  await sweep()
  const room = scratch()
  const applications = join(room.directory, 'apps')
  // A copy, because the checkout may lie where the services' user may not look.
  cpSync(apps, applications, { recursive: true, filter: (path) => !path.includes('__pycache__') })
  for (const entry of readdirSync(applications, { recursive: true, withFileTypes: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644)
  }
  chmodSync(applications, 0o755)
  let deployments = 0
  return {
    name: 'native',
    up: (topology, options) => {
      const directory = join(room.directory, `${++deployments}-${topology.name}`)
      return up({ toolchain, room, applications, directory }, topology, options)
    },
    [Symbol.asyncDispose]: async () => room[Symbol.dispose](),
  }
}

interface Place {
  readonly toolchain: Toolchain
  readonly room: Scratch
  readonly applications: string
  readonly directory: string
}

async function up(place: Place, topology: Topology, options: UpOptions): Promise<Deployment> {
  if (!existsSync(join(place.applications, `${options.application}.py`))) {
    const known = readdirSync(place.applications)
      .filter((name) => name.endsWith('.py'))
      .map((name) => name.slice(0, -3))
    throw new LabError(
      `There is no application "${options.application}".`,
      `Choose from: ${known.sort().join(', ')}.`,
      { exitCode: EXIT.usage },
    )
  }
  const began = performance.now()
  await using started = new AsyncDisposableStack()
  const services: NativeService[] = []
  const addresses = topology.tiers.map((_, index) => hostOf(topology.tiers.length - 1 - index))
  // From the application's server outwards, so that each tier finds the next one up.
  for (let index = topology.tiers.length - 1; index >= 0; index--) {
    const front = topology.tiers[index - 1]
    const site: Omit<Site, 'address'> = {
      directory: join(place.directory, topology.tiers[index]!.server.role),
      root: place.toolchain.root,
      triplet: place.toolchain.triplet,
      cpus: options.placement?.services.length ?? 1,
      application: {
        directory: place.applications,
        module: options.application,
        callable: 'application',
        staticDirectory: join(place.applications, 'static'),
      },
      workers: options.workers,
      threads: options.threads,
      trusted:
        !front || front.server.role === 'app'
          ? []
          : [front.server.bindsSource ? addresses[index - 1]! : DEFAULT_SOURCE],
      source: addresses[index]!,
    }
    const service = started.use(await startAnywhere(place, topology, index, site, services[0]?.address, options))
    services.unshift(service)
  }
  await Promise.all(services.map((service) => service.idle(options.signal)))
  const bringUpSeconds = (performance.now() - began) / 1000
  const events = join(place.directory, 'app', 'events.jsonl')
  const hops = services.map((service): Hop => ({
    role: service.role,
    server: service.server,
    url: new URL(`http://${service.address.host}:${service.address.port}/`),
    logs: () => service.logs(),
  }))
  // From here on the deployment owns the services.
  const owned = started.move()
  return {
    topology,
    runtime: 'native',
    services,
    bringUpSeconds,
    target: { hops: hops as [Hop, ...Hop[]], events: (nonce) => readEvents(events, nonce) },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Starts one tier, on another port when the one found free was taken before the server got it. */
async function startAnywhere(
  place: Place,
  topology: Topology,
  index: number,
  site: Omit<Site, 'address'>,
  upstream: Address | undefined,
  options: UpOptions,
): Promise<NativeService> {
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted()
    const address = { host: site.source, port: await freePort(site.source) }
    const service = start(place, topology, index, { ...site, address }, upstream, options)
    try {
      await service.answering(options.signal)
      return service
    } catch (error) {
      await service[Symbol.asyncDispose]()
      // The service is gone, so whoever listens there took the port.
      if (options.signal?.aborted || attempt === ATTEMPTS || !(await isTaken(address))) throw error
    }
  }
}

interface NativeService extends Service, AsyncDisposable {
  /** Resolves when the application answers through this tier. */
  answering(signal?: AbortSignal): Promise<void>
  /** Resolves when all its workers are up and idle. */
  idle(signal?: AbortSignal): Promise<void>
}

function start(
  place: Place,
  topology: Topology,
  index: number,
  site: Site,
  upstream: Address | undefined,
  options: UpOptions,
): NativeService {
  const { server, variant } = topology.tiers[index]!
  const launch = server.role === 'app' ? server.configure(site, variant) : server.configure(site, variant, upstream!)
  writeFiles(site.directory, launch.files)
  const child = spawnService(place, topology, site, launch, options)
  if (child.pid !== undefined) place.room.note(child.pid)
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
      `${server.title} (${topology.name}) ${happened}.`,
      `The end of its log:\n${indented(tail(await logs())) || '  (it wrote nothing)'}`,
      failure ? { cause: failure } : {},
    )

  return {
    role: server.role,
    server: server.name,
    variant,
    version: place.toolchain.version(server.versionOf),
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

function spawnService(place: Place, topology: Topology, site: Site, launch: Launch, options: UpOptions): ChildProcess {
  const cpus = options.placement?.services ?? []
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
        LAB_ID: `${place.room.directory}/`,
        LAB_EVENTS: join(place.directory, 'app', 'events.jsonl'),
        LAB_HOSTS: ['localhost', ...topology.tiers.map((_, index) => hostOf(index))].join(' '),
        ...place.toolchain.environment,
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
  while (ofSession(child.pid).length > 0) {
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

async function readEvents(file: string, nonce: string): Promise<readonly Event[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text
    .split('\n')
    .slice(0, -1) // The last line is empty, or still being written.
    .filter((line) => line.includes(nonce))
    .map((line) => JSON.parse(line) as Event)
    .filter((event) => event.nonce === nonce)
}

const outcome = (child: ChildProcess) =>
  child.signalCode ? `signal ${child.signalCode}` : `exit code ${child.exitCode}`
const tail = (text: string) => text.trimEnd().split('\n').slice(-LOG_LINES).join('\n')
const indented = (text: string) => text.replace(/^/gm, '  ').trimEnd()
