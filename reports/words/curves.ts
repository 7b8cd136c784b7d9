import { curves, fewestPoints, type Curve, type CurvePoint, type Knee } from '../curves.ts'
import type { Run } from '../run.ts'
import { fewestForBootstrap, median } from '../statistics.ts'
import { chapterInShort, type Chapter, type ChapterPart } from './chapter.ts'
import { milliseconds, number, perSecond, plural, times } from './quantities.ts'
import { intervalText } from './wording.ts'

/** The curves of a sweep as a chapter; undefined for a run without one. */
export function curvesChapter(run: Run): Chapter | undefined {
  const all = curves(run)
  if (all.length === 0) return undefined
  const workloads = [...Map.groupBy(all, ({ workload }) => workload).values()]
  return {
    id: 'curves',
    title: 'How throughput and response time grow with load',
    inShort: 'Curves',
    problems: [],
    parts: workloads.map(part),
    limitsTitle: 'What these curves do not mean',
    limits: limits(run, all),
  }
}

/** The curves for a terminal: a sentence for each. */
export const curvesInShort = (run: Run): readonly string[] => chapterInShort(curvesChapter(run))

/** Where the knee of a curve is, how sure that is, and what one gets there. */
export function kneeText(curve: Curve): string {
  const { name, knee, points } = curve
  if (knee === undefined)
    return `${name}: no knee to be told, ${plural(points.filter(({ counts }) => counts).length, 'load')} of ${points.length} ${points.length === 1 ? 'is' : 'are'} valid and it takes ${fewestPoints}.`
  const { point, end } = knee
  const there = `${perSecond(point.throughput.middle)} with ${milliseconds(point.p50?.middle ?? Number.NaN)} at the median`
  if (end === 'first' && curve.loop === 'closed' && point.load === 1)
    return `${name}: knee at 1 connection, the fewest there can be: ${there}. Further connections mostly wait.`
  if (end === 'first')
    return `${name}: the sweep does not reach down to the knee. It is at ${loadText(curve, point)} or below: ${there}. Ask for lower loads, for instance ${asking(curve, [point.load / 4, point.load / 2])}.`
  const beyond = points.find(({ load }) => load > point.load)
  if (end === 'last' && beyond !== undefined)
    return `${name}: the knee is at ${loadText(curve, point)} or beyond: ${there}. Higher loads are not valid: ${beyond.because[0] ?? 'too few repeats'}.`
  if (end === 'last')
    return `${name}: the sweep does not reach the knee. It is at ${loadText(curve, point)} or beyond: ${there}. Ask for higher loads, for instance ${asking(curve, [point.load * 2, point.load * 4])}.`
  return `${name}: knee at ${loadText(curve, point)} (${sureText(knee)}): ${there}.`
}

const loadText = ({ loop }: Curve, { load }: CurvePoint): string =>
  loop === 'closed'
    ? `${load.toLocaleString('en')} ${load === 1 ? 'connection' : 'connections'}`
    : `${perSecond(load)} asked for`

function asking({ loop, points }: Curve, further: readonly number[]): string {
  const asked = further.map((load) => Math.max(1, Math.round(load)))
  const loads = [...new Set([...points.map(({ load }) => load), ...asked])].sort((a, b) => a - b)
  return `--sweep ${loop === 'closed' ? 'connections' : 'rate'}=${loads.join(',')}`
}

function sureText({ within }: Knee): string {
  if (within === undefined) return 'from one repeat, so how sure is not known'
  const { low, high } = within
  return low === high
    ? 'in at least 95 % of resamples'
    : `${low.toLocaleString('en')} to ${high.toLocaleString('en')} in 95 % of resamples`
}

function part(all: readonly Curve[]): ChapterPart {
  const { workload, loop } = all[0]!
  return {
    id: `curve-${workload.name}`,
    title: `${workload.title} under growing load`,
    answers: all.map((curve) => `${workload.name}, ${kneeText(curve)}`),
    says: all.flatMap((curve) => {
      const more = [mostText(curve), crossingText(curve)].filter(Boolean)
      return more.length === 0 ? [] : [`${curve.name}: ${more.join(' ')}`]
    }),
    charts: [`curve-${workload.name}`, `curve-${workload.name}-response`],
    table: {
      title: `${workload.title}: every load`,
      head: [
        'Topology',
        loop === 'closed' ? 'Connections' : 'Asked for',
        'Throughput',
        'Median',
        'p99',
        'Power',
        'Valid',
      ],
      rows: all.flatMap((curve) => curve.points.map((point) => row(curve, point))),
    },
  }
}

/** What loads beyond the knee still gain, and at what price. */
function mostText(curve: Curve): string {
  const { most, knee } = curve
  if (most === undefined) return ''
  const highest = `at most ${figureText(most.throughput, perSecond)} at ${loadText(curve, most)}`
  if (knee === undefined || most === knee.point || !most.p50 || !knee.point.p50) return `${highest}.`
  const gain = times(most.throughput.middle / knee.point.throughput.middle)
  return `${highest}: ${gain} the knee’s, for ${times(most.p50.middle / knee.point.p50.middle)} its median response time.`
}

function crossingText({ crossing }: Curve): string {
  if (crossing === undefined) return ''
  const { middle, within } = crossing
  const sure = within === undefined ? '' : ` (${number(within.low)} – ${number(within.high)})`
  return `Its asymptotes cross at ${number(middle)} connections${sure}: with more, some must wait.`
}

const figureText = (figure: CurvePoint['p50'], format: (value: number) => string): string =>
  figure === undefined ? '–' : `${format(figure.middle)} (${intervalText(figure.interval, format)})`

function row(curve: Curve, point: CurvePoint): readonly string[] {
  const greatest = curve.knee === undefined ? undefined : median([...curve.knee.point.powers])
  const power = point.powers.length === 0 ? undefined : median([...point.powers])
  const because = point.because.length === 0 ? '' : `: ${point.because.join('; ')}`
  return [
    curve.name,
    `${curve.loop === 'closed' ? point.load.toLocaleString('en') : perSecond(point.load)}${point === curve.knee?.point ? ' (knee)' : ''}`,
    figureText(point.throughput, perSecond),
    figureText(point.p50, milliseconds),
    figureText(point.p99, milliseconds),
    power === undefined || greatest === undefined ? '–' : `${Math.round((power / greatest) * 100)} %`,
    `${point.counts ? '' : 'not valid, '}${point.valid} of ${point.of}${because}`,
  ]
}

function limits(run: Run, all: readonly Curve[]): readonly string[] {
  const closed = all.some(({ loop }) => loop === 'closed')
  const open = all.some(({ loop }) => loop === 'open')
  const fewest = Math.min(...all.flatMap(({ points }) => points.map((point) => point.of)))
  return [
    'The knee is the load of greatest power, throughput over mean response time (Kleinrock 1979; Gail and Kleinrock 1981): up to it throughput grows faster than response time, beyond it slower. It is a rule of thumb, not a limit: who may wait longer can go on.',
    `How sure the knee is comes from drawing the repeats of each load anew 1000 times.${fewest < fewestForBootstrap ? ` With ${plural(fewest, 'repeat')} for each load that promises too much: take neighbouring loads for possible as well.` : ''}`,
    ...(closed
      ? [
          'Asymptotes are the response time of one connection and the highest throughput (Denning and Buzen 1978); with fewer connections than where they cross, nobody need wait.',
          'Connections are not users: each asks again as soon as it is answered, without a pause.',
        ]
      : []),
    ...(open
      ? ['At a rate that servers cannot keep, response time says how long the window was; such points are not valid.']
      : []),
    'What is hollow in a chart is not valid, for the reason in the table, and takes part in nothing.',
    `Every curve holds for ${plural(run.placement.services.length, 'CPU')} of this machine, over loopback or a private network.`,
  ]
}
