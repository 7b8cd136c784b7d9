import { fileURLToPath } from 'node:url'
import { encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import { firstAnswer } from '../generating/first-answer.ts'
import { intervalOf, withoutInvented } from '../generating/invented.ts'
import { start, unusable } from '../generating/program.ts'
import { microseconds } from '../generating/recorder.ts'
import type { Generator, Load, Recording } from './index.ts'

const SCRIPT = fileURLToPath(new URL('../generating/wrk.lua', import.meta.url))

/** What the script writes at the end. */
interface Written {
  readonly microseconds: number
  readonly requests: number
  readonly bytes: number
  readonly connect: number
  readonly read: number
  readonly write: number
  readonly status: number
  readonly late: number
  readonly latencies: readonly (readonly [number, number])[]
}

/**
 * wrk 4, as a second opinion. It runs for whole seconds only. It does not look at bodies, nor at statuses up to 399: one answer
 * is looked at beforehand. The latencies of answers with other statuses are among the others. Time spent connecting is in none
 * of them, so that Little's law does not hold where servers close connections. A request without an answer is not given up:
 * its connection stands still.
 */
export default {
  name: 'wrk',
  title: 'wrk 4, one thread',
  loops: ['closed'],
  refuses: ({ method, mix, slowClients, expects }) =>
    unusable('wrk', 'wrk') ??
    (method === 'HEAD' || mix || slowClients
      ? 'it sends nothing but one GET or POST'
      : expects && expects.status > 399
        ? `it takes status ${expects.status} for an error`
        : undefined),
  async run(load, window, signal) {
    const refusal = unusable('wrk', 'wrk')
    if (refusal !== undefined) throw new Error(`${refusal}.`)
    const first = await firstAnswer(load, signal)
    if (first?.wrong !== undefined)
      throw new Error(`the first answer was wrong (${first.wrong}), and wrk does not look at the others as closely.`)

    if (load.warmUpSeconds > 0) await start(argvOf(load, load.warmUpSeconds), [], signal).ended
    window.begin()
    const { stdout, cpuSeconds } = await start(argvOf(load, load.seconds), [], signal).ended
    window.end()
    // The script's line comes last; its form is the script's.
    const written = JSON.parse(stdout.slice(stdout.lastIndexOf('\n{'))) as Written
    return recordingOf(written, load.loop.connections, cpuSeconds)
  },
} satisfies Generator

function argvOf({ url, loop, timeoutSeconds, connection, uploadBytes }: Load, seconds: number): readonly string[] {
  return [
    ...[
      'wrk',
      '-t1',
      `-c${loop.connections}`,
      `-d${Math.ceil(seconds)}s`,
      '--timeout',
      `${Math.ceil(timeoutSeconds)}s`,
    ],
    ...['-s', SCRIPT, ...(connection === 'close' ? ['-H', 'Connection: close'] : []), url],
    ...(uploadBytes === undefined ? [] : ['--', `${uploadBytes}`]),
  ]
}

function recordingOf(written: Written, connections: number, cpuSeconds: number): Recording {
  const { requests, bytes, connect, read, write, status, late } = written
  const interval = intervalOf(written.microseconds, requests, connections)
  const histogram = microseconds()
  for (const [value, count] of withoutInvented(new Map(written.latencies), interval))
    if (count > 0) histogram.recordValueWithCount(Math.max(1, value), count)
  const kinds = {
    'not connected': connect,
    'connection lost while reading': read,
    'connection lost while writing': write,
    'status above 399': status,
  }
  const seconds = written.microseconds / 1e6
  return {
    requests: requests - status - late,
    errors: connect + read + write + status,
    errorKinds: Object.fromEntries(Object.entries(kinds).filter(([, count]) => count > 0)),
    timeouts: late,
    bytes,
    seconds,
    histogram: encodeIntoCompressedBase64(histogram),
    cpuSeconds,
    // It has no event loop of Node's: busy is what used the CPU.
    eventLoopUtilization: Math.min(1, cpuSeconds / seconds),
  }
}
