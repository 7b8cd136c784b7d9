import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { seeded } from '../../reports/statistics.ts'
import { addressOf } from '../generating/address.ts'
import { closedLoop } from '../generating/closed-loop.ts'
import type { Shared } from '../generating/connection.ts'
import { dueTimes, openLoop } from '../generating/open-loop.ts'
import { createRecorder, type Recorder } from '../generating/recorder.ts'
import { requestsOf } from '../generating/requests.ts'
import { rememberingHeadReader } from '../generating/response-head.ts'
import { slowClients } from '../generating/slow-clients.ts'
import type { Generator, Load } from './index.ts'

type Edges = Parameters<Generator['run']>[1]

/**
 * The lab's own generator. Closed loops: one request in flight on each connection. Open loops: requests are due at even
 * intervals whatever becomes of the others, and latency counts from when each was due (G. Tene, "How NOT to measure latency",
 * 2013; Schroeder et al., "Open versus closed", NSDI 2006).
 */
export default {
  name: 'pacer',
  title: 'pacer, the lab’s own',
  loops: ['closed', 'open'],
  splits: true,
  async run(load, window, signal) {
    const url = new URL(load.url)
    const address = await addressOf(url, signal)
    const beside = load.slowClients && slowClients(address, url.host, load.slowClients)
    const shared = (recorder: Recorder): Shared => ({
      address,
      recorder,
      room: Buffer.allocUnsafeSlow(64 * 1024),
      heads: rememberingHeadReader(),
      keepsAlive: false,
      closesSilently: false,
    })
    try {
      return await (load.loop.kind === 'open'
        ? open(load, shared, window, signal)
        : closed(load, shared, window, signal))
    } finally {
      beside?.stop()
    }
  },
} satisfies Generator

async function closed(load: Load, shared: (recorder: Recorder) => Shared, window: Edges, signal: AbortSignal) {
  const { loop, warmUpSeconds, seconds, timeoutSeconds, expects, connection, share } = load
  const recorder = createRecorder(expects, seconds)
  const { index, of } = share ?? { index: 0, of: 1 }
  // The first of several processes take what cannot be shared evenly.
  const connections = Math.floor((loop.connections + of - 1 - index) / of)
  const how = { connections, timeoutSeconds, perRequest: connection === 'close' }
  const running = closedLoop(shared(recorder), requestsOf(load), how)
  try {
    await delay(warmUpSeconds * 1e3, undefined, { signal })
    recorder.begin()
    window.begin()
    await delay(seconds * 1e3, undefined, { signal })
    recorder.end()
    window.end()
  } finally {
    running.stop()
  }
  return recorder.recording()
}

async function open(load: Load, shared: (recorder: Recorder) => Shared, window: Edges, signal: AbortSignal) {
  const { loop, warmUpSeconds, seconds, timeoutSeconds, expects, connection, share } = load
  if (loop.kind !== 'open') throw new Error('it is no open loop')
  const { index, of } = share ?? { index: 0, of: 1 }
  const every = 1e3 / loop.rate
  const now = performance.now()
  const [start, from] = [now + index * every, now + warmUpSeconds * 1e3]
  const until = from + seconds * 1e3
  const recorder = createRecorder(expects, seconds, { by: 'due', from, seconds })
  const edges = [
    delay(from - now, undefined, { signal }).then(() => {
      recorder.begin()
      window.begin()
    }),
    delay(until - now, undefined, { signal }).then(() => {
      recorder.end()
      window.end()
    }),
  ]
  await Promise.all([
    ...edges,
    openLoop(
      shared(recorder),
      requestsOf(load),
      { until, due: dueTimes(loop.arrivals, start, every * of, seeded(load.seed ?? 1)) },
      { connections: Math.ceil(loop.connections / of), timeoutSeconds, perRequest: connection === 'close' },
    ),
  ])
  return recorder.recording()
}
