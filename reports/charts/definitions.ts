import { comparedWorkloads, standingsOf, type Standing } from '../answer.ts'
import { cpu, memory, p50, p90, p99, repeatsOf, throughput, type Measure } from '../measures.ts'
import { resultNames } from '../names.ts'
import { fewestRepeats, median, spread } from '../statistics.ts'
import { standingText } from '../words/wording.ts'
import type { Measurement, Result, Run } from '../run.ts'

/** A bar: its value in the chart's unit (null where nothing is known), its 95 % interval, and what is written at its end. */
export interface Bar {
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
  readonly text: string
  /** False is drawn hatched: shown, compared with nothing. */
  readonly valid: boolean
}

/** Bars of one colour, one per row. `name` is shown in the legend, `names` in the bars where they differ. */
interface Series {
  readonly name: string
  readonly key: string
  readonly bars: readonly Bar[]
}

/** The bars of one workload. */
export interface Panel {
  readonly workload: string
  readonly title: string
  readonly series: readonly Series[]
  /** Ends of stacked bars, one per row. */
  readonly totals?: readonly Bar[]
}

/** A chart as data, before anything is drawn: the same for pictures, the page and its tables. */
export interface ChartDefinition {
  /** File name without ending. Bars of `latency` need more room. */
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly rows: readonly string[]
  readonly stacked: boolean
  readonly panels: readonly Panel[]
}

const percentiles = [p50, p90, p99]
const roles = ['cache', 'balancer', 'proxy', 'app'] as const

/**
 * The run's charts: throughput, latency percentiles, CPU per request and memory per tier, a panel per workload. None
 * where nothing was to be measured.
 */
export function chartDefinitions(run: Run): readonly ChartDefinition[] {
  const workloads = comparedWorkloads(run)
  if (workloads.length === 0) return []
  const rows = [...resultNames(run).values()]
  const chart = (
    name: ChartDefinition['name'],
    title: string,
    unit: string,
    panel: (workload: string) => Pick<Panel, 'series' | 'totals'>,
  ): ChartDefinition => {
    const panels = workloads.map((workload) => ({
      workload: workload.name,
      title: workload.title,
      ...panel(workload.name),
    }))
    return { name, title, unit, rows, stacked: panels.some(({ totals }) => totals !== undefined), panels }
  }
  return [
    chart('throughput', 'Throughput', 'right responses per second', (workload) => ({
      series: [{ name: 'Median of the repeats', key: 'one', bars: bars(run, workload, throughput) }],
    })),
    chart('latency', 'Latency', `milliseconds${closed(run) ? ', closed loop' : ''}`, (workload) => ({
      series: percentiles.map((measure) => ({
        name: measure.name,
        key: measure.name,
        bars: bars(run, workload, measure),
      })),
    })),
    chart('cpu', 'CPU per request', 'microseconds of CPU time, by tier', (workload) => ({
      series: tiers(run, workload, (tier) => tier.cpuMicrosecondsPerRequest),
      totals: bars(run, workload, cpu),
    })),
    chart('memory', 'Memory', 'MiB of proportional set size, by tier', (workload) => ({
      series: tiers(run, workload, (tier) => tier.pssBytes, 1024 ** 2),
      totals: bars(run, workload, memory, 1024 ** 2),
    })),
  ]
}

const closed = ({ results }: Run): boolean =>
  results.every(({ measurements }) => measurements.every(({ loop }) => loop.kind === 'closed'))

/** One bar per result, in the run's order. */
function bars(run: Run, workload: string, measure: Measure, divisor = 1): readonly Bar[] {
  return standingsOf(run, workload, measure).map((standing) => bar(standing, measure, divisor))
}

function bar(standing: Standing, measure: Measure, divisor: number): Bar {
  if (standing.kind === 'missing') return { value: null, low: null, high: null, text: standing.because, valid: false }
  const { low, high } = standing.interval ?? { low: null, high: null }
  // Spelled out, because fonts made for text lack the sign.
  const text = standingText(standing, measure).replace('≥', 'at least')
  return {
    value: standing.middle / divisor,
    low: low === null ? null : low / divisor,
    high: high === null ? null : high / divisor,
    text,
    valid: standing.kind === 'ranked',
  }
}

/** One series per role, so that a role has one colour whatever fills it. */
function tiers(
  run: Run,
  workload: string,
  of: (tier: Measurement['usage'][number]) => number | null,
  divisor = 1,
): readonly Series[] {
  const figure = (result: Result, role: string): Pick<Bar, 'value' | 'low' | 'high'> => {
    const repeats = repeatsOf(result, workload)
    const valid = repeats.filter(({ validity }) => validity.valid)
    const values = (valid.length > 0 ? valid : repeats).flatMap(({ usage }) => {
      const known = usage.filter((tier) => tier.role === role).map(of)
      // A stack that lacks a tier would look like a small one.
      return known.length === 0 || usage.map(of).includes(null)
        ? []
        : [known.reduce<number>((sum, each) => sum + (each ?? 0), 0)]
    })
    const { low, high } = spread(values, run.seed) ?? { low: null, high: null }
    const scaled = (of: number | null): number | null => (of === null ? null : of / divisor)
    return { value: values.length === 0 ? null : median(values) / divisor, low: scaled(low), high: scaled(high) }
  }
  return roles
    .map((role) => ({
      name: role,
      key: role,
      bars: run.results.map((result) => ({
        ...figure(result, role),
        text: result.tiers
          .filter((tier) => tier.role === role)
          .map(({ title }) => title)
          .join(', '),
        valid: repeatsOf(result, workload).filter(({ validity }) => validity.valid).length >= fewestRepeats,
      })),
    }))
    .filter(({ bars }) => bars.some(({ value }) => value !== null))
}
