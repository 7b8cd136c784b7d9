import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import { onPath } from '../../topologies/runtimes/on-path.ts'
import type { Order, Progress } from '../generating/generate.ts'
import type { Recording } from '../generators/index.ts'

/** Seconds beyond warm-up, window and timeout after which a generator is taken to hang: its start and its end. */
const GRACE = 5

/** How much of what a generator writes to stderr is kept, in characters: its end says why it crashed. */
const LAST_WORDS = 2000

/** Whether a process can be kept on given CPUs here: `taskset` of util-linux is installed. */
export const canPin = (): boolean => onPath('taskset')

/** How a generator's process is run. */
interface ProduceOptions {
  /** CPUs to keep it on; none for wherever the kernel likes. */
  readonly cpus: readonly number[]
  /** Called when the window begins and ends, as soon as the process says so. */
  readonly window: { begin(): void; end(): void }
  readonly signal?: AbortSignal | undefined
}

/** Has a load produced by a generator in a process of its own, which answers or fails in bounded time. */
export async function produce(order: Order, { cpus, window, signal }: ProduceOptions): Promise<Recording> {
  signal?.throwIfAborted()
  const { warmUpSeconds, seconds, timeoutSeconds } = order.load
  const limitSeconds = warmUpSeconds + seconds + timeoutSeconds + GRACE
  const name = order.generator

  const pin = cpus.length > 0 && canPin() ? ['taskset', '-c', cpus.join(',')] : []
  const [program, ...args] = [
    ...pin,
    process.execPath,
    fileURLToPath(new URL('../generating/generate.ts', import.meta.url)),
  ]
  const child = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()).once('error', () => resolve()))

  const { promise, resolve, reject } = Promise.withResolvers<Recording>()
  let lastWords = ''
  const fail = (happened: string, todo: string, cause?: unknown): void =>
    reject(
      new LabError(`The generator ${name} ${happened}`, [todo, lastWords.trim()].filter(Boolean).join('\n'), { cause }),
    )

  child.stderr?.on('data', (text: Buffer) => (lastWords = (lastWords + text).slice(-LAST_WORDS)))
  // A failure to send is followed by `error` or `close`, which say more.
  child.once('spawn', () => child.send(order, () => {}))
  child.once('error', (cause) => fail('could not be started.', cause.message, cause))
  child.once('close', (code, killedBy) => fail(`ended without a result (${killedBy ?? `exit code ${code}`}).`, ''))
  child.on('message', (progress: Progress) => {
    if (progress.kind === 'recording') resolve(progress.recording)
    else if (progress.kind === 'failure') fail(`failed: ${progress.message}`, `It was to load ${order.load.url}.`)
    else window[progress.kind]()
  })
  const limit = setTimeout(
    () => fail(`gave no result within ${limitSeconds} s.`, 'It was stopped.'),
    limitSeconds * 1e3,
  )
  const abort = (): void => reject(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    return await promise
  } finally {
    clearTimeout(limit)
    signal?.removeEventListener('abort', abort)
    child.kill('SIGKILL')
    await gone
  }
}
