import type { Figure } from '../figures.ts'
import { interpreterFindings } from '../interpreter.ts'
import type { ClientRow } from '../interpreter-clients.ts'
import type { Cost } from '../interpreter-cost.ts'
import type { Run } from '../run.ts'
import { clientsWord, contentWord, serversWord } from '../words/interpreter-names.ts'
import { microseconds, milliseconds, percent, perSecond } from '../words/quantities.ts'
import type { Bar, ChartDefinition } from './definitions.ts'

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
