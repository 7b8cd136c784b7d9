import { performance } from 'node:perf_hooks'
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import type { Load, Recording } from '../generators/index.ts'

/** What a generator tells as it goes. Nothing counts but what ends inside the window. */
export interface Recorder {
  /** Opens the window: the warm-up is over. */
  begin(): void
  /** Closes it. */
  end(): void
  received(bytes: number): void
  /** A complete response: right or wrong is decided here. `milliseconds` since the request was intended. */
  answer(status: number, bodyBytes: number, milliseconds: number): void
  error(kind: string): void
  timeout(): void
  recording(): Recording
}

/** How many kinds of errors a recording names. */
const KINDS = 10

/** Records one window of a generator that runs in this process, whose CPU time is therefore the generator's. */
export function createRecorder(expects: Load['expects']): Recorder {
  // 3 significant digits: 1 µs up to 2 ms, then 0.1 %. It grows rather than lie about something slower than 60 s.
  const histogram = build({ highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3, autoResize: true })
  const kinds = new Map<string, number>()
  let open = false
  let [bytes, errors, timeouts] = [0, 0, 0]
  let [beganAt, seconds, cpuSeconds, eventLoopUtilization] = [0, 0, 0, 0]
  let cpu = process.cpuUsage()
  let loop = performance.eventLoopUtilization()

  const error = (kind: string): void => {
    if (!open) return
    errors += 1
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }

  return {
    begin() {
      cpu = process.cpuUsage()
      loop = performance.eventLoopUtilization()
      beganAt = performance.now()
      open = true
    },
    end() {
      open = false
      seconds = (performance.now() - beganAt) / 1e3
      eventLoopUtilization = performance.eventLoopUtilization(loop).utilization
      const { user, system } = process.cpuUsage(cpu)
      cpuSeconds = (user + system) / 1e6
    },
    received(length) {
      if (open) bytes += length
    },
    answer(status, bodyBytes, milliseconds) {
      if (!open) return
      if (expects ? status !== expects.status : status < 200 || status > 399) error(`status ${status}`)
      else if (expects?.bytes !== undefined && bodyBytes !== expects.bytes) error('wrong length')
      else histogram.recordValue(Math.max(1, Math.round(milliseconds * 1e3)))
    },
    error,
    timeout() {
      if (open) timeouts += 1
    },
    recording: () => ({
      requests: histogram.totalCount,
      errors,
      errorKinds: Object.fromEntries([...kinds].sort(([, a], [, b]) => b - a).slice(0, KINDS)),
      timeouts,
      bytes,
      seconds,
      histogram: encodeIntoCompressedBase64(histogram),
      cpuSeconds,
      eventLoopUtilization,
    }),
  }
}
