import type { Figure, Multiple } from '../figures.ts'
import type { InterpreterFindings } from '../interpreter.ts'
import type { Cost } from '../interpreter-cost.ts'
import type { Scaled, Scaling } from '../interpreter-scaling.ts'
import { unknownPart, type ChapterPart } from './chapter.ts'
import { contentWord, scalingWord, serversWord } from './interpreter-names.ts'
import { microseconds, perSecond, plural, times } from './quantities.ts'
import { intervalText, ratioIntervalText } from './wording.ts'

/** What threads and what processes add, for requests that compute and for requests that wait. */
export function scalingPart({ scaling }: InterpreterFindings): ChapterPart {
  const id = 'interpreter-scaling'
  const title = 'Do more threads or more processes do more work?'
  const workloads = [...Map.groupBy(scaling, ({ workload }) => workload)]
  if (workloads.length === 0) return unknownPart(id, title, 'What threads and processes do is not known from this run.')
  return {
    id,
    title,
    answers: [workloads.map(([workload, each]) => `${scalingWord(workload)}: ${each.map(gain).join(', ')}.`).join(' ')],
    says: meaning(scaling),
    charts: [id],
    table: {
      title: 'Work of threads and of processes',
      head: ['Requests', 'By', 'How many', 'Throughput', 'Times the work of one', 'Valid'],
      rows: scaling.flatMap(({ workload, by, points }) =>
        points.map((point) => [
          workload,
          by,
          String(point.parallel),
          figureText(point.throughput, perSecond),
          point.parallel === 1 ? '1' : speedupText(point),
          validText(point),
        ]),
      ),
    },
  }
}

const last = ({ points }: Scaling): Scaled => points.at(-1)!

const gain = (each: Scaling): string =>
  `${last(each).parallel} ${each.by} did ${speedupText(last(each))} the work of one`

function speedupText({ speedup, counts }: Scaled): string {
  if (speedup === undefined) return 'an unknown part of'
  return `${multipleText(speedup)}${counts ? '' : ', not valid,'}`
}

const multipleText = ({ ratio, interval }: Multiple): string =>
  `${times(ratio)} (${interval === undefined ? 'one repeat, no interval' : ratioIntervalText(interval)})`

/** Above this ratio more than one thread is at work, whatever the noise. */
const several = 1.5

/** What the lock of the interpreter has to do with it, as far as the numbers show it. */
function meaning(all: readonly Scaling[]): readonly string[] {
  const [threads, processes] = (['threads', 'processes'] as const).map((by) => {
    const found = all.find((each) => each.workload === 'cpu' && each.by === by)
    return found !== undefined && last(found).counts
      ? { cpus: found.cpus, gained: last(found).speedup?.interval }
      : undefined
  })
  if (threads?.gained === undefined || processes?.gained === undefined) return []
  const cpus = plural(threads.cpus, 'CPU')
  if (threads.cpus === 1)
    return [
      'The servers had 1 CPU: on it neither threads nor processes can compute more, so nothing is shown about the interpreter’s lock.',
    ]
  if (threads.gained.low > several)
    return [
      `Threads computed at the same time on ${cpus}: this interpreter has no global lock, or its work lets go of it.`,
    ]
  if (processes.gained.low > threads.gained.high)
    return [
      `Threads of one process did not compute at the same time though there were ${cpus}: only one at a time holds the interpreter’s global lock (GIL). Processes have one each. Requests that wait let go of it, so threads serve them as processes do, for less memory.`,
    ]
  return [`On ${cpus} threads and processes are not told apart, so nothing is shown about the interpreter’s lock.`]
}

/** What a request costs the interpreter and the proxy. */
export function costPart({ costs }: InterpreterFindings): ChapterPart {
  const id = 'interpreter-cost'
  const title = 'What does a request cost the interpreter, and what the proxy?'
  if (costs.length === 0) return unknownPart(id, title, 'What a request costs each tier is not known from this run.')
  return {
    id,
    title,
    answers: [costs.map(costText).join(' ')],
    says: [],
    charts: [id],
    table: {
      title: 'CPU time per request',
      head: ['Requests', 'Servers', 'Interpreter', 'Proxy', 'Interpreter over proxy', 'Valid'],
      rows: costs.map((cost) => [
        contentWord(cost.workload),
        serversWord(cost.servers),
        figureText(cost.app, microseconds),
        figureText(cost.proxy, microseconds),
        cost.ratio === undefined ? '–' : multipleText(cost.ratio),
        validText(cost),
      ]),
    },
  }
}

/** Less than this is rounding: the interpreter was not asked. */
const nothing = 1

function costText({ workload, app, proxy, ratio, counts, because }: Cost): string {
  const what = contentWord(workload)
  const shown = counts ? '' : ` Not valid: ${because[0] ?? 'too few repeats'}.`
  if (app.middle < nothing)
    return `${what}: ${microseconds(proxy.middle)} of CPU time in the proxy, none in the interpreter.${shown}`
  const both = `${microseconds(app.middle)} of CPU time in the interpreter, ${microseconds(proxy.middle)} in the proxy`
  return `${what}: ${both}${ratio === undefined ? '' : `, ${multipleText(ratio)} as much`}.${shown}`
}

const figureText = ({ middle, interval }: Figure, format: (value: number) => string): string =>
  middle === 0 ? '0' : `${format(middle)} (${intervalText(interval, format)})`

const validText = ({ counts, valid, of, because }: Pick<Scaled, 'counts' | 'valid' | 'of' | 'because'>): string =>
  `${counts ? '' : 'not valid, '}${valid} of ${of}${because.length === 0 ? '' : `: ${because.join('; ')}`}`
