import type { TopologyModel } from '../planning/planned.ts'
import type { LoadPoint, Run } from '../run.ts'
import { averageOf, calmRounds } from '../planning/points.ts'
import { when } from '../words/heading.ts'
import { repeatCommand } from '../words/commands.ts'
import { planText } from '../words/plan.ts'
import { plural } from '../words/quantities.ts'
import type { Line, LineChart, LinePoint } from './line-chart.ts'
import { logTicks } from './curves.ts'

/** Loads at which a predicted line is drawn, from one connection on. */
const STEPS = 24

/** What the model predicts of each topology as it was measured, with the measured points on it; empty where there is no plan. */
export function planCharts(run: Run): readonly LineChart[] {
  const text = planText(run)
  if (text === undefined || text.planned.models.length === 0) return []
  const { models } = text.planned
  const lines = models.flatMap((model, hue) => linesOf(model, run.plan!.fitted, hue))
  const times = lines.flatMap(({ points }) => points.flatMap(({ y }) => y ?? []))
  const size = `${plural(run.workersPerServer, 'worker')} of ${plural(run.threadsPerWorker, 'thread')}, ${plural(run.placement.services.length, 'CPU')}`
  return [
    {
      name: 'plan-curves',
      title: 'How long answers take as more are given',
      about: `(run ${run.id})`,
      subtitle: `Lines: predicted for the servers as measured (${size}). Filled: measured, and the model was fitted on it. Hollow: measured, and kept from it to check it.`,
      source: `${when(run.startedAt)} · ${repeatCommand(run)}`,
      x: { title: 'right responses per second', scale: 'linear' },
      y: { title: 'median response time in milliseconds', scale: 'log', ticks: logTicks(times) },
      panels: [{ title: 'Plan', guides: [], lines }],
    },
  ]
}

function linesOf(model: TopologyModel, fitted: readonly number[], hue: number): readonly Line[] {
  const { name, result, closed } = model
  const points = (result.planning?.points ?? []).flatMap((point) => measured(point, fitted))
  const most = Math.max(
    1,
    ...(result.planning?.points ?? []).map(({ loop }) => (loop.kind === 'closed' ? loop.connections : 1)),
  )
  const predicted = loadsTo(most).map((connections): LinePoint => {
    const { throughput, p50 } = closed(connections)
    return { x: throughput, y: p50, low: null, high: null, valid: true }
  })
  return [
    { name, hue, dashed: false, draws: 'line', points: predicted },
    { name, hue, dashed: false, draws: 'points', points },
  ]
}

/** Of requests that the application answers: those are what the model's closed loop is about. */
function measured({ of, loop, rounds, latency }: LoadPoint, fitted: readonly number[]): readonly LinePoint[] {
  if (of !== 'dynamic' || loop.kind !== 'closed' || latency === null) return []
  if (calmRounds(rounds).length === 0) return []
  const x = averageOf(rounds).throughput
  return [{ x, y: latency.p50, low: null, high: null, valid: fitted.includes(loop.connections) }]
}

/** Whole numbers of connections at about equal ratios. */
const loadsTo = (most: number): readonly number[] => [
  ...new Set(Array.from({ length: STEPS }, (_, step) => Math.round(most ** (step / (STEPS - 1))))),
]
