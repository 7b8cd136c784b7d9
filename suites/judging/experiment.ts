import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Event, Hop, Target } from '../../topologies/index.ts'
import type { Experiment } from '../conformance/index.ts'
import { connect, type Connection } from './wire.ts'

const EVENTS_WAIT = 1500
const EVENTS_PAUSE = 15

const run = randomBytes(6).toString('hex')
let count = 0

/** A nonce that no other request has, in this run or any other. */
export function nonce(): string {
  return `${run}-${(count += 1)}`
}

/** What one experiment works with; the connections it opens are added to the list. */
export function experiment(hop: Hop, target: Target, signal: AbortSignal, connections: Connection[]): Experiment {
  return {
    hop,
    target,
    signal,
    nonce,
    async connect(to = hop) {
      const opened = await connect(to.url, signal)
      connections.push(opened)
      return opened
    },
    async events(of, enough, wait) {
      if (!target.events) throw new Error("the clause reads the probe's events without saying that it needs them")
      return eventsOf(target.events, of, signal, enough, wait)
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
