import type { LoadPoint, LoadRound } from '../run.ts'
import { median } from '../statistics.ts'
import { resampled } from '../resampling.ts'
import { expandedBounds } from './expanded.ts'
import { calmest } from './model.ts'
import type { Check, TopologyModel, Validation } from './planned.ts'
import { averageOf, calmRounds, p99Of } from './points.ts'

/** How far off a model may be that a plan is made with. */
export const limits = { throughput: { median: 0.1, worst: 0.2 }, p50: { median: 0.25 } } as const

/**
 * Compares models with what was measured at loads that they were not fitted on: other numbers of connections, and
 * all rates but the least. */
export function validationOf(models: readonly TopologyModel[], fitted: readonly number[], seed: number): Validation {
  const checks = models.flatMap((model) => checksOf(model, fitted, seed))
  const errors = (loop: Check['loop'], figure: Check['figure']): Validation['throughput'] => {
    const all = checks
      .filter((check) => check.loop === loop && check.figure === figure)
      .map(({ error }) => Math.abs(error))
    return all.length === 0 ? undefined : { median: median(all), worst: Math.max(...all) }
  }
  const [throughput, p50, p99] = [errors('closed', 'throughput'), errors('closed', 'p50'), errors('open', 'p99')]
  return {
    ...{ checks, throughput, p50, p99 },
    behind: models.flatMap((model) => behindOf(model)),
    holds:
      throughput !== undefined &&
      p50 !== undefined &&
      throughput.median <= limits.throughput.median &&
      throughput.worst <= limits.throughput.worst &&
      p50.median <= limits.p50.median,
  }
}

const dynamicPoints = ({ result }: TopologyModel): readonly LoadPoint[] =>
  (result.planning?.points ?? []).filter(({ of, rounds }) => of === 'dynamic' && averageOf(rounds).throughput > 0)

function checksOf(model: TopologyModel, fitted: readonly number[], seed: number): readonly Check[] {
  const calm = calmest(model.result)
  return dynamicPoints(model).flatMap((point) => {
    const { loop, rounds, latency } = point
    if (latency === null || point === calm || (loop.kind === 'closed' && fitted.includes(loop.connections))) return []
    const load = loop.kind === 'closed' ? loop.connections : loop.rate
    const check = (figure: Check['figure'], predicted: number, measured: number, within?: Check['within']): Check => ({
      ...{ result: model.result, name: model.name, loop: loop.kind, load, figure, predicted, measured, within },
      error: predicted / measured - 1,
    })
    if (loop.kind === 'closed') {
      const says = model.closed(load)
      return [
        check('throughput', says.throughput, averageOf(rounds).throughput, meanWithin(rounds, seed)),
        check('p50', says.p50, latency.p50),
      ]
    }
    const says = model.open(load)
    if (!says) return []
    const p99 = p99Of(point)
    return [check('p50', says.p50, latency.p50), ...(p99 === undefined ? [] : [check('p99', says.p99, p99)])]
  })
}

const behindOf = (model: TopologyModel): Validation['behind'] =>
  dynamicPoints(model).flatMap((point) => {
    const { loop, rounds } = point
    if (loop.kind !== 'open' || model.open(loop.rate)) return []
    const { throughput } = averageOf(rounds)
    return [{ name: model.name, rate: loop.rate, answered: throughput, p99: p99Of(point) }]
  })

function meanWithin(rounds: readonly LoadRound[], seed: number): Check['within'] {
  const calm = calmRounds(rounds)
  const means = resampled([calm], ([drawn]) => averageOf(drawn!).throughput, { seed })
  return expandedBounds(means, calm.length)
}
