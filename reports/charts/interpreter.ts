import { interpreterFindings, type InterpreterFindings } from '../interpreter.ts'
import type { ClientRow } from '../interpreter-clients.ts'
import type { Cost } from '../interpreter-cost.ts'
import type { Weight } from '../interpreter-memory.ts'
import type { Scaling } from '../interpreter-scaling.ts'
import type { Figure } from '../figures.ts'
import type { Run } from '../run.ts'
import { clientsWord, contentWord, scalingWord, serversWord } from '../words/interpreter-names.ts'
import { mebibytes, microseconds, milliseconds, percent, perSecond } from '../words/quantities.ts'
import type { Bar, ChartDefinition } from './definitions.ts'
import type { Line, LineChart, LinePoint } from './lines.ts'

const MiB = 1024 ** 2

/** The study's charts of lines: memory over workers, and work over threads and processes. */
export function interpreterLines(run: Run): readonly LineChart[] {
  const found = interpreterFindings(run)
  if (found === undefined) return []
  return [...memory(found), ...scaling(found)]
}

/** The study's charts of bars: what a request costs, and which kinds of workers still answer. */
export function interpreterBars(run: Run): readonly ChartDefinition[] {
  const found = interpreterFindings(run)
  if (found === undefined) return []
  return [
    ...costs(found.costs),
    ...clients(found.clients, 'throughput', 'Which workers still answer', 'right responses per second', {
      of: ({ throughput }) => throughput,
      format: perSecond,
    }),
    ...clients(found.clients, 'p99', 'How long answers take', '99th percentile of response time in milliseconds', {
      of: ({ p99 }) => p99,
      format: milliseconds,
    }),
  ]
}

function memory({ memory: weights, study }: InterpreterFindings): readonly LineChart[] {
  const drawn = weights.filter(({ points }) => points.length > 0)
  if (drawn.length === 0) return []
  const applications = [...new Set(drawn.map(({ application }) => application))]
  const several = new Set(drawn.map(({ server }) => server)).size > 1
  const line = (weight: Weight): Line => ({
    name: [
      weight.application,
      ...(weight.preloaded ? ['preloaded'] : []),
      ...(several ? [weight.server] : []),
      ...(weight.line === undefined ? [] : [`+${mebibytes(weight.line.worker)} per worker`]),
    ].join(', '),
    hue: applications.indexOf(weight.application),
    dashed: weight.preloaded,
    points: weight.points.map(({ workers, middle, interval }) => ({
      x: workers,
      y: middle / MiB,
      low: interval === undefined ? null : interval.low / MiB,
      high: interval === undefined ? null : interval.high / MiB,
      valid: true,
    })),
  })
  const alone = study.interpreterPssBytes
  const guides =
    alone === null ? [] : [{ along: 'y' as const, at: alone / MiB, text: `one interpreter alone: ${mebibytes(alone)}` }]
  const workers = [...new Set(drawn.flatMap(({ points }) => points.map((point) => point.workers)))].sort(
    (a, b) => a - b,
  )
  return [
    {
      name: 'interpreter-memory',
      title: 'How much memory does each further worker take?',
      subtitle:
        'A colour for each application. Dashed: loaded once, before the workers are forked. Whiskers: 95 % intervals.',
      x: { title: 'workers', scale: 'linear', ticks: workers },
      y: { title: 'MiB of all processes (PSS)', scale: 'linear' },
      panels: [{ title: 'Memory', lines: drawn.map(line), guides }],
    },
  ]
}

function scaling({ scaling: all }: InterpreterFindings): readonly LineChart[] {
  if (all.length === 0) return []
  const counts = [...new Set(all.flatMap(({ points }) => points.map(({ parallel }) => parallel)))].sort((a, b) => a - b)
  const workloads = [...new Set(all.map(({ workload }) => workload))]
  const { cpus } = all[0]!
  const ideal: Line = {
    name: 'ideal',
    hue: 0,
    dashed: false,
    reference: true,
    points: counts.map((count) => ({ x: count, y: count, low: null, high: null, valid: true })),
  }
  const line = ({ by, points }: Scaling): Line => {
    const last = points.at(-1)?.speedup
    return {
      name: last === undefined ? by : `${by} ${last.ratio.toFixed(1)}×`,
      hue: by === 'threads' ? 1 : 0,
      dashed: false,
      points: points.map(({ parallel, speedup, counts: valid }): LinePoint => ({
        x: parallel,
        y: speedup?.ratio ?? null,
        low: speedup?.interval?.low ?? null,
        high: speedup?.interval?.high ?? null,
        valid,
      })),
    }
  }
  return [
    {
      name: 'interpreter-scaling',
      title: 'Do more threads or more processes do more work?',
      subtitle:
        'Throughput against one thread in one process. Whiskers: 99 % intervals of the ratio. Hollow: not valid.',
      x: { title: 'threads in one process, or processes of one thread', scale: 'log', ticks: counts },
      y: { title: 'times the work of one', scale: 'log', ticks: [0.25, 0.5, ...counts], suffix: '×' },
      panels: workloads.map((workload) => ({
        title: scalingWord(workload),
        lines: [ideal, ...all.filter((each) => each.workload === workload).map(line)],
        guides:
          workload === 'cpu'
            ? [
                {
                  along: 'x' as const,
                  at: cpus,
                  text: cpus === 1 ? 'the servers had 1 CPU' : `the servers had ${cpus} CPUs`,
                },
              ]
            : [],
      })),
    },
  ]
}

const bar = (
  figure: Figure | undefined,
  format: (value: number) => string,
  {
    counts,
    nothing = 'nothing answered in time',
    note = 'not valid',
  }: { counts: boolean; nothing?: string; note?: string },
): Bar =>
  figure === undefined
    ? { value: null, low: null, high: null, text: nothing, valid: false }
    : {
        value: figure.middle,
        low: figure.interval?.low ?? null,
        high: figure.interval?.high ?? null,
        text: counts ? format(figure.middle) : `${format(figure.middle)}, ${note}`,
        valid: counts,
      }

function costs(all: readonly Cost[]): readonly ChartDefinition[] {
  if (all.length === 0) return []
  const none: Bar = { value: null, low: null, high: null, text: '', valid: true }
  const bars = all.flatMap((cost) => [
    { row: `${contentWord(cost.workload)}: interpreter`, key: 'app', bar: bar(cost.app, microseconds, cost) },
    { row: `${contentWord(cost.workload)}: proxy`, key: 'proxy', bar: bar(cost.proxy, microseconds, cost) },
  ])
  const series = (key: 'app' | 'proxy', name: string) => ({
    name,
    key,
    bars: bars.map((each) => (each.key === key ? each.bar : none)),
  })
  const { servers } = all[0]!
  return [
    {
      name: 'interpreter-cost',
      title: 'What a request costs the interpreter, and what the proxy',
      unit: 'microseconds of CPU time per request',
      rows: bars.map(({ row }) => row),
      stacked: true,
      panels: [
        {
          workload: 'cost',
          title: serversWord(servers),
          series: [series('app', 'interpreter'), series('proxy', 'proxy')],
          totals: bars.map((each) => each.bar),
        },
      ],
    },
  ]
}

/** A panel for each kind of clients, a row for each kind of workers. */
function clients(
  all: readonly ClientRow[],
  name: string,
  title: string,
  unit: string,
  measure: { of(row: ClientRow): Figure | undefined; format(value: number): string },
): readonly ChartDefinition[] {
  if (all.length === 0) return []
  const kinds = [...new Set(all.map(({ servers }) => serversWord(servers)))]
  const missing: Bar = { value: null, low: null, high: null, text: 'not measured', valid: false }
  const panel = (workload: string) => ({
    workload,
    title: clientsWord(workload),
    series: [
      {
        name: 'Median of the repeats',
        key: 'one',
        bars: kinds.map((kind) => {
          const row = all.find((each) => each.workload === workload && serversWord(each.servers) === kind)
          const note = row !== undefined && row.lost >= 0.01 ? `${percent(row.lost)} lost` : 'not valid'
          return row === undefined ? missing : bar(measure.of(row), measure.format, { counts: row.counts, note })
        }),
      },
    ],
  })
  const workloads = [...new Set(all.map(({ workload }) => workload))]
  return [
    { name: `interpreter-clients-${name}`, title, unit, rows: kinds, stacked: false, panels: workloads.map(panel) },
  ]
}
