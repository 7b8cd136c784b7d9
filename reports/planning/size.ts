import { resampled } from '../resampling.ts'
import type { LoadRound, Plan, Result, Role } from '../run.ts'
import { configured, type Configured, type Limits } from './configuration.ts'
import { expandedBounds } from './expanded.ts'
import { fitOf, isSingle, type Fit } from './fit.ts'
import { memoryOf, type Memory } from './memory.ts'
import { once } from './once.ts'
import type { PlannedTopology, Saturation, Size } from './planned.ts'
import { calmRounds, type ClosedPoint } from './points.ts'
import { responseOf } from './response.ts'
import { othersOf, trafficOf, type Others } from './traffic.ts'

/** What a plan does not fill: the system itself, what it keeps of files, and workers that grow. */
export const FULLEST = 0.8
/** More workers on one machine nobody starts. */
const MOST_WORKERS = 128
const MOST_MACHINES = 1_000_000
const RESAMPLES = 100
/** No headroom is looked for beyond this. */
const FAR = 1000

/** What was measured of a topology, and what of it is planned. */
export interface Sizing {
  readonly result: Result
  /** The points that `fit` was made of. */
  readonly points: readonly ClosedPoint[]
  readonly fit: Fit
  readonly plan: Plan
  /** Requests per second of all machines. */
  readonly rate: number
  readonly seed: number
}

/** The fewest machines that keep the limits, or why there are none, and what is to be known about either. */
export function sizeOf(sizing: Sizing): Pick<PlannedTopology, 'size' | 'because' | 'notes'> {
  const { result, fit, plan, rate } = sizing
  const { demand } = plan
  const memory = memoryOf(result)
  const others = othersOf(result)
  const notes = notesOf(result, plan, memory, others)
  const impossible = whyNot(sizing, memory, others)
  if (impossible !== undefined) return { size: undefined, because: impossible, notes }
  const limits: Limits = {
    cores: demand.cores,
    workers: workersWithin(memory, demand),
    scales: { workers: !isSingle(result), threads: result.tiers.at(-1)!.variant !== 'sync' },
    p99: demand.p99,
  }
  const on = (fit: Fit, others: Others) => (machines: number) =>
    configured(fit, trafficOf(others, plan, rate / machines), limits)
  const found = fewest(on(fit, others))
  if (!found) return { size: undefined, because: tooSlow(demand.p99), notes }
  const { needed, configuration } = found
  const within = once(() => {
    const counts = resampledCounts(sizing, others, (each) => fewest(on(...each))?.needed)
    return counts && { low: Math.floor(counts.low) + demand.spare, high: Math.ceil(counts.high) + demand.spare }
  })
  return { size: describe(sizing, { needed, configuration, memory, others, within }), because: undefined, notes }
}

/** Smallest number of machines of which each bears its part; they bear it the better the more there are. */
function fewest(
  on: (machines: number) => Configured | undefined,
): { readonly needed: number; readonly configuration: Configured } | undefined {
  let [low, high] = [0, 1]
  while (!on(high)) {
    if (high > MOST_MACHINES) return undefined
    ;[low, high] = [high, high * 2]
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (on(middle)) high = middle
    else low = middle
  }
  return { needed: high, configuration: on(high)! }
}

function whyNot({ fit, plan }: Sizing, memory: Memory | undefined, others: Others): string | undefined {
  const { demand } = plan
  const { alone = fit.alone } = trafficOf(others, plan, 1)
  if (alone.p99 > demand.p99)
    return `One request in a hundred takes ${ms(alone.p99)} and longer even when nobody waits for anybody, so no number of machines keeps ${demand.p99} ms. It would take a faster application, or a limit above ${ms(alone.p99)}.`
  if (memory && memory.total(1) > FULLEST * demand.memoryBytes)
    return `A single worker and what stands around it hold ${megabytes(memory.total(1))}, more than ${100 * FULLEST} % of the ${megabytes(demand.memoryBytes)} of a machine. It would take machines of ${megabytes(memory.total(1) / FULLEST)}.`
  return undefined
}

const tooSlow = (limit: number): string =>
  `No number of machines keeps ${limit} ms with what one of them may hold. It would take machines of more memory, or a longer limit.`

/** Three digits, rounded up, so that a limit of that is one that is kept. */
function ms(milliseconds: number): string {
  const unit = 10 ** (Math.floor(Math.log10(milliseconds)) - 2)
  return `${Number((Math.ceil(milliseconds / unit) * unit).toPrecision(3))} ms`
}

/** Rounded up, so that nothing looks as if it fitted. */
const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`

function workersWithin(memory: Memory | undefined, { memoryBytes, cores }: Plan['demand']): number {
  if (!memory) return Math.max(2, cores)
  let workers = 1
  while (workers < MOST_WORKERS && memory.total(workers + 1) <= FULLEST * memoryBytes) workers++
  return workers
}

function notesOf(
  result: Result,
  { shares, demand }: Plan,
  memory: Memory | undefined,
  others: Others,
): readonly string[] {
  const unread = memory ? result.tiers.filter(({ role }) => memory.of(role, 1) === undefined) : result.tiers
  return [
    ...(unread.length > 0
      ? [`What ${unread.map(({ server }) => server).join(' and ')} held could not be read: its memory is not planned.`]
      : []),
    ...(shares.static > 0 && !others.static
      ? ['Files were not measured: they are planned as if the application answered them.']
      : []),
    ...(shares.cached * demand.hitRatio > 0 && !others.cached && result.tiers.some(({ role }) => role === 'cache')
      ? ['Hits of the cache were not measured: they are planned as if the application answered them.']
      : []),
  ]
}

/** 95 % interval of a count, from drawing the rounds of every point anew; what was found out about sharing is kept. */
function resampledCounts(
  { points, fit, seed }: Sizing,
  others: Others,
  count: (drawn: readonly [Fit, Others]) => number | undefined,
): ReturnType<typeof expandedBounds> {
  const calm = ({ rounds }: ClosedPoint): readonly LoadRound[] => calmRounds(rounds)
  const named = Object.entries(others)
  const groups = [...points.map(calm), ...named.map(([, point]) => calm(point))]
  const rounds = Math.min(...groups.map(({ length }) => length))
  if (rounds < 2) return undefined
  const counts = resampled(
    groups,
    (drawn) => {
      const own = points.map((point, at) => ({ ...point, rounds: [...drawn[at]!] }))
      const beside = named.map(([of, point], at) => [of, { ...point, rounds: [...drawn[points.length + at]!] }])
      const refitted = fitOf(own, fit.machine, fit.sharing)
      return refitted && count([{ ...refitted, alone: fit.alone }, Object.fromEntries(beside) as Others])
    },
    { seed, rounds: RESAMPLES },
  )
  return expandedBounds(counts, rounds)
}

interface Found {
  readonly needed: number
  readonly configuration: Configured
  readonly memory: Memory | undefined
  readonly others: Others
  readonly within: () => Size['machinesWithin']
}

function describe({ result, fit, plan, rate }: Sizing, found: Found): Size {
  const { demand } = plan
  const { machine, response } = found.configuration
  const { workers, threads } = machine.slots
  const each = rate / found.needed
  const machines = found.needed + demand.spare
  return {
    ...{ workers, threads, machines, rate: each },
    get machinesWithin() {
      return found.within()
    },
    tiers: result.tiers.map(({ role, server }) => ({
      ...{ role, server },
      cores: response.busy[role] ?? 0,
      memoryBytes: found.memory?.of(role, workers) ?? 0,
    })),
    utilization: response.used.cores,
    memoryBytes: found.memory?.total(workers) ?? 0,
    ...{ p50: response.p50, p99: response.p99 },
    headroom: headroomOf((times) => {
      const more = responseOf(fit, machine, trafficOf(found.others, plan, each * times))
      return more !== undefined && more.p99 <= demand.p99
    }),
    saturatesFirst: saturationOf(result, found.configuration),
    cost: demand.cost && machines * (demand.cores * demand.cost.core + (demand.memoryBytes / 1e9) * demand.cost.gb),
  }
}

/** How many times as much is borne, to a hundredth. */
function headroomOf(bears: (times: number) => boolean): number {
  let [low, high] = [1, FAR]
  while (high - low > 0.005) {
    const middle = Math.sqrt(low * high)
    if (bears(middle)) low = middle
    else high = middle
  }
  return Math.floor(low * 100) / 100
}

function saturationOf({ tiers }: Result, { response }: Configured): Saturation {
  const { cores, interpreters, threads } = response.used
  if (threads > Math.max(cores, interpreters)) return { kind: 'threads' }
  if (interpreters > cores) return { kind: 'interpreters' }
  const busy = (role: Role): number => response.busy[role] ?? 0
  const { role, server } = tiers.toSorted((a, b) => busy(b.role) - busy(a.role))[0]!
  return { kind: 'cores', role, server }
}
