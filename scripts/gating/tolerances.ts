import { InvalidArgumentError } from 'commander'
import { gatedMetrics, type Duet, type GatedMetric } from '../../reports/run.ts'

/** What passes, by metric, as a fraction; a metric that is not there is not gated. */
export type Tolerances = Duet['tolerances']

interface Gated {
  /** The largest change for the worse that passes where nothing else was asked for, as a fraction. */
  readonly tolerance: number
  /** Why that much. */
  readonly says: string
}

/** The metrics that are gated, with what is tolerated by default. */
const DEFAULTS: Readonly<Record<GatedMetric, Gated>> = {
  cpu: { tolerance: 0.02, says: 'CPU time per request at an equal rate, the steadiest of them' },
  throughput: { tolerance: 0.05, says: 'right answers a second, saturated, which others on the machine disturb more' },
  p50: { tolerance: 0.1, says: 'the median latency at an equal rate' },
  p99: {
    tolerance: 1,
    says: 'the slowest hundredth: few requests, each of which chance may have held up, so twice as long',
  },
  memory: { tolerance: 0.05, says: 'memory of all processes after equally many requests' },
}

/** What is tolerated where nothing is asked for. */
export const DEFAULT_TOLERANCES: Tolerances = Object.fromEntries(
  gatedMetrics.map((metric) => [metric, DEFAULTS[metric].tolerance]),
)

/** The metrics with their default tolerances, a line each, for the help. */
export const tolerancesText = (): string =>
  gatedMetrics.map((metric) => `  ${metric} ${DEFAULTS[metric].tolerance * 100} %: ${DEFAULTS[metric].says}`).join('\n')

/** `cpu=3`, `p99=25%` or `memory=off`, for commander: the tolerances before with this one instead. */
export function tolerance(text: string, before: Tolerances): Tolerances {
  const [, name = '', value = ''] = /^\s*(\w+)=\s*(.+?)\s*%?\s*$/.exec(text) ?? []
  const metric = gatedMetrics.find((each) => each === name)
  if (!metric)
    throw new InvalidArgumentError(`Write metric=PERCENT or metric=off; metrics are ${gatedMetrics.join(', ')}.`)
  const { [metric]: _, ...others } = before
  if (value === 'off') return others
  const percent = /^\d*\.?\d+$/.test(value) ? Number(value) : NaN
  // Throughput cannot fall by more than all of it.
  const most = metric === 'throughput' ? 99 : 1000
  if (!(percent >= 0.1 && percent <= most))
    throw new InvalidArgumentError(
      `The tolerance of ${metric} must be a number of percent from 0.1 to ${most}, or off.`,
    )
  return { ...before, [metric]: percent / 100 }
}
