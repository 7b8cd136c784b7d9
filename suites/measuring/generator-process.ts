import { on, once } from 'node:events'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import { lastWordsOf } from '../../topologies/runtimes/last-words.ts'
import { onPath } from '../../topologies/runtimes/on-path.ts'
import type { Vantage } from '../../topologies/runtimes/index.ts'
import type { Order, Progress } from '../generating/generate.ts'
import type { Recording } from '../generators/index.ts'

/** Seconds beyond warm-up, window and timeout after which a generator is taken to hang: its start and its end. */
const GRACE = 5

/** Whether a process can be kept on given CPUs here: `taskset` of util-linux is installed. */
export const canPin = (): boolean => onPath('taskset')

/** How a generator's process is run. */
export interface ProduceOptions extends CarryOutOptions {
  /** CPUs to keep it on; none for wherever the kernel likes. */
  readonly cpus: readonly number[]
  /** Where to run it; on the lab's own machine when absent. */
  readonly vantage?: Vantage | undefined
}

/** How one order is carried out. */
export interface CarryOutOptions {
  /** Called when the window begins and ends, as soon as the process says so. */
  readonly window: { begin(): void; end(): void }
  readonly signal?: AbortSignal | undefined
}

/** A generator's process. Disposing ends it. */
export interface Producer extends AsyncDisposable {
  /** Has an order carried out, which answers or fails in bounded time: what was seen of each load. One order at a time. */
  carryOut(order: Order, options: CarryOutOptions): Promise<readonly Recording[]>
}

/** What a process and a container have in common. */
interface Line extends AsyncDisposable {
  send(order: Order): void
  readonly progress: AsyncIterator<Progress>
  /** Why it ended without a result, when `progress` is over. */
  ending(): string
  lastWords(): string
}

/** Has a load produced by a generator in one process of its own, which answers or fails in bounded time. */
export async function produce(order: Order, { cpus, vantage, ...options }: ProduceOptions): Promise<Recording> {
  options.signal?.throwIfAborted()
  await using producer = taking(await (vantage ? there(order, cpus, vantage) : here(cpus)))
  return (await producer.carryOut(order, options))[0]!
}

/** A process of this machine that carries out as many orders as it is given, one after the other. */
export const startProducer = async (cpus: readonly number[]): Promise<Producer> => taking(await here(cpus))

function taking(line: Line): Producer {
  return {
    carryOut: (order, options) => carryOut(line, order, options),
    [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
  }
}

async function carryOut(line: Line, order: Order, { window, signal }: CarryOutOptions): Promise<readonly Recording[]> {
  signal?.throwIfAborted()
  const longest = Math.max(...order.loads.map((load) => load.warmUpSeconds + load.seconds + load.timeoutSeconds))
  const limitSeconds = longest + GRACE
  const failed = (happened: string, todo: string) =>
    new LabError(`The generator ${order.generator} ${happened}`, [todo, line.lastWords()].filter(Boolean).join('\n'))

  const late = Symbol()
  const limit = Promise.withResolvers<typeof late>()
  const timer = setTimeout(() => limit.resolve(late), limitSeconds * 1e3)
  const abort = (): void => limit.reject(signal!.reason as Error)
  signal?.addEventListener('abort', abort, { once: true })
  // Nobody may be listening when it is aborted.
  limit.promise.catch(() => {})
  line.send(order)
  try {
    for (;;) {
      const next = await Promise.race([line.progress.next(), limit.promise])
      if (next === late) throw failed(`gave no result within ${limitSeconds} s.`, 'It was stopped.')
      if (next.done) throw failed(`ended without a result (${line.ending()}).`, '')
      if (next.value.kind === 'recordings') return next.value.recordings
      if (next.value.kind === 'failure')
        throw failed(`failed: ${next.value.message}`, `It was to load ${order.loads[0].url}.`)
      window[next.value.kind]()
    }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

/** A process of this machine. */
async function here(cpus: readonly number[]): Promise<Line> {
  const pin = cpus.length > 0 && canPin() ? ['taskset', '-c', cpus.join(',')] : []
  const script = fileURLToPath(new URL('../generating/generate.ts', import.meta.url))
  const [program, ...words] = [...pin, process.execPath, script]
  const child = spawn(program!, words, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const messages = on(child, 'message', { close: ['close'] })
  const gone = once(child, 'close').catch(() => {})
  const spawned = once(child, 'spawn')
  // A failure to start is followed by `close`, which says more.
  spawned.catch(() => {})
  return {
    send: (order) => void spawned.then(() => child.send(order, () => {})).catch(() => {}),
    progress: (async function* () {
      for await (const [message] of messages) yield message as Progress
    })(),
    ending: () => `${child.signalCode ?? `exit code ${child.exitCode}`}`,
    lastWords: lastWordsOf(child.stderr!),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** A process in a container beside the services, which knows its one order from the start. */
async function there(order: Order, cpus: readonly number[], vantage: Vantage): Promise<Line> {
  const outpost = await vantage.start('suites/generating/relay.ts', { LAB_ORDER: JSON.stringify(order) }, cpus)
  return {
    send() {},
    progress: (async function* () {
      for await (const line of outpost.lines) yield JSON.parse(line) as Progress
    })(),
    ending: () => 'its container is gone',
    lastWords: () => outpost.lastWords(),
    [Symbol.asyncDispose]: () => outpost[Symbol.asyncDispose](),
  }
}
