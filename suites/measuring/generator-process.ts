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
export interface ProduceOptions {
  /** CPUs to keep it on; none for wherever the kernel likes. */
  readonly cpus: readonly number[]
  /** Called when the window begins and ends, as soon as the process says so. */
  readonly window: { begin(): void; end(): void }
  /** Where to run it; on the lab's own machine when absent. */
  readonly vantage?: Vantage | undefined
  readonly signal?: AbortSignal | undefined
}

/** A generator's process that has its order. Disposing ends it. */
interface Producer extends AsyncDisposable {
  readonly progress: AsyncIterable<Progress>
  /** Why it ended without a result, when `progress` is over. */
  ending(): string
  lastWords(): string
}

/** Has a load produced by a generator in one process of its own, which answers or fails in bounded time. */
export async function produce(order: Order, { cpus, window, vantage, signal }: ProduceOptions): Promise<Recording> {
  signal?.throwIfAborted()
  const { warmUpSeconds, seconds, timeoutSeconds } = order.load
  const limitSeconds = warmUpSeconds + seconds + timeoutSeconds + GRACE
  await using producer = await (vantage ? there(order, cpus, vantage) : here(order, cpus))
  const failed = (happened: string, todo: string) =>
    new LabError(
      `The generator ${order.generator} ${happened}`,
      [todo, producer.lastWords()].filter(Boolean).join('\n'),
    )

  const late = Symbol()
  const limit = Promise.withResolvers<typeof late>()
  const timer = setTimeout(() => limit.resolve(late), limitSeconds * 1e3)
  const abort = (): void => limit.reject(signal!.reason as Error)
  signal?.addEventListener('abort', abort, { once: true })
  // Nobody may be listening when it is aborted.
  limit.promise.catch(() => {})
  const progress = producer.progress[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await Promise.race([progress.next(), limit.promise])
      if (next === late) throw failed(`gave no result within ${limitSeconds} s.`, 'It was stopped.')
      if (next.done) throw failed(`ended without a result (${producer.ending()}).`, '')
      if (next.value.kind === 'recording') return next.value.recording
      if (next.value.kind === 'failure')
        throw failed(`failed: ${next.value.message}`, `It was to load ${order.load.url}.`)
      window[next.value.kind]()
    }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

/** A process of this machine. */
async function here(order: Order, cpus: readonly number[]): Promise<Producer> {
  const pin = cpus.length > 0 && canPin() ? ['taskset', '-c', cpus.join(',')] : []
  const script = fileURLToPath(new URL('../generating/generate.ts', import.meta.url))
  const [program, ...words] = [...pin, process.execPath, script]
  const child = spawn(program!, words, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const messages = on(child, 'message', { close: ['close'] })
  const gone = once(child, 'close').catch(() => {})
  const lastWords = lastWordsOf(child.stderr!)
  // A failure to send is followed by `close`, which says more.
  child.once('spawn', () => child.send(order, () => {}))
  return {
    progress: (async function* () {
      for await (const [message] of messages) yield message as Progress
    })(),
    ending: () => `${child.signalCode ?? `exit code ${child.exitCode}`}`,
    lastWords,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** A process in a container beside the services. */
async function there(order: Order, cpus: readonly number[], vantage: Vantage): Promise<Producer> {
  const outpost = await vantage.start('suites/generating/relay.ts', { LAB_ORDER: JSON.stringify(order) }, cpus)
  return {
    progress: (async function* () {
      for await (const line of outpost.lines) yield JSON.parse(line) as Progress
    })(),
    ending: () => 'its container is gone',
    lastWords: () => outpost.lastWords(),
    [Symbol.asyncDispose]: () => outpost[Symbol.asyncDispose](),
  }
}
