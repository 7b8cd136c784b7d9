import { resultNames } from '../names.ts'
import type { Result, Run } from '../run.ts'
import { fitOfResult, fittedPoints, modelOf } from './model.ts'
import { once } from './once.ts'
import type { Planned, PlannedTopology, Size } from './planned.ts'
import { sizeOf } from './size.ts'
import { validationOf } from './validation.ts'

/** What a run that was measured to plan with comes to, for the demand that is written in it. */
export function planOf(run: Run): Planned {
  const plan = run.plan!
  const { demand } = plan
  const rate = demand.rps * demand.peak * (1 + demand.growth) ** demand.years
  const fits = [...resultNames(run)].map(([result, name]) => ({ result, name, fit: fitOfResult(run, result) }))
  const models = fits.flatMap(({ result, name, fit }) => (fit ? [modelOf(run, result, name, fit)] : []))
  const topologies = fits.map(({ result, name, fit }): PlannedTopology => {
    if (!fit) return { result, name, size: undefined, because: tooLittle(result, plan.fitted), notes: [] }
    const points = fittedPoints(run, result)
    return { result, name, ...sizeOf({ result, points, fit, plan, rate, seed: run.seed }) }
  })
  const ordered = inOrder(topologies)
  const validation = once(() => validationOf(models, plan.fitted, run.seed))
  return {
    ...{ demand, rate, models, topologies: ordered },
    get validation() {
      return validation()
    },
    recommended: ordered[0]?.size ? ordered[0] : undefined,
  }
}

const tooLittle = ({ problems }: Result, fitted: readonly number[]): string =>
  `Too little was measured of it: a plan needs closed loops of ${fitted.join(', ')} connections, each answered while nobody else used the CPUs.${problems.length > 0 ? ' It did not come up, or not whole.' : ''}`

type Sized = PlannedTopology & { readonly size: Size }

/**
 * Fewest machines first (all are alike, so that is by cost as well), then fewest cores busy, then fewest tiers. The first one is the
 * simplest of those that chance may have put behind the best: a difference that lies within both intervals is none.
 */
function inOrder(topologies: readonly PlannedTopology[]): readonly PlannedTopology[] {
  const sized = topologies
    .filter((each): each is Sized => each.size !== undefined)
    .sort((a, b) => a.size.machines - b.size.machines || busyOf(a) - busyOf(b) || tiersOf(a) - tiersOf(b))
  const [best] = sized
  const others = topologies.filter(({ size }) => size === undefined)
  if (!best) return others
  const first = sized
    .filter((each) => tiersOf(each) < tiersOf(best) && lowOf(each.size) <= highOf(best.size))
    .reduce((simplest, each) => (tiersOf(each) < tiersOf(simplest) ? each : simplest), best)
  return [first, ...sized.filter((each) => each !== first), ...others]
}

const busyOf = ({ size }: Sized): number => size.machines * size.tiers.reduce((sum, { cores }) => sum + cores, 0)
const tiersOf = ({ result }: PlannedTopology): number => result.tiers.length
const lowOf = ({ machines, machinesWithin }: Size): number => machinesWithin?.low ?? machines
const highOf = ({ machines, machinesWithin }: Size): number => machinesWithin?.high ?? machines
