import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Event, Hop, Target } from '../../topologies/index.ts'
import type { Experiment, Passed } from '../conformance/index.ts'
import type { AloneTarget, Origin } from './origin.ts'
import { connect, type Connection } from './wire.ts'

const EVENTS_WAIT = 1500
const EVENTS_PAUSE = 15

const run = randomBytes(6).toString('hex')
let count = 0

/** A nonce that no other request has, in this run or any other. */
export function nonce(): string {
  return `${run}-${(count += 1)}`
}

/** What an experiment leaves behind: its connections and nonces, and the events it looked at, by nonce. */
export interface Traces {
  readonly nonces: string[]
  /** `to`: who was spoken to, where that was not the hop that is judged. */
  readonly connections: { readonly connection: Connection; readonly to?: string }[]
  readonly events: Map<string, readonly Event[]>
  /** What passed meanwhile between the tiers further in. */
  readonly passed: () => readonly Passed[]
}

/** Begins to listen between the tiers further in than this hop. */
export function listen(hop: Hop, { hops, taps = [] }: Target): Traces['passed'] {
  const heard = taps
    .filter((_, index) => index >= hops.indexOf(hop))
    .map((tap) => ({ from: tap.from, to: tap.to, exchanges: tap.listen() }))
  return () => heard.flatMap(({ from, to, exchanges }) => exchanges().map((each) => ({ from, to, ...each })))
}

/** The target of an intermediary alone; undefined for a chain. */
export const alone = (target: Target): AloneTarget | undefined =>
  'origin' in target ? (target as AloneTarget) : undefined

/** Stands in at a chain, where there is no origin of the lab's own: whatever is asked of it breaks the experiment. */
const nowhere = new Proxy({} as Origin, {
  get() {
    throw new Error('the clause wants an origin of its own, which only an intermediary alone has')
  },
})

/** What one experiment works with; what it opens and looks at is noted in its traces, `as` what it is when not the hop. */
export function experiment(hop: Hop, target: Target, signal: AbortSignal, traces: Traces, as?: string): Experiment {
  return {
    hop,
    target,
    signal,
    nonce() {
      const fresh = nonce()
      traces.nonces.push(fresh)
      return fresh
    },
    origin: alone(target)?.origin ?? nowhere,
    async connect(to = hop) {
      const opened = await connect(to.url, signal)
      const other = to.url.href === hop.url.href ? as : to.server
      traces.connections.push({ connection: opened, ...(other === undefined ? {} : { to: other }) })
      return opened
    },
    passed: traces.passed,
    async events(of, enough, wait) {
      if (!target.events) throw new Error("the clause reads the probe's events without saying that it needs them")
      const events = await eventsOf(target.events, of, signal, enough, wait)
      traces.events.set(of, events)
      return events
    },
    async redeployed(setting) {
      const other = await target.redeployed?.(setting)
      if (!other) throw new Error(`the clause wants the setting ${setting} without saying that it needs it`)
      const there = other.hops.at(-1)!
      return experiment(there, other, signal, traces, `${there.server}, brought up with the setting ${setting}`)
    },
  }
}

/** The events under a nonce: at once, or as soon as they are enough, or all there are when the wait is over. */
export async function eventsOf(
  read: (nonce: string) => Promise<readonly Event[]>,
  of: string,
  signal: AbortSignal,
  enough?: (events: readonly Event[]) => boolean,
  wait = EVENTS_WAIT,
): Promise<readonly Event[]> {
  const deadline = performance.now() + wait
  for (;;) {
    const events = await read(of)
    if (!enough || enough(events) || performance.now() > deadline) return events
    await sleep(EVENTS_PAUSE, undefined, { signal })
  }
}
