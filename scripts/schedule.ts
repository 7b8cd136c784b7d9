import type { Workload } from '../suites/load/index.ts'
import type { Tier, Topology } from '../topologies/index.ts'
import type { Intermediary } from '../topologies/servers/index.ts'

/** One thing a run does, in the order of the schedule. */
export type Step =
  | ({ readonly kind: 'judge' } & Place)
  | {
      readonly kind: 'alone'
      /** Intermediaries, each to be judged between the lab's own ends. */
      readonly tiers: readonly Tier<Intermediary>[]
      readonly runtime: string
    }
  | ({
      readonly kind: 'measure'
      /** 1 for the first repeat. */
      readonly repeat: number
      /** Workloads that need the same application, so that one bring-up serves them. */
      readonly workloads: readonly Workload[]
    } & Place)

/** A topology and the name of the runtime that is to bring it up. */
export interface Place {
  readonly topology: Topology
  readonly runtime: string
}

/** What a schedule is made of. */
export interface Plan {
  readonly topologies: readonly Topology[]
  readonly runtimes: readonly string[]
  /** Whether chains are judged. */
  readonly judging: boolean
  /** The intermediaries to be judged alone. */
  readonly alone: readonly Tier<Intermediary>[]
  readonly workloads: readonly Workload[]
  readonly repeats: number
  /** Between 0 (included) and 1; seeded, so that a run can be repeated in the same order. */
  readonly random: () => number
}

/**
 * Everything is judged before anything is measured. Then the repeats are interleaved over the topologies and
 * runtimes, each time in another random order and with fresh servers, so that a slow minute of the machine meets all
 * of them alike.
 */
export function schedule(plan: Plan): readonly Step[] {
  const places = plan.topologies.flatMap((topology) => plan.runtimes.map((runtime): Place => ({ topology, runtime })))
  const steps: Step[] = plan.judging ? places.map((place) => ({ kind: 'judge', ...place })) : []
  if (plan.alone.length > 0)
    steps.push(...plan.runtimes.map((runtime): Step => ({ kind: 'alone', tiers: plan.alone, runtime })))
  for (let repeat = 1; repeat <= plan.repeats; repeat++) {
    for (const place of shuffled(places, plan.random)) {
      for (const workloads of byApplication(workloadsOf(place.topology, plan))) {
        steps.push({ kind: 'measure', ...place, repeat, workloads: shuffled(workloads, plan.random) })
      }
    }
  }
  return steps
}

/** Frameworks are compared with each other, not topologies: the simplest topology of the run is enough for them. */
function workloadsOf(topology: Topology, { topologies, workloads }: Plan): readonly Workload[] {
  const simplest = topologies.reduce((best, other) => (other.tiers.length < best.tiers.length ? other : best))
  return workloads.filter((workload) => workload.content !== 'framework' || topology === simplest)
}

function byApplication(workloads: readonly Workload[]): readonly (readonly Workload[])[] {
  return [...Map.groupBy(workloads, (workload) => workload.application).values()]
}

/** Fisher and Yates' shuffle (Knuth, TAOCP vol. 2, algorithm P). */
export function shuffled<Item>(items: readonly Item[], random: () => number): readonly Item[] {
  const order = [...items]
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    ;[order[last], order[other]] = [order[other]!, order[last]!]
  }
  return order
}
