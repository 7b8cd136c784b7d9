import type { LoadPoint, RequestClass, Result, Role, Run } from '../run.ts'
import { fitOf, inOpenLoop, measuredMachine, stationsOf, throughputAt, type Fit } from './fit.ts'
import { asymptotes } from './mean-value.ts'
import { once } from './once.ts'
import type { TopologyModel } from './planned.ts'
import { averageOf, between, closedPoints, p99Of, type ClosedPoint } from './points.ts'
import { responseOf } from './response.ts'
import { scalabilityOf } from './scalability.ts'

/** The points of a result that its model is fitted on. */
export const fittedPoints = (run: Run, result: Result): readonly ClosedPoint[] =>
  closedPoints(result, 'dynamic').filter(({ loop }) => run.plan!.fitted.includes(loop.connections))

/** The open loop of the least rate; undefined where there is none. */
export const calmest = (result: Result): LoadPoint | undefined =>
  (result.planning?.points ?? []).reduce<LoadPoint | undefined>((least, point) => {
    if (point.of !== 'dynamic' || point.loop.kind === 'closed' || point.latency === null) return least
    return least && rateOf(least) <= point.loop.rate ? least : point
  }, undefined)

const rateOf = ({ loop }: LoadPoint): number => (loop.kind === 'open' ? loop.rate : 0)

/**
 * What the measurements of a topology come to; undefined where too little was measured. How long requests take that wait for nobody
 * is told by the open loop of the least rate, less what the model says they wait at it: a server that stands still for a moment
 * delays all that come meanwhile, while a closed loop sends nothing meanwhile and sees but one slow answer (the coordinated
 * omission of Tene 2013).
 */
export function fitOfResult(run: Run, result: Result): Fit | undefined {
  const fit = fitOf(fittedPoints(run, result), measuredMachine(run, result))
  const calm = calmest(result)
  if (!fit || !calm?.latency) return fit
  const response = responseOf(inOpenLoop(fit), fit.machine, { rate: rateOf(calm), application: 1, others: {} })
  const { p50, max } = calm.latency
  const less = (measured: number, of: 'p50' | 'p99'): number =>
    Math.max(fit.alone[of], measured - ((response?.[of] ?? fit.alone[of]) - fit.alone[of]))
  return { ...fit, alone: { p50: less(p50, 'p50'), p99: less(p99Of(calm) ?? max, 'p99') } }
}

/** The model of a topology as it was measured. */
export function modelOf(run: Run, result: Result, name: string, fit: Fit): TopologyModel {
  const { machine } = fit
  const scalability = once(() =>
    scalabilityOf(
      closedPoints(result, 'dynamic').map(({ loop, rounds }) => ({ load: loop.connections, rounds })),
      run.seed,
    ),
  )
  const { alone } = asymptotes({ stations: stationsOf(fit.cpu[0]!, machine), delay: fit.delay })
  const { most } = asymptotes({ stations: stationsOf(fit.cpu.at(-1)!, machine), delay: fit.delay })
  return {
    result,
    name,
    demands: demandsOf(run, result),
    slots: machine.slots.workers * machine.slots.threads,
    sharing: fit.sharing.kind,
    closed: (connections) => {
      const throughput = throughputAt(fit, connections)
      const mean = (connections / throughput) * 1000
      return { throughput, mean, p50: mean * between(fit.loads, fit.shape, connections) }
    },
    open: (rate) => {
      const response = responseOf(inOpenLoop(fit), machine, { rate, application: 1, others: {} })
      return response && { p50: response.p50, p99: response.p99, utilization: response.used.cores }
    },
    bounds: { alone, most },
    get scalability() {
      return scalability()
    },
  }
}

function demandsOf(run: Run, result: Result): TopologyModel['demands'] {
  const classes: readonly RequestClass[] = ['dynamic', 'cached', 'static']
  return Object.fromEntries(
    classes.flatMap((of) => {
      const point = (of === 'dynamic' ? fittedPoints(run, result) : closedPoints(result, of)).at(-1)
      if (!point) return []
      const cpu = Object.entries(averageOf(point.rounds).cpu) as [Role, number][]
      return [[of, Object.fromEntries(cpu.map(([role, seconds]) => [role, seconds * 1e6]))]]
    }),
  )
}
