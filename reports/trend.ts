import type { Machine } from './fingerprint.ts'
import type { GateVerdict } from './gate.ts'
import type { HistoryEntry, Middle } from './history.ts'
import { gatedMetrics, type GatedMetric } from './run.ts'

/** One gate or run on a line. */
export interface TrendPoint {
  readonly id: string
  readonly startedAt: string
  readonly commit: string | null
  /** Servers with their versions. */
  readonly servers: string
  /** The figure that was measured, of a gate the head's. */
  readonly figure: Middle
  /** Of gates: how the head differed from its base, as fractions. */
  readonly effect?: {
    readonly change: number
    readonly low: number | null
    readonly high: number | null
    readonly tolerance: number
    readonly verdict: GateVerdict
    readonly base: string
  }
}

/** A metric over time. */
export interface TrendLine {
  readonly metric: GatedMetric
  /** In the order of time. */
  readonly points: readonly TrendPoint[]
}

/** What may stand on one line: the same servers, application, request and setting, measured the same way. */
export interface TrendSeries {
  readonly title: string
  /** How it was set up. */
  readonly says: string
  readonly kind: 'gate' | 'run'
  readonly lines: readonly TrendLine[]
}

/** All that one machine was used for. No line leads from one machine to another. */
export interface MachineTrend {
  readonly machine: Machine
  /** Everything remembered of it, in the order of time. */
  readonly entries: readonly HistoryEntry[]
  readonly series: readonly TrendSeries[]
}

/** A history by machines, the one used last first. */
export function trendsOf(entries: readonly HistoryEntry[]): readonly MachineTrend[] {
  const machines = [...Map.groupBy(entries, ({ machine }) => machine.fingerprint).values()]
  const last = (some: readonly HistoryEntry[]): number => Math.max(...some.map((entry) => Date.parse(entry.startedAt)))
  return machines
    .sort((a, b) => last(b) - last(a))
    .map((own) => ({ machine: own[0]!.machine, entries: own, series: seriesOf(own) }))
}

/** A figure with the series it belongs to. */
interface Placed {
  readonly series: Omit<TrendSeries, 'lines'>
  readonly metric: GatedMetric
  readonly point: TrendPoint
}

function seriesOf(entries: readonly HistoryEntry[]): readonly TrendSeries[] {
  const placed = entries.flatMap((entry) => [...gated(entry), ...measured(entry)])
  return [...Map.groupBy(placed, ({ series }) => JSON.stringify(series)).values()].map((own) => ({
    ...own[0]!.series,
    lines: gatedMetrics.flatMap((metric) => {
      const points = own.filter((each) => each.metric === metric).map(({ point }) => point)
      return points.length === 0 ? [] : [{ metric, points }]
    }),
  }))
}

/** Versions may change along a line, and are told at its points; which server it is may not. */
const withoutVersion = (server: string): string => server.split(' ', 1)[0]!

const setting = ({ workers, threads, cpus }: HistoryEntry): string =>
  `${workers} ${workers === 1 ? 'worker' : 'workers'} of ${threads} ${threads === 1 ? 'thread' : 'threads'}, ${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'} for the servers`

function gated(entry: HistoryEntry): readonly Placed[] {
  const { id, startedAt, commit, gated: found } = entry
  if (found === undefined) return []
  const { topology, servers, application, path, base, metrics } = found
  const series = {
    title: `${application} in ${topology}, ${path}`,
    says: `${servers.map(withoutVersion).join(' → ')}, ${setting(entry)}`,
    kind: 'gate' as const,
  }
  return gatedMetrics.flatMap((metric) => {
    const known = metrics[metric]
    if (known === undefined) return []
    const { change, low, high, tolerance, verdict, head } = known
    const effect = { change, low, high, tolerance, verdict, base }
    return [{ series, metric, point: { id, startedAt, commit, servers: servers.join(' → '), figure: head, effect } }]
  })
}

function measured(entry: HistoryEntry): readonly Placed[] {
  const { id, startedAt, commit } = entry
  return entry.measured.flatMap(({ result, servers, workload, metrics }) => {
    const series = {
      title: `${workload} in ${result}`,
      says: `${servers.map(withoutVersion).join(' → ')}, ${setting(entry)}`,
      kind: 'run' as const,
    }
    return (['cpu', 'throughput', 'p50'] as const).flatMap((metric) => {
      const figure = metrics[metric]
      const point = { id, startedAt, commit, servers: servers.join(' → ') }
      return figure === undefined ? [] : [{ series, metric, point: { ...point, figure } }]
    })
  })
}
