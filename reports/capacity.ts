import { edgeOf, type Edge } from './edge.ts'
import type { Figure } from './figures.ts'
import { resultNames } from './names.ts'
import { isGeneratorBound, keeps } from './objective.ts'
import { bounds, resampled } from './resampling.ts'
import type { CapacityStep, Result, Role, Run, Slo } from './run.ts'
import { median, smallestDifference, spread } from './statistics.ts'

/** The highest rate that keeps an objective. */
export type Highest =
  /** With its interval, and in each search what was found there as it is, whatever the machine's speed. */
  | {
      readonly kind: 'found'
      readonly rate: Figure
      readonly asFound: readonly number[]
      /** The same at the machine's average speed, from which `rate` is made. */
      readonly atAverage: readonly number[]
    }
  /** Kept as far as could be tried: the generator can do no more, or the search was cut short. */
  | { readonly kind: 'atLeast'; readonly rate: number }
  /** Not kept at any rate, down to this one. */
  | { readonly kind: 'never'; readonly rate: number }
  /** Others disturbed everything. */
  | { readonly kind: 'unknown' }

/** Steps at about the same rate. */
export interface CapacityPoint {
  /** Middle of their rates, at the machine's average speed. */
  readonly rate: number
  /** Milliseconds at the objective's highest percentile; undefined where nothing was answered. */
  readonly latency: Figure | undefined
  /** Right responses per second. */
  readonly throughput: number
  readonly utilization: number
  readonly kept: number
  readonly of: number
}

/** What a topology bears. */
export interface Capacity {
  readonly result: Result
  readonly name: string
  /** The highest rate that keeps the objective. */
  readonly max: Highest
  /** The same of each further limit, in milliseconds, from the tightest to the loosest. */
  readonly limits: readonly { readonly milliseconds: number; readonly highest: Highest }[]
  /** Geometric mean of the rates that keep the limits (critical-jOPS of SPECjbb2015); undefined where one is not known. */
  readonly critical: Figure | undefined
  /** At the edge: share of the services' CPUs in use, and microseconds of CPU time per request of each tier. */
  readonly edge: { readonly utilization: number; readonly cpu: Readonly<Partial<Record<Role, number>>> } | undefined
  /** Whether nearly all of it was answered without the application: out of a cache, or from files. */
  readonly isWithoutApplication: boolean
  /** Whether rates are brought to the machine's average speed: where CPU time is what they need most. */
  readonly isNormalised: boolean
  /** The highest rate below which no step broke the objective, as it was asked for. */
  readonly alwaysKept: number | undefined
  readonly points: readonly CapacityPoint[]
  readonly searches: number
  readonly steps: number
  readonly disturbed: number
}

/** Steps within this factor of an edge are around it, and at least so many: they tell what a request costs there. */
const [AROUND, FEWEST] = [1.25, 3]
/** With less than this share of the CPU time of requests, the application took next to no part in answering them. */
const NO_PART = 0.1
/** From this share of the services' CPUs on at the edge, it is their speed that decides. */
const CPU_BOUND = 0.5
/** How often the steps of a single search are drawn anew. */
const RESAMPLES = 400
/** Points of a curve are steps within these factors: around the edge, and farther away. */
const POINT = { around: 1.1, elsewhere: 1.3 } as const
/** Fewer latencies than these have no interval to speak of. */
const FEWEST_LATENCIES = 3

/** A search as far as it counts. */
type Counted = readonly CapacityStep[]

/** Where a search found the edge of an objective. */
interface Approach {
  readonly counted: Counted
  readonly edge: Edge
  readonly around: Counted
  /** CPU time of a request there, in microseconds, all tiers together: geometric mean of the steps around it. */
  readonly cost: number
}

/** What each topology bears, in the run's order; none where nothing was searched. */
export function capacities(run: Run): readonly Capacity[] {
  const { capacity } = run
  if (capacity === undefined) return []
  return [...resultNames(run)].flatMap(([result, name]) =>
    result.searches === undefined ? [] : [capacityOf(run, capacity, result, name)],
  )
}

/** The objective with no limit but this one, at its highest percentile. */
export const limited = ({ limits, errors }: Slo, milliseconds: number): Slo => ({
  limits: [{ percentile: limits.at(-1)!.percentile, milliseconds }],
  errors,
})

/** How many times as much one topology bears as another; undefined where that cannot be told apart. */
export function timesAsMuch(one: Capacity, other: Capacity): number | undefined {
  if (one.max.kind !== 'found' || other.max.kind !== 'found') return undefined
  const [a, b] = [one.max.rate, other.max.rate]
  // What changes from one start of the servers to the next is not in the interval of a single search.
  if (!isRepeated(a) || !isRepeated(b) || a.interval!.low <= b.interval!.high) return undefined
  return a.middle / b.middle >= smallestDifference ? a.middle / b.middle : undefined
}

const isRepeated = ({ interval }: Figure): boolean => interval !== undefined && interval.kind !== 'window'

function capacityOf(run: Run, { slo, limits }: NonNullable<Run['capacity']>, result: Result, name: string): Capacity {
  const searches = result.searches!
  const steps = searches.flatMap((each) => each.steps)
  const counted = searches.map((each) => each.steps.filter((step) => !step.disturbed && !isGeneratorBound(step)))
  const approaches = counted.flatMap((own) => approach(own, slo) ?? [])
  const around = approaches.flatMap((each) => each.around)
  const isNormalised = around.length > 0 && median(around.map(({ utilization }) => utilization)) >= CPU_BOUND
  const seen = { run, counted, isNormalised }
  const max = highest(seen, slo)
  const cpu = Object.fromEntries(
    result.tiers.map(({ role }) => [role, medianOr0(around.map((step) => step.cpu[role] ?? 0))]),
  )
  const total = Object.values(cpu).reduce((sum, each) => sum + each, 0)
  return {
    ...{ result, name, isNormalised, max },
    limits: limits.map((milliseconds) => ({ milliseconds, highest: highest(seen, limited(slo, milliseconds)) })),
    critical: criticalOf(
      seen,
      limits.map((milliseconds) => limited(slo, milliseconds)),
    ),
    edge: around.length === 0 ? undefined : { utilization: median(around.map(({ utilization }) => utilization)), cpu },
    isWithoutApplication: total > 0 && (cpu['app'] ?? 0) < NO_PART * total,
    alwaysKept: alwaysKept(counted.flat()),
    points: pointsOf(seen, slo, max),
    searches: searches.length,
    steps: steps.length,
    disturbed: steps.filter(({ disturbed }) => disturbed).length,
  }
}

const medianOr0 = (values: readonly number[]): number => (values.length === 0 ? 0 : median([...values]))

/** All searches of a topology, as far as they count. */
interface Seen {
  readonly run: Run
  readonly counted: readonly Counted[]
  readonly isNormalised: boolean
}

/** Where a search found the edge, and what a request cost there; undefined where nothing counts. */
function approach(counted: Counted, objective: Slo): Approach | undefined {
  const edge = edgeOf(counted.map((step) => ({ at: step.rate, kept: keeps(objective, step) })))
  if (edge === undefined) return undefined
  const off = ({ rate }: CapacityStep): number => Math.max(rate / edge.at, edge.at / rate)
  const nearest = counted.toSorted((a, b) => off(a) - off(b))
  const around = nearest.filter((step, index) => index < FEWEST || off(step) <= AROUND)
  return { counted, edge, around, cost: geometricMean(around.map(cpuOf)) }
}

const cpuOf = ({ cpu }: CapacityStep): number => Object.values(cpu).reduce((sum, each) => sum + each, 0)

const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)

/**
 * The rates of approaches at the machine's average speed. When it is half as fast, a request takes twice the CPU time, and half the
 * rate is kept: the product of both is what repeats. Divided by the median CPU time of all searches it is a rate again.
 */
function ratesOf(approaches: readonly Approach[], isNormalised: boolean): readonly number[] {
  const usual = median(approaches.map(({ cost }) => cost))
  return approaches.map(({ edge, cost }) => (isNormalised ? (edge.at * cost) / usual : edge.at))
}

function highest({ run, counted, isNormalised }: Seen, objective: Slo): Highest {
  const all = counted.flatMap((own) => approach(own, objective) ?? [])
  const of = (kind: Edge['kind']): readonly Approach[] => all.filter(({ edge }) => edge.kind === kind)
  const [found, beyond, below] = [of('found'), of('beyond'), of('below')]
  if (below.length * 2 > all.length) return { kind: 'never', rate: Math.min(...below.map(({ edge }) => edge.at)) }
  if (beyond.length > 0 && found.length * 2 <= all.length)
    return { kind: 'atLeast', rate: median(beyond.map(({ edge }) => edge.at)) }
  if (found.length === 0) return { kind: 'unknown' }
  const rates = ratesOf(found, isNormalised)
  const within = found.length === 1 ? withinOne(run, found[0]!.counted, objective, isNormalised) : undefined
  return {
    kind: 'found',
    rate: { middle: median([...rates]), interval: spread(rates, run.seed, within) },
    asFound: found.map(({ edge }) => edge.at),
    atAverage: rates,
  }
}

/** Of a single search, where its edge lies when its steps are drawn anew. */
function withinOne({ seed }: Run, counted: Counted, objective: Slo, isNormalised: boolean) {
  const rateOf = ([drawn]: readonly Counted[]): number | undefined => {
    const found = approach(drawn!, objective)
    return found?.edge.kind === 'found' ? ratesOf([found], isNormalised)[0] : undefined
  }
  return bounds(resampled([counted], rateOf, { seed, rounds: RESAMPLES }))
}

function criticalOf({ run, counted, isNormalised }: Seen, objectives: readonly Slo[]): Figure | undefined {
  const searches = counted
    .map((own) => objectives.map((objective) => approach(own, objective)))
    .filter((own): own is Approach[] => own.every((each) => each?.edge.kind === 'found'))
  if (searches.length * 2 <= counted.length) return undefined
  const rates = objectives.map((_, index) =>
    ratesOf(
      searches.map((own) => own[index]!),
      isNormalised,
    ),
  )
  const means = searches.map((_, search) => geometricMean(rates.map((own) => own[search]!)))
  return { middle: median(means), interval: spread(means, run.seed) }
}

/** The highest rate that was kept, of those below the lowest that broke. */
function alwaysKept(counted: Counted): number | undefined {
  const broken = Math.min(...counted.filter(({ kept }) => !kept).map(({ rate }) => rate))
  const kept = counted.filter((step) => step.kept && step.rate < broken).map(({ rate }) => rate)
  return kept.length === 0 ? undefined : Math.max(...kept)
}

/**
 * The curve: steps at about the same rate together, from the lowest to the highest. Each search's rates are brought to the
 * machine's average speed as a whole, because what a request costs also depends on the rate.
 */
function pointsOf({ run: { seed }, counted, isNormalised }: Seen, slo: Slo, max: Highest): readonly CapacityPoint[] {
  const { percentile } = slo.limits.at(-1)!
  const costs = counted.map((own) => approach(own, slo)?.cost)
  const known = costs.filter((cost): cost is number => cost !== undefined && cost > 0)
  const all = counted.flatMap((own, index) => {
    const cost = costs[index]
    const slower = isNormalised && cost ? cost / median(known) : 1
    return own.map((step) => ({ step, rate: step.rate * slower }))
  })
  if (all.length === 0) return []
  const edge = max.kind === 'found' ? max.rate.middle : median(all.map(({ rate }) => rate))
  const bin = ({ rate }: { readonly rate: number }): string => {
    const isAround = Math.max(rate / edge, edge / rate) <= AROUND
    // No point holds steps from both sides of the edge.
    return `${isAround} ${Math.floor(Math.log(rate / edge) / Math.log(isAround ? POINT.around : POINT.elsewhere))}`
  }
  return [...Map.groupBy(all, bin).values()]
    .map((own) => {
      const latencies = own.flatMap(({ step: { latency } }) => latency?.[percentile] ?? latency?.max ?? [])
      return {
        rate: median(own.map(({ rate }) => rate)),
        latency:
          latencies.length === 0
            ? undefined
            : {
                middle: median(latencies),
                interval: latencies.length < FEWEST_LATENCIES ? undefined : spread(latencies, seed),
              },
        throughput: median(own.map(({ step }) => step.throughput)),
        utilization: median(own.map(({ step }) => step.utilization)),
        kept: own.filter(({ step }) => step.kept).length,
        of: own.length,
      }
    })
    .sort((a, b) => a.rate - b.rate)
}
