import { capacities, type Capacity, type CapacityPoint } from '../capacity.ts'
import type { Run } from '../run.ts'
import { limitText, percentileText, shareText } from '../words/capacity.ts'
import { logTicks } from './curves.ts'
import type { Line, LineChart } from './line-chart.ts'

/** Latency over the rate that is asked for, a line for each topology; none where nothing was searched. */
export function capacityCharts(run: Run): readonly LineChart[] {
  const all = capacities(run)
  const known = all.flatMap(({ points }) => points.flatMap(({ latency }) => latency?.middle ?? []))
  if (run.capacity === undefined || known.length === 0) return []
  const { slo } = run.capacity
  const limit = slo.limits.at(-1)!
  const percentile = percentileText(limit.percentile)
  const rates = all.flatMap(({ points }) => points.map(({ rate }) => rate))
  const held = (rate: number) => ({ x: rate, y: limit.milliseconds, low: null, high: null, valid: true })
  const reference: Line = {
    name: `limit: ${limitText(limit.milliseconds)}`,
    hue: 0,
    dashed: false,
    reference: true,
    points: [held(Math.min(...rates)), held(Math.max(...rates))],
  }
  return [
    {
      name: 'capacity',
      title: `How long do ${shareText(slo)} take, as the rate grows?`,
      subtitle:
        'Filled: most steps kept the objective. Hollow: most did not, or left requests over. Ring: the last point up to the highest rate. Whiskers: 95 % intervals.',
      x: { title: 'requests per second asked for, at the machine’s average speed', scale: 'linear' },
      y: { title: `${percentile} in milliseconds`, scale: 'log', ticks: logTicks([...known, limit.milliseconds]) },
      panels: [{ title: '', guides: [], lines: [...all.map(line), reference] }],
    },
  ]
}

function line({ name, points, max }: Capacity, hue: number): Line {
  const highest = max.kind === 'found' ? max.rate.middle : undefined
  const last = highest === undefined ? undefined : points.findLast(({ rate }) => rate <= highest)
  return { name, hue, dashed: false, points: points.map((point) => drawn(point, point === last)) }
}

function drawn({ rate, latency, kept, of }: CapacityPoint, ringed: boolean): Line['points'][number] {
  const { low = null, high = null } = latency?.interval ?? {}
  return { x: rate, y: latency?.middle ?? null, low, high, valid: kept * 2 >= of, ringed }
}
