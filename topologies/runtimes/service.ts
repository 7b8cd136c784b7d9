import { setTimeout as sleep } from 'node:timers/promises'
import type { Tier } from '../index.ts'
import type { Address, Launch, Site } from '../servers/index.ts'
import type { Service, Usage } from './index.ts'
import { LabError } from './lab-error.ts'
import type { Process } from './processes.ts'
import { statusOf } from './ready.ts'

const READY_MS = 30_000
/** How long a tier may answer 5xx before that counts as its answer: the application cannot be imported, say. */
const FAILING_MS = 3000
/** How much of a failed server's log is shown. Gunicorn can put a traceback of its own after the application's. */
const LOG_LINES = 40

/** How long a server is given to end gracefully, in milliseconds. */
export const STOP_MS = 10_000

/** A server that was started, as its runtime sees it: what native processes and containers have in common. */
export interface Handle {
  /** What became of it: `ended at start (exit code 1)`; undefined while it runs. */
  ended(): string | undefined
  processes(): Promise<readonly Process[]>
  usage(what: 'cpu' | 'memory'): Promise<Usage>
  /** See `Service`. */
  contextSwitches(): number | undefined
  /** See `Service`. */
  threadTimes(): ReadonlyMap<number, number> | undefined
  logs(): Promise<string>
  /** Asks it to end, waits, and ends by force what is left. */
  stop(): Promise<void>
}

/** A service on its way up. Disposing stops it. */
export interface StartedService extends Service, AsyncDisposable {
  /** Where the lab reaches it. */
  readonly reach: Address
  /** Resolves when the application answers through this tier. */
  answering(signal?: AbortSignal): Promise<void>
  /** Resolves when all its workers are up and idle. */
  idle(signal?: AbortSignal): Promise<void>
}

/** What is known of a service beside its handle. */
interface Facts {
  readonly version: string
  readonly launch: Launch
  readonly site: Site
  readonly reach: Address
}

/** A started server as a service: when it is ready, and what to say when it is not. */
export function service(
  { server, variant }: Tier,
  { version, launch, site, reach }: Facts,
  handle: Handle,
): StartedService {
  const trouble = async (happened: string) =>
    new LabError(`${server.title} (${server.role}) ${happened}.`, `The end of its log:\n${endOf(await handle.logs())}`)
  return {
    role: server.role,
    server: server.name,
    variant,
    version,
    address: site.address,
    reach,
    configuration: launch.files,
    argv: launch.argv,
    directory: site.directory,
    logs: () => handle.logs(),
    alive: () => handle.ended() === undefined,
    usage: (what = 'memory') => handle.usage(what),
    contextSwitches: () => handle.contextSwitches(),
    threadTimes: () => handle.threadTimes(),
    answering: async (signal) => {
      const deadline = performance.now() + READY_MS
      for (let failingSince: number | undefined; ;) {
        signal?.throwIfAborted()
        const ended = handle.ended()
        if (ended !== undefined) throw await trouble(`${ended} before it was ready`)
        const status = await statusOf(reach, 2000)
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
        const ended = handle.ended()
        if (ended !== undefined) throw await trouble(`${ended} before it was ready`)
        // The first answer may come before all workers are up; those that are still importing are running.
        const own = await handle.processes()
        const ticks = own.reduce((sum, process) => sum + process.ticks, 0)
        const settled = own.length >= launch.processes && own.every((process) => process.state === 'S')
        if (settled && ticks === before) return
        before = settled ? ticks : -1
        if (performance.now() > deadline)
          throw await trouble(`did not have ${launch.processes} idle processes within ${READY_MS / 1000} s`)
        await sleep(10)
      }
    },
    [Symbol.asyncDispose]: () => handle.stop(),
  }
}

/** The last lines of a log, indented, for a message about what became of its server. */
export function endOf(log: string): string {
  const lines = log.trimEnd().split('\n').slice(-LOG_LINES).join('\n')
  return lines === '' ? '  (it wrote nothing)' : lines.replace(/^/gm, '  ').trimEnd()
}
