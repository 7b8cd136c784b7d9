import type { Result, Run } from '../run.ts'
import { meanValues, type Station } from './mean-value.ts'
import { averageOf, between, p99Of, totalOf, type ClosedPoint, type Cpu } from './points.ts'
import { inThreads, type Sharing, type Slots } from './sharing.ts'

/** What a request meets: cores for all tiers, or for each its own, and an application's server of some size. */
export interface Machine {
  readonly cores: number | Readonly<Partial<Record<string, number>>>
  readonly slots: Slots
  /** Python processes that can compute at the same time. */
  readonly interpreters: number
}

/** What a topology's closed loops say of it. */
export interface Fit {
  readonly machine: Machine
  /** Connections, from 1 on. */
  readonly loads: readonly number[]
  /**
   * At each load: with more to do, servers do more at a time, and each request takes less. What the system does between the tiers
   * without charging anybody is part of it.
   */
  readonly cpu: readonly Cpu[]
  /** Seconds of a request alone in which it keeps no core busy: it waits for a database, say. */
  readonly delay: number
  readonly sharing: Sharing
  /** Median over mean of the latency at each load. */
  readonly shape: readonly number[]
  /** Of requests that wait for nobody, in milliseconds. */
  readonly alone: { readonly p50: number; readonly p99: number }
}

/** The machine on which a result was measured. */
export function measuredMachine(run: Run, result: Result): Machine {
  const { tiers, services } = run.placement
  const app = result.tiers.at(-1)!
  const slots = { workers: run.workersPerServer, threads: app.variant === 'sync' ? 1 : run.threadsPerWorker }
  const own = tiers ? result.tiers.map(({ role }) => [role, tiers[role]?.length ?? 1] as const) : undefined
  return {
    cores: own ? Object.fromEntries(own) : services.length,
    // A server of one process takes workers for more threads of it.
    slots: isSingle(result) ? { workers: 1, threads: slots.workers * slots.threads } : slots,
    interpreters: isSingle(result) ? 1 : slots.workers,
  }
}

/** Whether the application's server has one process however many workers it is told to have: measured with two numbers of them. */
export function isSingle(result: Result): boolean {
  const sizes = result.planning?.sizes ?? []
  const processes = (workers: number) =>
    sizes.find((size) => size.workers === workers)?.tiers.find(({ role }) => role === 'app')?.processes
  const [fewest, most] = [sizes.map(({ workers }) => workers), sizes.map(({ workers }) => workers)].map((all, at) =>
    at === 0 ? Math.min(...all) : Math.max(...all),
  ) as [number, number]
  return fewest < most && processes(fewest) === processes(most)
}

/**
 * Fits closed loops of one class, which begin with one connection; undefined where there is none of it, or no other. What is known
 * of sharing is not looked for again.
 */
export function fitOf(points: readonly ClosedPoint[], machine: Machine, known?: Sharing): Fit | undefined {
  const [first] = points
  if (first?.loop.connections !== 1 || points.length < 2) return undefined
  const averages = points.map(({ rounds }) => averageOf(rounds))
  const loads = points.map(({ loop }) => loop.connections)
  const seen = averages.map(({ throughput }) => throughput)
  const charging = (factor: number): Fit => {
    const cpu = averages.map((each) => times(each.cpu, factor))
    return { ...unshaped, cpu, delay: Math.max(0, 1 / seen[0]! - totalOf(cpu[0]!)) }
  }
  const unshaped: Omit<Fit, 'cpu' | 'delay'> = {
    ...{ machine, loads, sharing: known ?? { kind: 'any' } },
    shape: points.map(({ latency }, at) => latency.p50 / ((loads[at]! / seen[at]!) * 1000)),
    alone: {
      // Waiting only makes them longer: where a rare stall made those of the few requests of one connection long, others tell.
      p50: Math.min(...points.map(({ latency }) => latency.p50)),
      p99: Math.min(...points.map((point) => p99Of(point) ?? point.latency.max)),
    },
  }
  const plain = charging(1)
  // A throughput tells either what threads do or what cores do, whichever there are too few of.
  if (isShortOfThreads(plain)) return known ? plain : { ...plain, sharing: sharingOf(plain, seen) }
  if (usedAt(plain, seen) < BUSY) return plain
  return closest(FACTORS.map(charging), seen)
}

/**
 * As the servers meet an open loop: its connections are opened one after the other as requests come, so that each finds another
 * worker idle, and none crowd at one. Those of a closed loop are opened all at once.
 */
export const inOpenLoop = (fit: Fit): Fit =>
  fit.sharing.kind === 'sticky' ? { ...fit, sharing: { kind: 'any' } } : fit

/** CPU time of each tier at a load. */
export function cpuAt({ loads, cpu }: Fit, load: number): Cpu {
  const roles = Object.keys(cpu[0]!) as (keyof Cpu)[]
  return Object.fromEntries(
    roles.map((role) => [
      role,
      between(
        loads,
        cpu.map((each) => each[role] ?? 0),
        load,
      ),
    ]),
  )
}

/** Where requests compute. Tiers that share cores are one station; Python's part of it is bound by its processes. */
export function stationsOf(cpu: Cpu, { cores, interpreters }: Machine): readonly Station[] {
  const app = cpu.app ?? 0
  const stations =
    typeof cores === 'number'
      ? [{ servers: Math.min(cores, app > 0 ? (interpreters * totalOf(cpu)) / app : cores), demand: totalOf(cpu) }]
      : Object.entries(cpu).map(([role, demand]) => ({
          servers: Math.min(cores[role] ?? 1, role === 'app' ? interpreters : Infinity),
          demand,
        }))
  return stations.filter(({ demand }) => demand > 0)
}

/** Right responses per second of a closed loop with so many connections. */
export function throughputAt(fit: Fit, connections: number): number {
  const { delay, sharing, machine } = fit
  const inside = inThreads(sharing, machine.slots, connections)
  const network = { stations: stationsOf(cpuAt(fit, connections), machine), delay }
  const all = meanValues(network, Math.ceil(inside))
  const [low, high] = [Math.floor(inside), Math.ceil(inside)].map((requests) => all[requests - 1]?.throughput ?? 0)
  return low! + (inside - Math.floor(inside)) * (high! - low!)
}

/** Below this share of what unlimited threads would bring, threads are what a load is short of, and it shows how they are shared. */
const SHORT_OF_THREADS = 0.9
/** From this share of the cores on, throughput tells what they spend on a request. */
const BUSY = 0.7
/** How many times what is charged to the tiers the cores spend. */
const FACTORS = Array.from({ length: 26 }, (_, step) => 1 + 0.02 * step)
/** From no connections at all at the other workers to nearly as many at each. */
const EVENNESSES = Array.from({ length: 30 }, (_, step) => 0.02 * 1.3 ** step)

function isShortOfThreads(fit: Fit): boolean {
  const at = (kind: 'any' | 'unlimited'): number => throughputAt({ ...fit, sharing: { kind } }, fit.loads.at(-1)!)
  return at('any') < SHORT_OF_THREADS * at('unlimited')
}

/** Share of the busiest cores in use at the greatest load. */
const usedAt = ({ cpu, machine }: Fit, seen: readonly number[]): number =>
  Math.max(...stationsOf(cpu.at(-1)!, machine).map(({ demand, servers }) => (seen.at(-1)! * demand) / servers))

const times = (cpu: Cpu, factor: number): Cpu =>
  Object.fromEntries(Object.entries(cpu).map(([role, seconds]) => [role, seconds * factor]))

/** The way of sharing that comes closest to the measured throughputs. */
function sharingOf(fit: Fit, seen: readonly number[]): Sharing {
  const sticky = EVENNESSES.map((evenness): Sharing => ({ kind: 'sticky', evenness }))
  const candidates: readonly Sharing[] = [
    ...[{ kind: 'any' } as const, { kind: 'unlimited' } as const],
    ...(fit.machine.slots.workers > 1 ? sticky : []),
  ]
  return closest(
    candidates.map((sharing) => ({ ...fit, sharing })),
    seen,
  ).sharing
}

/** The fit whose throughputs are closest to the measured ones, on a scale of logarithms. */
function closest(fits: readonly Fit[], seen: readonly number[]): Fit {
  const misses = fits.map((fit) =>
    fit.loads.reduce((sum, load, at) => sum + Math.log(throughputAt(fit, load) / seen[at]!) ** 2, 0),
  )
  return fits[misses.indexOf(Math.min(...misses))]!
}
