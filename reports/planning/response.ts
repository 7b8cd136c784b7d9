import { waiting, type Waiting } from './erlang.ts'
import { cpuAt, type Fit, type Machine } from './fit.ts'
import { totalOf, type Cpu } from './points.ts'
import { crowding, type Sharing, type Slots } from './sharing.ts'

/** Requests of all classes as one machine meets them. */
export interface Traffic {
  /** Requests per second. */
  readonly rate: number
  /** Share of them that the application answers. */
  readonly application: number
  /** CPU time of the others, averaged over all requests. */
  readonly others: Cpu
  /** Latency of the others where nobody waits, in milliseconds; only where the application answers next to nothing. */
  readonly alone?: Fit['alone']
}

/** What a machine computes for traffic, however many threads there are. */
export interface Computing {
  /** Cores busy with each tier. */
  readonly busy: Cpu
  /** Shares in use, of the cores and of what Python processes can compute. */
  readonly used: { readonly cores: number; readonly interpreters: number }
  /** Waits for a core or for a Python process, whichever is longer, in seconds. */
  readonly wait: Pick<Waiting, 'mean' | 'quantile'>
  /** Requests per second that the application answers, and seconds for which each holds a thread. */
  readonly answered: number
  readonly hold: number
}

/** What a machine makes of traffic. */
export interface Response {
  /** Milliseconds, of requests that the application answers, where it answers any. */
  readonly p50: number
  readonly p99: number
  readonly busy: Cpu
  /** Shares in use; of threads, where connections are most crowded. */
  readonly used: Computing['used'] & { readonly threads: number }
  /** Share of the application's requests that find no free thread. */
  readonly queued: number
}

/** With so many connections it is told how unevenly they come to workers. */
const CONNECTIONS = 64

/**
 * Latency under random arrivals: as it was measured for requests that wait for nobody, and the waits of M/M/c for cores, Python
 * processes and threads on top, each at the same percentile. That is more than the true percentile of their sum, because who
 * waits long for one does not always wait long for the other. Undefined when the machine falls behind.
 */
export function responseOf(fit: Fit, machine: Machine, traffic: Traffic): Response | undefined {
  const computing = computingOf(fit, machine, traffic)
  return computing && withThreads(fit, machine.slots, traffic, computing)
}

/** The waits for threads added to what is computed. Undefined when there are too few of them to keep up. */
export function withThreads(
  fit: Fit,
  slots: Slots,
  { alone = fit.alone }: Traffic,
  { busy, used, wait, answered, hold }: Computing,
): Response | undefined {
  const { places, share } = placesOf(fit.sharing, slots)
  const threads = waiting(places, answered * share, hold)
  if (!threads) return undefined
  const waits = (quantile: number): number => 1000 * (wait.quantile(quantile) + threads.quantile(quantile))
  return {
    p50: alone.p50 + waits(0.5),
    p99: alone.p99 + waits(0.99),
    busy,
    used: { ...used, threads: (answered * share * hold) / places },
    queued: threads.probability,
  }
}

/**
 * What cores and Python processes have to do. Undefined when they fall behind. The busier they are the more requests are in hand,
 * and the less each of them takes: the least number of them is looked for that Little's law agrees with.
 */
export function computingOf(fit: Fit, machine: Machine, traffic: Traffic): Computing | undefined {
  // As many for each core as were measured for each of its cores.
  const scale = coresOf(machine) / coresOf(fit.machine)
  const most = fit.loads.at(-1)!
  for (let load = 1; load < most; load *= STEP) {
    const computing = computingAt(fit, machine, traffic, load)
    if (computing && computing.answered * computing.hold <= load * scale) return computing
  }
  return computingAt(fit, machine, traffic, most)
}

const STEP = 1.2

function computingAt(
  fit: Fit,
  machine: Machine,
  { rate, application, others }: Traffic,
  load: number,
): Computing | undefined {
  const answered = rate * application
  const own = cpuAt(fit, load)
  const cpu = sumOf(own, application, others)
  const cores = coreWaits(machine, cpu, rate)
  const python = waiting(machine.interpreters, answered, own.app ?? 0)
  if (!cores || !python) return undefined
  const mean = Math.max(cores.mean, python.mean)
  return {
    busy: Object.fromEntries(Object.entries(cpu).map(([role, demand]) => [role, rate * demand])),
    used: {
      cores: (rate * totalOf(cpu)) / coresOf(machine),
      interpreters: (answered * (own.app ?? 0)) / machine.interpreters,
    },
    wait: { mean, quantile: (share) => Math.max(cores.quantile(share), python.quantile(share)) },
    answered,
    hold: fit.delay + totalOf(own) + mean,
  }
}

/** All cores of a machine. */
const coresOf = ({ cores }: Machine): number =>
  typeof cores === 'number' ? cores : Object.values(cores).reduce<number>((sum, own) => sum + (own ?? 0), 0)

/** Threads that a request may come to, and the share of the requests that compete for them. */
function placesOf(sharing: Sharing, slots: Slots): { readonly places: number; readonly share: number } {
  if (sharing.kind === 'unlimited') return { places: Infinity, share: 1 }
  if (sharing.kind === 'any') return { places: slots.workers * slots.threads, share: 1 }
  return { places: slots.threads, share: crowding(slots.workers, sharing.evenness, CONNECTIONS) }
}

function sumOf(own: Cpu, share: number, others: Cpu): Cpu {
  const roles = [...new Set([...Object.keys(own), ...Object.keys(others)])] as (keyof Cpu)[]
  return Object.fromEntries(roles.map((role) => [role, share * (own[role] ?? 0) + (others[role] ?? 0)]))
}

/** Waits for cores, one tier after the other where each has its own. */
function coreWaits({ cores }: Machine, cpu: Cpu, rate: number): Computing['wait'] | undefined {
  if (typeof cores === 'number') return waiting(cores, rate, totalOf(cpu))
  const waits = Object.entries(cpu).map(([role, demand]) => waiting(cores[role] ?? 1, rate, demand))
  if (!waits.every((wait) => wait !== undefined)) return undefined
  return {
    mean: waits.reduce((sum, { mean }) => sum + mean, 0),
    quantile: (share) => waits.reduce((sum, wait) => sum + wait.quantile(share), 0),
  }
}
