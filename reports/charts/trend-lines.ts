import type { TrendLine } from '../trend.ts'

/** A point of a trend. Points are as far apart as they are many: what matters is their order. */
export interface DrawnPoint {
  readonly y: number
  readonly low: number | null
  readonly high: number | null
  /** Where more would have been too much; null where nothing is tolerated or forbidden. */
  readonly limit: number | null
  readonly mark: 'pass' | 'breach' | 'inconclusive' | 'figure'
  readonly date: string
}

/** A metric over time as a picture, before it is drawn. */
export interface TrendChart {
  readonly points: readonly DrawnPoint[]
  readonly low: number
  readonly high: number
  readonly ticks: readonly number[]
}

/** Changes against the base, gate by gate, as fractions with their limits. */
export function changeChart({ metric, points }: TrendLine): TrendChart {
  const worse = metric === 'throughput' ? -1 : 1
  const drawn = points.flatMap(({ startedAt, effect }) =>
    effect === undefined
      ? []
      : [
          {
            ...{ y: effect.change, low: effect.low, high: effect.high, mark: effect.verdict },
            ...{ limit: worse * effect.tolerance, date: startedAt.slice(0, 10) },
          },
        ],
  )
  return framed(drawn, [0])
}

/** The figures themselves. */
export const figureChart = ({ points }: TrendLine): TrendChart =>
  framed(
    points.map(({ startedAt, figure }) => ({
      ...{ y: figure.middle, low: figure.low, high: figure.high },
      ...{ limit: null, mark: 'figure' as const, date: startedAt.slice(0, 10) },
    })),
    // A tenth around what was measured at least, or noise would look like news.
    points.flatMap(({ figure }) => [figure.middle * 0.95, figure.middle * 1.05]),
  )

/** Intervals that are this many times longer than what lies within are cut at the frame. */
const LONGEST = 2

function framed(points: readonly DrawnPoint[], more: readonly number[]): TrendChart {
  const core = [...more, ...points.flatMap(({ y, limit }) => (limit === null ? [y] : [y, limit * 1.1]))]
  const [least, most] = [Math.min(...core), Math.max(...core)]
  const room = (most - least || Math.abs(most) || 1) * LONGEST
  const ends = points.flatMap(({ low, high }) => [low, high].filter((end) => end !== null))
  const low = Math.max(least - room, Math.min(least, ...ends))
  const high = Math.min(most + room, Math.max(most, ...ends))
  const edge = (high - low) * 0.06
  return { points, low: low - edge, high: high + edge, ticks: ticksIn(low, high) }
}

/** Three to six round numbers: 1, 2 or 5 times a power of ten apart. */
function ticksIn(low: number, high: number): readonly number[] {
  const rough = (high - low) / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10)
  const first = Math.ceil(low / step)
  const count = Math.floor(high / step) - first + 1
  return Array.from({ length: count }, (_, index) => Number(((first + index) * step).toPrecision(12)))
}
