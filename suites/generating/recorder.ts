import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js'
import type { Recording } from '../generators/index.ts'
import type { Expectation } from '../load/index.ts'

/**
 * What a generator tells as it goes. Times are milliseconds of this process's clock (`performance.now()`); `dueAt` is when
 * the request was to be sent, from which its latency counts.
 */
export interface Recorder {
  /** Opens the window: the warm-up is over. */
  begin(): void
  /** Closes it. */
  end(): void
  received(bytes: number): void
  connected(): void
  /** A complete response, which came at `now`: right or wrong is decided here. */
  answer(status: number, bodyBytes: number, dueAt: number, now: number, expects?: Expectation): void
  error(kind: string, dueAt: number): void
  timeout(dueAt: number): void
  /** An answer said when it was made; it is a hit when that was before it was asked for. */
  stamped(isHit: boolean, dueAt: number): void
  /** An open loop sent a request, or put it into the queue for a connection. */
  sent(dueAt: number, queued: boolean): void
  recording(): Recording
}

/** Which requests a window counts. */
export type Counting =
  /** Those that end in it, as a closed loop has to: what was asked before it is answered in it, and the other way round. */
  | { readonly by: 'end' }
  /** Those that are due in the given seconds, whenever they end: so an open loop loses none of them. */
  | { readonly by: 'due'; readonly from: number; readonly seconds: number }

/** How many kinds of errors a recording names. */
const KINDS = 10

/** Parts of a window that are recorded apart. */
const SLICES = 10

/** 3 significant digits: 1 µs up to 2 ms, then 0.1 %. It grows rather than lie about something slower than 60 s. */
export const microseconds = (): Histogram =>
  build({ highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3, autoResize: true })

/** Records one window of a generator that runs in this process, whose CPU time is therefore the generator's. */
export function createRecorder(
  expected: Expectation | undefined,
  seconds: number,
  counting: Counting = { by: 'end' },
): Recorder {
  const slices = Array.from({ length: SLICES }, microseconds)
  const lateness = microseconds()
  const kinds = new Map<string, number>()
  let open = false
  let [bytes, errors, timeouts, connects, completed, hits, stamped, due, queued] = [0, 0, 0, 0, 0, 0, 0, 0, 0]
  let [beganAt, endedAt, cpuSeconds, eventLoopUtilization] = [0, 0, 0, 0]
  let delayed: number | null = null
  let cpu = process.cpuUsage()
  let loop = performance.eventLoopUtilization()
  let waited = runDelay()
  if (counting.by === 'due') beganAt = counting.from

  /** The part of the window that a request belongs to; undefined outside it. */
  const sliceOf = (dueAt: number, now: number): Histogram | undefined => {
    if (counting.by === 'end' && !open) return undefined
    const at = Math.floor((((counting.by === 'due' ? dueAt : now) - beganAt) / (seconds * 1e3)) * SLICES)
    // A closed window ends when its timer fires, which is a little late.
    return slices[counting.by === 'end' ? Math.min(at, SLICES - 1) : at]
  }
  const counts = (dueAt: number): boolean => sliceOf(dueAt, beganAt) !== undefined

  const error = (kind: string, dueAt: number): void => {
    if (!counts(dueAt)) return
    errors += 1
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }

  return {
    begin() {
      cpu = process.cpuUsage()
      loop = performance.eventLoopUtilization()
      waited = runDelay()
      if (counting.by === 'end') beganAt = performance.now()
      open = true
    },
    end() {
      open = false
      endedAt = performance.now()
      eventLoopUtilization = performance.eventLoopUtilization(loop).utilization
      const { user, system } = process.cpuUsage(cpu)
      cpuSeconds = (user + system) / 1e6
      const waitedNow = runDelay()
      delayed = waited === null || waitedNow === null ? null : (waitedNow - waited) / ((endedAt - beganAt) / 1e3)
    },
    received(length) {
      if (open) bytes += length
    },
    connected() {
      if (open) connects += 1
    },
    answer(status, bodyBytes, dueAt, now, expects = expected) {
      const slice = sliceOf(dueAt, now)
      const isRight = expects ? status === expects.status : status >= 200 && status <= 399
      if (!isRight) error(`status ${status}`, dueAt)
      else if (expects?.bytes !== undefined && bodyBytes !== expects.bytes) error('wrong length', dueAt)
      else {
        slice?.recordValue(Math.max(1, Math.round((now - dueAt) * 1e3)))
        if (open) completed += 1
      }
    },
    error,
    timeout(dueAt) {
      if (counts(dueAt)) timeouts += 1
    },
    stamped(isHit, dueAt) {
      if (!counts(dueAt)) return
      stamped += 1
      if (isHit) hits += 1
    },
    sent(dueAt, isQueued) {
      if (!counts(dueAt)) return
      due += 1
      if (isQueued) queued += 1
      lateness.recordValue(Math.max(0, Math.round((performance.now() - dueAt) * 1e3)))
    },
    recording() {
      const histogram = microseconds()
      for (const slice of slices) histogram.add(slice)
      return {
        requests: histogram.totalCount,
        errors,
        errorKinds: mostFrequent(kinds),
        timeouts,
        bytes,
        seconds: (endedAt - beganAt) / 1e3,
        histogram: encodeIntoCompressedBase64(histogram),
        cpuSeconds,
        eventLoopUtilization,
        completed,
        connects,
        delayed,
        ...(stamped > 0 ? { stamped: { answers: stamped, hits } } : {}),
        slices: slices.map((slice) => encodeIntoCompressedBase64(slice)),
        ...(counting.by === 'due' ? { schedule: { due, queued, lateness: encodeIntoCompressedBase64(lateness) } } : {}),
      }
    },
  }
}

/** Seconds for which this thread has been ready to run without a CPU (proc(5), schedstat); null where unknown. */
function runDelay(): number | null {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'latin1').split(' ')[1]) / 1e9
  } catch {
    return null
  }
}

/** The kinds of errors that a recording names, with counts: the most frequent ones. */
export const mostFrequent = (kinds: ReadonlyMap<string, number>): Readonly<Record<string, number>> =>
  Object.fromEntries([...kinds].sort(([, a], [, b]) => b - a).slice(0, KINDS))
