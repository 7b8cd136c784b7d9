import { setTimeout as sleep } from 'node:timers/promises'
import type { Duet, GateFigures, GateRound } from '../../reports/run.ts'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import type { Deployment, Service } from '../../topologies/runtimes/index.ts'
import { endOf } from '../../topologies/runtimes/service.ts'
import type { Load, Recording } from '../generators/index.ts'
import type { Loop } from '../load/index.ts'
import { cpuBetween, readCpu } from './cpu-time.ts'
import type { Producer } from './generator-process.ts'
import { isDelayed, isForeign } from './disturbed.ts'
import { latencyOf, scheduleKept } from './latency.ts'
import { cpusForeign, readEdge } from './used.ts'

/** The two sides of a duet. */
export const SIDES = ['base', 'head'] as const
/** One of them. */
export type SideName = (typeof SIDES)[number]

/** Both sides, up at the same time. */
export type Both = Readonly<Record<SideName, Deployment>>

/** How both sides are measured. */
export interface RoundOptions extends Pick<Duet, 'path' | 'rate' | 'connections' | 'seconds' | 'saturated'> {
  /** The side that came up first, and is asked first. */
  readonly first: SideName
  readonly producer: Producer
  /** CPUs of services and generator, on which others' work is looked for. */
  readonly cpus: readonly number[]
  /** Decides when within its turn each request is sent. */
  readonly seed: number
  /** Sends them at the beginning of their turns instead. */
  readonly even: boolean
  readonly signal: AbortSignal
}

/** Produces several loads in one process, with the least CPU time. */
const GENERATOR = 'pacer'
/** Time in which fresh processes come to their usual speed, in seconds. */
const WARM_UP = 0.3
/** Open connections of each side at the offered rate, at most. */
const OPEN_CONNECTIONS = 100
const TIMEOUT = 5
/** Time for servers to be done with what is left of a load, in milliseconds. */
const SETTLE = 30
/**
 * Seconds after which saturated servers get new connections: how these are shared among workers is decided by chance, and a
 * worker that has more of them is cheaper per request, by 10 % where two workers share 16.
 */
const SLICE = 0.25
/** Share of requests that may go wrong: whoever answers wrongly is not to be compared by how fast. */
const ERRORS_LIMIT = 0.001

/**
 * Measures two deployments side by side: requests to one and the other are sent by the same process at the same rate, so that
 * whatever disturbs the machine meets both alike (duet benchmarking: Bulej et al., ICPE 2020). Then both are saturated.
 *
 * Each request has a turn of its own and is sent at a moment of it that chance chooses. Sent evenly, one side's requests would
 * always meet the other's at the same distance, and the same server twice over then differed by 5 % in CPU time per request and by
 * 15 % in its median latency from round to round; so it is 0.4 % and 2 % (`npm run bench:gate -- --even` shows it).
 */
export async function measureRound(both: Both, options: RoundOptions): Promise<Omit<GateRound, 'batch'>> {
  const { seconds, first, cpus, rate, even } = options
  const order: readonly SideName[] = first === 'base' ? ['base', 'head'] : ['head', 'base']
  await produced(both, options, order, () => ({ loop: closed(options), seconds: WARM_UP }))

  const services = SIDES.flatMap((side) => both[side].services)
  const before = { ...(await readSides(both)), edge: await readEdge(services, cpus) }
  const offered = await produced(both, options, order, (index) => ({
    loop: {
      kind: 'open',
      rate: 2 * rate,
      connections: 2 * OPEN_CONNECTIONS,
      ...(even ? {} : { arrivals: 'jittered' }),
    },
    seconds: seconds.offered,
    // Each second request is of the other side.
    share: { index, of: 2 },
    seed: options.seed + index,
  }))
  const after = { ...(await readSides(both)), edge: await readEdge(services, cpus) }
  const generator = offered.base
  const memory = { base: await memoryOf(both.base.services), head: await memoryOf(both.head.services) }
  const throughput = await saturate(both, options, order)

  const figures = (side: SideName): GateFigures => {
    const { requests, histogram } = offered[side]
    const latency = latencyOf(histogram)
    if (latency === null)
      throw new LabError(
        `The ${side} answered nothing at ${rate} requests a second.`,
        'Ask for more with --rate or --seconds.',
      )
    return {
      cpu: (cpuBetween(before[side], after[side]) / requests) * 1e6,
      throughput: throughput[side],
      ...{ p50: latency.p50, p99: latency.p99 },
      memory: memory[side],
      requests,
    }
  }
  return {
    first,
    base: figures('base'),
    head: figures('head'),
    lateness: Math.max(...SIDES.map((side) => scheduleKept(offered[side].schedule!).lateP50)),
    generatorDelay: generator.delayed ?? null,
    foreignCpu: cpusForeign(before.edge, after.edge, generator.cpuSeconds / generator.seconds),
  }
}

/**
 * Whether others used the CPUs in a round, or took the generator's: it is as fair to both sides as any other, and many times as
 * uncertain. What the sides showed has no say in it, so leaving such rounds out makes nothing faster or slower.
 */
export const isDisturbed = (
  { foreignCpu, generatorDelay }: Omit<GateRound, 'batch'>,
  cpus: readonly number[],
): boolean => isForeign(foreignCpu, cpus.length) || isDelayed(generatorDelay)

/** Right answers a second of each side when it alone is saturated, to choose a rate by. */
export async function capacities(both: Both, options: RoundOptions): Promise<Record<SideName, number>> {
  await produced(both, options, SIDES, () => ({ loop: closed(options), seconds: WARM_UP }))
  return saturate(both, { ...options, saturated: 'in-turn' }, SIDES)
}

/**
 * Right answers a second of each side. Together where both have equally many processes and threads, because the kernel shares
 * the CPU out among these; else in turn, which is noisier.
 */
async function saturate(
  both: Both,
  options: RoundOptions,
  order: readonly SideName[],
): Promise<Record<SideName, number>> {
  const pairs = Math.max(1, Math.round(options.seconds.saturated / SLICE))
  const turns = (pair: number): readonly (readonly SideName[])[] =>
    options.saturated === 'together' ? [order] : (pair % 2 === 0 ? order : order.toReversed()).map((side) => [side])
  const total = { base: { requests: 0, seconds: 0 }, head: { requests: 0, seconds: 0 } }
  for (const sides of Array.from({ length: pairs }, (_, pair) => turns(pair)).flat()) {
    const recordings = await produced(both, options, sides, () => ({ loop: closed(options), seconds: SLICE }))
    for (const side of sides) {
      total[side].requests += recordings[side].requests
      total[side].seconds += recordings[side].seconds
    }
  }
  return { base: total.base.requests / total.base.seconds, head: total.head.requests / total.head.seconds }
}

const closed = ({ connections }: RoundOptions): Loop => ({ kind: 'closed', connections })

/** Has both sides, or one of them, loaded at the same time by one process. */
async function produced(
  both: Both,
  { path, producer, signal }: RoundOptions,
  sides: readonly SideName[],
  loadOf: (index: number) => Pick<Load, 'loop' | 'seconds' | 'share' | 'seed'>,
): Promise<Readonly<Record<SideName, Recording>>> {
  const [one, ...others] = sides.map((side, index) => ({
    url: new URL(path, both[side].target.hops[0].url).href,
    ...{ warmUpSeconds: 0, timeoutSeconds: TIMEOUT },
    ...loadOf(index),
  }))
  const window = { begin() {}, end() {} }
  const recordings = await producer.carryOut({ generator: GENERATOR, loads: [one!, ...others] }, { window, signal })
  for (const [index, side] of sides.entries()) await refuseErrors(both, side, recordings[index]!, path)
  await sleep(SETTLE)
  return Object.fromEntries(sides.map((side, index) => [side, recordings[index]!])) as Record<SideName, Recording>
}

const readSides = async ({ base, head }: Both) => ({
  base: await readCpu(base.services),
  head: await readCpu(head.services),
})

async function memoryOf(services: readonly Service[]): Promise<number | null> {
  const all = await Promise.all(services.map((service) => service.usage('memory')))
  return all.every(({ pssBytes }) => pssBytes !== null) ? all.reduce((sum, { pssBytes }) => sum + pssBytes!, 0) : null
}

/** What answers wrongly is not compared: it may be fast for that. */
async function refuseErrors(
  both: Both,
  side: SideName,
  { requests, errors, timeouts, errorKinds }: Recording,
  path: string,
): Promise<void> {
  const wrong = errors + timeouts
  if (wrong <= ERRORS_LIMIT * (requests + wrong)) return
  const kinds = Object.entries({ ...errorKinds, ...(timeouts > 0 ? { 'no answer in time': timeouts } : {}) })
  const told = kinds.map(([kind, times]) => `${kind} (${times} times)`).join(', ')
  throw new LabError(
    `The ${side} answered ${wrong} of ${requests + wrong} requests for ${path} wrongly: ${told}.`,
    `Mend the application, or name a path that it answers with --path. The end of its log:\n${endOf(await both[side].services.at(-1)!.logs())}`,
  )
}
