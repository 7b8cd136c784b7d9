import { createReadStream, readdirSync, readlinkSync } from 'node:fs'
import { setImmediate as immediate, setTimeout as delay } from 'node:timers/promises'
import { encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js'
import { firstAnswer } from '../generating/first-answer.ts'
import { nameless, start, unusable, type Program } from '../generating/program.ts'
import { microseconds } from '../generating/recorder.ts'
import type { Generator, Load, Recording } from './index.ts'

/** How often a window's connections are counted, the last time so many milliseconds before its end. */
const COUNTS = 10
const BEFORE_END = 20
/** What h2load says when it has opened its connections, and before it closes them. */
const STARTED = 'Main benchmark duration is started'
const OVER = 'Main benchmark duration is over'

/**
 * h2load of nghttp2, as a second opinion. It knows the status of each answer; of bodies only one is looked at beforehand. It never
 * replaces a connection that it lost and counts none, so its connections are counted here. A request without an answer is not
 * given up: its connection stands still. (With a limit it aborts: nghttp2 1.52.) The warm-up is a run of its own because
 * connections lost in one of h2load's would be missing afterwards, too.
 */
export default {
  name: 'h2load',
  title: 'h2load of nghttp2, HTTP/1.1, one thread',
  loops: ['closed'],
  refuses: ({ method, mix, slowClients, connection }) =>
    unusable('h2load', 'nghttp2-client') ??
    (method === 'HEAD' || mix || slowClients
      ? 'it sends nothing but one GET or POST'
      : connection === 'close'
        ? 'it does not stop while servers close connections'
        : undefined),
  async run(load, window, signal) {
    const refusal = unusable('h2load', 'nghttp2-client')
    if (refusal !== undefined) throw new Error(`${refusal}.`)
    const first = await firstAnswer(load, signal)
    if (first?.wrong !== undefined)
      throw new Error(`the first answer was wrong (${first.wrong}), and h2load does not look at the others as closely.`)
    if (first?.closes) throw new Error('it does not stop while servers close connections, as this one does.')

    using body = nameless('x'.repeat(load.uploadBytes ?? 0))
    using log = nameless()
    const { connections } = load.loop
    if (load.warmUpSeconds > 0)
      await start([...argvOf(load, load.warmUpSeconds), '--log-file=/dev/null'], [body.fd], signal).ended
    window.begin()
    const program = start([...argvOf(load, load.seconds), '--log-file=/dev/fd/4'], [body.fd, log.fd], signal)
    const [{ stdout, cpuSeconds }, open] = await Promise.all([program.ended, openAtLast(program, load)])
    window.end()
    const bytes = Number(/^traffic: \S+ \((\d+)\) total/m.exec(stdout)?.[1] ?? 0)
    return recordingOf(await answersIn(log.fd, load), load, { lost: connections - open, bytes, cpuSeconds })
  },
} satisfies Generator

function argvOf({ url, loop, uploadBytes }: Load, seconds: number): readonly string[] {
  return [
    ...['h2load', '--h1', '-t1', `-c${loop.connections}`, `--duration=${Math.round(seconds * 1e3)}ms`],
    ...(uploadBytes === undefined ? [] : ['--data=/dev/fd/3', '-H', 'Content-Type: application/octet-stream']),
    url,
  ]
}

/** How many connections h2load had when they were last counted before it closed them; all, when it was too soon over. */
async function openAtLast({ pid, said, ended }: Program, { seconds, loop }: Load): Promise<number> {
  const over = ended.catch(() => {})
  let open = loop.connections
  for (let count = 0; count < COUNTS; count++) {
    await Promise.race([delay((seconds * 1e3 - BEFORE_END) / COUNTS), over])
    const counted = socketsOf(pid)
    // This process may have got its CPU too late. What h2load said before is read by then.
    await immediate()
    if (counted === undefined || said().includes(OVER)) break
    if (said().includes(STARTED)) open = counted
  }
  return open
}

/** How many sockets a process has; its standard streams are some as well. Undefined when it has ended. */
function socketsOf(pid: number): number | undefined {
  const folder = `/proc/${pid}/fd`
  try {
    return readdirSync(folder).filter((fd) => Number(fd) > 2 && linkOf(`${folder}/${fd}`).startsWith('socket:')).length
  } catch {
    return undefined
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    // Closed since the folder was read.
    return ''
  }
}

/** What h2load's log says. */
interface Answers {
  readonly histogram: Histogram
  readonly kinds: ReadonlyMap<string, number>
  /** From the first request to the last answer, in seconds. */
  readonly seconds: number
}

/** Each line is an answer: when its request was sent, its status, how long it took; times are microseconds. */
async function answersIn(log: number, { expects }: Load): Promise<Answers> {
  const histogram = microseconds()
  const kinds = new Map<string, number>()
  let [first, last, rest] = [Infinity, 0, '']
  const chunks: AsyncIterable<string> = createReadStream('', {
    fd: log,
    start: 0,
    autoClose: false,
    encoding: 'latin1',
  })
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    for (const line of lines) {
      const [sentAt, status, took] = line.split('\t').map(Number) as [number, number, number]
      first = Math.min(first, sentAt)
      last = Math.max(last, sentAt + took)
      if (expects ? status === expects.status : status >= 200 && status <= 399) histogram.recordValue(Math.max(1, took))
      else kinds.set(`status ${status}`, (kinds.get(`status ${status}`) ?? 0) + 1)
    }
  }
  return { histogram, kinds, seconds: Math.max(0, last - first) / 1e6 }
}

function recordingOf(
  answers: Answers,
  load: Load,
  { lost, bytes, cpuSeconds }: { lost: number; bytes: number; cpuSeconds: number },
): Recording {
  const kinds = [...answers.kinds, ...(lost > 0 ? [['connection lost', lost] as const] : [])]
  // The timer that ends it may be late; the last answer may be early.
  const seconds = Math.max(load.seconds, answers.seconds)
  return {
    requests: answers.histogram.totalCount,
    errors: kinds.reduce((sum, [, count]) => sum + count, 0),
    errorKinds: Object.fromEntries(kinds),
    timeouts: 0,
    bytes,
    seconds,
    histogram: encodeIntoCompressedBase64(answers.histogram),
    cpuSeconds,
    // It has no event loop of Node's: busy is what used the CPU.
    eventLoopUtilization: Math.min(1, cpuSeconds / seconds),
  }
}
