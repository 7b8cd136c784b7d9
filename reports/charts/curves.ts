import { curves, type Curve, type CurvePoint } from '../curves.ts'
import type { Figure } from '../figures.ts'
import type { Run } from '../run.ts'
import type { Line, LineChart, LinePoint } from './line-chart.ts'

/** Two charts for each workload of a sweep: throughput over load, and response time over throughput. */
export function curveCharts(run: Run): readonly LineChart[] {
  return [...Map.groupBy(curves(run), ({ workload }) => workload)].flatMap(([{ name, title }, all]) => {
    const { loop } = all[0]!
    const loads = [...new Set(all.flatMap(({ points }) => points.map(({ load }) => load)))].sort((a, b) => a - b)
    const throughput: LineChart = {
      name: `curve-${name}`,
      title: 'How does throughput grow with load?',
      about: title,
      subtitle:
        'Whiskers: 95 % intervals. Ring: the knee, where throughput per response time is greatest. Hollow: not valid.',
      x: { title: loop === 'closed' ? 'connections' : 'requests per second asked for', scale: 'log', ticks: loads },
      y: { title: 'right responses per second', scale: 'linear' },
      panels: [{ title, guides: [], lines: all.map(throughputLine) }],
    }
    const times = all.flatMap(({ points }) =>
      points.flatMap(({ p50, p99 }) => [p50?.middle ?? [], p99?.middle ?? []].flat()),
    )
    const response: LineChart = {
      name: `curve-${name}-response`,
      title: 'What does more throughput cost in response time?',
      about: title,
      subtitle:
        'Solid: median, with 95 % interval. Dashed: 99th percentile (p99). Ring: the knee. Hollow: not valid. Load grows along each line.',
      x: { title: 'right responses per second', scale: 'linear' },
      y: { title: 'response time in milliseconds', scale: 'log', ticks: logTicks(times) },
      panels: [{ title, guides: [], lines: all.flatMap(responseLines) }],
    }
    return [throughput, response]
  })
}

const throughputLine = (curve: Curve, hue: number): Line => ({
  name: curve.name,
  hue,
  dashed: false,
  points: curve.points.map((point) => ({
    ...drawn(point, point.throughput),
    x: point.load,
    ringed: point === curve.knee?.point,
  })),
})

const responseLines = ({ name, points, knee }: Curve, hue: number): readonly Line[] => [
  {
    name,
    hue,
    dashed: false,
    points: points.map((point) => ({ ...drawn(point, point.p50), ringed: point === knee?.point })),
  },
  {
    name: 'p99',
    hue,
    dashed: true,
    points: points.map((point) => ({ ...drawn(point, point.p99), low: null, high: null })),
  },
]

function drawn({ throughput, counts }: CurvePoint, figure: Figure | undefined): LinePoint {
  const { low = null, high = null } = figure?.interval ?? {}
  return { x: throughput.middle, y: figure?.middle ?? null, low, high, valid: counts }
}

/** 1, 2 and 5 times powers of ten around the values; over more than three of them powers alone. */
export function logTicks(values: readonly number[]): readonly number[] {
  const known = values.filter((value) => value > 0)
  if (known.length === 0) return [1, 10]
  const [low, high] = [Math.log10(Math.min(...known)), Math.log10(Math.max(...known))]
  const steps = high - low > 3 ? [1] : [1, 2, 5]
  const powers = Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, index) => Math.floor(low) + index)
  return powers.flatMap((power) => steps.map((step) => Number((step * 10 ** power).toPrecision(3))))
}
