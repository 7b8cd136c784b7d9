import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { Hop, Setting, Target } from '../../topologies/index.ts'
import { eventsIn } from '../../topologies/runtimes/events.ts'

const run = promisify(execFile)
const GATEWAY = join(import.meta.dirname, 'gateway')
const APPS = resolve(import.meta.dirname, '../../apps')
/** Certificate and key, made by hand: `openssl req -x509 -nodes`. Nobody checks them. */
const TLS = ['certificate.pem', 'key.pem'].map((file) => join(import.meta.dirname, 'tls', file))

/** The words that set one thing otherwise. */
const WORDS: Readonly<Record<Setting, readonly string[]>> = {
  method: ['--app', 'probe:application_method'],
  class: ['--app', 'probe:application_class'],
  instance: ['--app', 'probe:application_instance'],
  partial: ['--app', 'probe:application_partial'],
  mounted: ['--mount', '/lab'],
  'single-thread': ['--single-thread'],
  'deployer-value': ['--set', 'lab.deployed=by the deployer'],
}

/** A Python and the environment it needs, as `scripts/toolchain-python.ts` gives it. */
interface Python {
  readonly python: string
  readonly env: Readonly<Record<string, string>>
}

/** One entry of `--list-faults`. */
interface Fault {
  readonly suite: string
  readonly clause: string
  /** Tells it from other faults of the same clause. */
  readonly name: string
  readonly says: string
  /** The other clauses that cannot but fail with it. */
  readonly also: readonly string[]
  readonly observed: boolean
  /** It shows only over TLS. */
  readonly tls: boolean
}

/** How a gateway is started otherwise than whole, at the root, with the probe. */
interface GatewayOptions {
  /** The one rule it breaks: `CLAUSE` or `CLAUSE:NAME`. */
  readonly fault?: string
  /** One thing that is set otherwise than by default. */
  readonly setting?: Setting
  /** Whether it speaks HTTP over TLS. */
  readonly tls?: boolean
}

/** A strict gateway, or a mutant of it, that answers. */
interface Gateway extends AsyncDisposable {
  readonly target: Target
}

/** One process that starts gateways, each in a process of its own, much quicker than a new Python would. */
export interface Nursery extends AsyncDisposable {
  /** Starts a gateway with the probe and an event log of its own; rejects with its last words when it does not start. */
  gateway(options?: GatewayOptions): Promise<Gateway>
}

/** What is known of one process of the nursery's. */
interface Born {
  readonly listening: Promise<{ readonly pid: number; readonly address: string }>
  readonly ended: Promise<void>
}

/** Every fault that is written, as the gateway itself lists them. */
export async function listedFaults({ python, env }: Python): Promise<readonly Fault[]> {
  const { stdout } = await run(python, [GATEWAY, '--list-faults'], { env })
  return JSON.parse(stdout) as readonly Fault[]
}

/** Starts a nursery. All its gateways end with it. */
export async function startedNursery({ python, env }: Python): Promise<Nursery> {
  // Not the prefix of the labs' own folders: the next lab would sweep it.
  const scratch = await mkdtemp(join(tmpdir(), 'strict-gateways-'))
  // The kernel ends the nursery should its test be killed.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', python, GATEWAY, '--nursery', '--chdir', APPS], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  // Whoever asks a nursery that has ended is told so by its end.
  child.stdin.on('error', () => {})
  const over = new Promise<void>((done) => void child.once('close', () => done()))
  const told = new Map<number, (line: string) => void>()
  createInterface(child.stdout).on('line', (line) => told.get(Number.parseInt(line, 10))?.(line))
  let count = 0

  /** Asks for a process; what is said of it comes as lines. */
  function born(words: readonly string[], events: string, log: string): Born {
    const id = (count += 1)
    const listening = Promise.withResolvers<{ readonly pid: number; readonly address: string }>()
    const ended = Promise.withResolvers<void>()
    const end = (): void => {
      listening.reject(new Error('it ended'))
      ended.resolve()
    }
    void over.then(end)
    told.set(id, (line) => {
      const [, address, pid] = / listening on (\S+) as (\d+)$/.exec(line) ?? []
      if (address !== undefined) listening.resolve({ pid: Number(pid), address })
      else end()
    })
    child.stdin.write(`${JSON.stringify({ id, words, events, log })}\n`)
    return { listening: listening.promise, ended: ended.promise }
  }

  async function gateway(options: GatewayOptions = {}): Promise<Gateway> {
    const { fault, setting, tls } = options
    const name = join(scratch, String(count + 1))
    const [events, log] = [`${name}.events`, `${name}.log`]
    // Networks of their own: their clients close more connections in a minute than one address has ports.
    const words = ['--host', `127.${1 + (count >> 8)}.${count & 255}.11`]
    if (setting) words.push(...WORDS[setting])
    if (tls) words.push('--tls', ...TLS)
    if (fault !== undefined) words.push('--fault', fault)
    const { listening, ended } = born(words, events, log)
    const logs = (): Promise<string> => readFile(log, 'utf8').catch(() => '')
    const { address, pid } = await listening.catch(async (error: unknown) => {
      throw new Error(`the gateway ${fault ?? ''} did not start: ${(await logs()).trim()}`, { cause: error })
    })
    const url = new URL(setting === 'mounted' ? '/lab/' : '/', `${tls ? 'https' : 'http'}://${address}`)
    const hop: Hop = { role: 'app', server: fault ?? 'strict', url, logs }
    const again = new Map<Setting, Promise<Gateway>>()
    return {
      target: {
        hops: [hop],
        events: eventsIn(events),
        async redeployed(setting) {
          const fresh = again.get(setting) ?? gateway({ ...options, setting })
          again.set(setting, fresh)
          return (await fresh).target
        },
      },
      async [Symbol.asyncDispose]() {
        for (const each of await Promise.allSettled(again.values()))
          if (each.status === 'fulfilled') await each.value[Symbol.asyncDispose]()
        kill(pid)
        await ended
      },
    }
  }

  return {
    gateway,
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await over
      await rm(scratch, { recursive: true, force: true })
    },
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended of itself.
  }
}
