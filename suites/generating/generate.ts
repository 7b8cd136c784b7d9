import { setTimeout as delay } from 'node:timers/promises'
import type { Generator, Load, Recording } from '../generators/index.ts'

/**
 * The generator's own process: it takes one order from its parent, carries it out, and tells how it went.
 * A process of its own has its own CPU and event loop, which nothing else of the lab disturbs.
 */

/** What the parent sends, once. */
export interface Order {
  /** A file of `suites/generators/`, without `.ts`. */
  readonly generator: string
  readonly load: Load
  /** When to begin, in milliseconds since 1970, so that several processes do it together; at once when absent. */
  readonly beginsAt?: number
}

/** How much earlier than asked a timer is set, in milliseconds, because it comes late: the rest is spent looking at the clock. */
const SPIN = 2

/** What the process sends back: `begin` and `end` at the edges of the window, then one `recording` or `failure`. */
export type Progress =
  | { readonly kind: 'begin' | 'end' }
  | { readonly kind: 'recording'; readonly recording: Recording }
  | { readonly kind: 'failure'; readonly message: string }

const tell = (progress: Progress): Promise<void> =>
  new Promise((resolve) => (process.send ? process.send(progress, () => resolve()) : resolve()))

async function carryOut({ generator: name, load, beginsAt }: Order): Promise<Recording> {
  const { default: generator } = (await import(`../generators/${name}.ts`)) as { default: Generator }
  if (beginsAt !== undefined) {
    const left = (): number => beginsAt - (performance.timeOrigin + performance.now())
    await delay(Math.max(0, left() - SPIN))
    while (left() > 0);
  }
  const window = { begin: () => void tell({ kind: 'begin' }), end: () => void tell({ kind: 'end' }) }
  // Whoever wants it to stop early kills this process, so nothing needs to be aborted here.
  return generator.run(load, window, new AbortController().signal)
}

if (process.send) {
  // Without a parent nobody reads the result, and a load must never outlive the lab.
  process.once('disconnect', () => process.exit(1))
  // Ctrl-C reaches the whole process group; the parent decides what it means.
  process.on('SIGINT', () => {})
  process.once('message', async (order: Order) => {
    const outcome = await carryOut(order).then(
      (recording): Progress => ({ kind: 'recording', recording }),
      (error: unknown): Progress => ({
        kind: 'failure',
        message: error instanceof Error ? error.message : String(error),
      }),
    )
    await tell(outcome)
    process.exit(0)
  })
}
