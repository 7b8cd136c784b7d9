import type { Fit, Machine } from './fit.ts'
import { computingOf, withThreads, type Response, type Traffic } from './response.ts'

/** What a machine may be set up with. */
export interface Limits {
  /** Of one machine. */
  readonly cores: number
  /** As many as its memory bears. */
  readonly workers: number
  /** Whether the application's server takes more workers as more processes, and more threads as more of them. */
  readonly scales: { readonly workers: boolean; readonly threads: boolean }
  /** Longest 99th percentile, in milliseconds. */
  readonly p99: number
}

/** A machine that bears its traffic, and what it makes of it. */
export interface Configured {
  readonly machine: Machine
  readonly response: Response
}

/**
 * No machine is planned busier than this. Waits of M/M/c are of arrivals as random as they come and of cores that are always as
 * fast as on average; real ones come in bursts, and a shared machine is slower at times.
 */
export const BUSIEST = 0.8
/** Requests that may find no free thread: one in a hundred. */
const QUEUED = 0.01
/** More threads take turns computing in one Python process than anybody measured here. */
export const MOST_THREADS = 64

/**
 * The fewest workers, and threads of each, with which a machine bears the traffic: one for each core, because Python computes one
 * thing at a time in each, and two at least, so that one that starts anew is not missed, as far as memory bears them; more where
 * more threads are needed; and so many of these that 99 of 100 requests find a free one, even if all connections that can crowd at
 * one worker do. Undefined where none do.
 */
export function configured(fit: Fit, traffic: Traffic, limits: Limits): Configured | undefined {
  const { scales } = limits
  const most = scales.workers ? limits.workers : 1
  for (let workers = Math.min(Math.max(2, limits.cores), most); workers <= most; workers++) {
    const machineOf = (threads: number): Machine => ({
      ...{ cores: limits.cores, slots: { workers, threads }, interpreters: workers },
    })
    const computing = computingOf(fit, machineOf(1), traffic)
    // More workers do not make cores faster.
    if (!computing || computing.used.cores > BUSIEST) return undefined
    const respond = (threads: number): Response | undefined =>
      withThreads(fit, machineOf(threads).slots, traffic, computing)
    const threads = scales.threads ? enoughThreads(fit, respond) : 1
    const response = respond(threads)
    if (response && bears(response, limits.p99)) return { machine: machineOf(threads), response }
    // Those who wait for cores have what threads can give them.
    if (response && response.queued <= QUEUED && response.used.interpreters <= BUSIEST) return undefined
  }
  return undefined
}

const bears = ({ used, queued, p99 }: Response, limit: number): boolean =>
  used.interpreters <= BUSIEST && queued <= QUEUED && p99 <= limit

function enoughThreads(fit: Fit, respond: (threads: number) => Response | undefined): number {
  if (fit.sharing.kind === 'unlimited') return fit.machine.slots.threads
  // Fewer than were measured would save nothing.
  let [low, high] = [fit.machine.slots.threads, Math.max(MOST_THREADS, fit.machine.slots.threads)]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((respond(middle)?.queued ?? 1) <= QUEUED) high = middle
    else low = middle + 1
  }
  return low
}
