import { setTimeout as delay } from 'node:timers/promises'
import type { Generator, Load, Recording } from '../generators/index.ts'

/**
 * The generator's own process: it takes an order from its parent, carries it out, tells how it went, and waits for the next.
 * A process of its own has its own CPU and event loop, which nothing else of the lab disturbs.
 */

/** What the parent sends. */
export interface Order {
  /** A file of `suites/generators/`, without `.ts`. */
  readonly generator: string
  /** Several are produced at the same time. */
  readonly loads: readonly [Load, ...Load[]]
  /** When to begin, in milliseconds since 1970, so that several processes do it together; at once when absent. */
  readonly beginsAt?: number
}

/** How much earlier than asked a timer is set, in milliseconds, because it comes late: the rest is spent looking at the clock. */
const SPIN = 2

/**
 * What the process sends back: `begin` and `end` at the edges of the time in which the windows of all loads are open, then
 * `recordings` in the loads' order, or a `failure`.
 */
export type Progress =
  | { readonly kind: 'begin' | 'end' }
  | { readonly kind: 'recordings'; readonly recordings: readonly Recording[] }
  | { readonly kind: 'failure'; readonly message: string }

const tell = (progress: Progress): Promise<void> =>
  new Promise((resolve) => (process.send ? process.send(progress, () => resolve()) : resolve()))

async function carryOut({ generator: name, loads, beginsAt }: Order): Promise<readonly Recording[]> {
  const { default: generator } = (await import(`../generators/${name}.ts`)) as { default: Generator }
  if (beginsAt !== undefined) {
    const left = (): number => beginsAt - (performance.timeOrigin + performance.now())
    await delay(Math.max(0, left() - SPIN))
    while (left() > 0);
  }
  let [begun, ended] = [0, 0]
  const window = {
    begin: () => void (++begun === loads.length && tell({ kind: 'begin' })),
    end: () => void (++ended === 1 && tell({ kind: 'end' })),
  }
  // Whoever wants it to stop early kills this process, so nothing needs to be aborted here.
  return Promise.all(loads.map((load) => generator.run(load, window, new AbortController().signal)))
}

if (process.send) {
  // Without a parent nobody reads the result, and a load must never outlive the lab.
  process.once('disconnect', () => process.exit(0))
  // Ctrl-C reaches the whole process group; the parent decides what it means.
  process.on('SIGINT', () => {})
  process.on('message', async (order: Order) => {
    const outcome = await carryOut(order).then(
      (recordings): Progress => ({ kind: 'recordings', recordings }),
      (error: unknown): Progress => ({
        kind: 'failure',
        message: error instanceof Error ? error.message : String(error),
      }),
    )
    await tell(outcome)
  })
}
