import type { CapacityStep, Run, Slo } from '../../reports/run.ts'
import { limited } from '../../reports/capacity.ts'
import { keeps } from '../../reports/objective.ts'
import { shuffled } from '../schedule.ts'
import { staircase, type Staircase } from './staircase.ts'

type Sought = NonNullable<Run['capacity']>

/** Where a search begins: how much there is to be had, and how long an answer takes then, in milliseconds. */
export interface Look {
  readonly throughput: number
  readonly mean: number
}

/** One rate to be tried. */
export interface Rate {
  readonly rate: number
  readonly seconds: number
}

/** A search that goes on: what to try next, and what came of it. */
export interface Search {
  /** Undefined when it is over. */
  next(): Rate | undefined
  /** Whether it decides anything; one that others disturbed is tried again. */
  note(step: Omit<CapacityStep, 'kept'>): void
  readonly steps: readonly CapacityStep[]
}

/** Shares of what there is to be had at which the curve begins; nothing is sought there. */
const CURVE = [0.2, 0.4, 0.6]
/** Share of what there is to be had where the search begins, and the factor of its first stride. */
const START = { share: 0.8, stride: 1.25 } as const
/** Factor of the first strides towards the edges of the tighter limits. */
const TIGHTER = 1.1
/** Most steps until the edge is found, and how often every limit's edge is approached then. */
const STEPS = { finding: 14, rounds: 6 } as const
/** How often one rate is tried while others disturb it, and which share of all steps that may be more. */
const TRIES = 2
const AGAIN = 0.5
/** Longest time of a search's steps, in seconds. */
const LONGEST = 90

/** How long a step is: enough requests beyond the percentile, within these bounds in seconds. */
const SECONDS = { least: 0.6, most: 2, longest: 10 } as const
/** Requests beyond a percentile that make it known, and that are to be had where it takes long. */
const BEYOND = { known: 5, least: 1 } as const
/** The least rate that is tried: at this share of what there is to be had hardly anybody waits for another. */
const LEAST_SHARE = 0.1
/** And no less than so many a second: a step of the longest time has ten requests then. */
const LEAST_RATE = 1
/** Seconds of the shortest step. */
export const SHORTEST_STEP = SECONDS.least

/** What takes a turn: the edge of an objective is approached, or one rate is tried for the curve. */
type Turn = { readonly objective: Slo; readonly stairs: Staircase } | { readonly rate: number }

/**
 * A search for the highest rates that keep an objective, and its highest percentile within further limits. Each has a staircase;
 * first that of the objective finds its edge, then all take turns in random order, so that each edge is approached many times,
 * spread over the whole search, while the machine is now faster and now slower.
 */
export function search({ slo, limits }: Sought, look: Look, random: () => number): Search {
  const steps: CapacityStep[] = []
  const least = Math.max(LEAST_RATE, LEAST_SHARE * look.throughput)
  const own = {
    objective: slo,
    stairs: staircase(Math.max(least, START.share * look.throughput), START.stride, least),
  }
  const tighter = limits.map((milliseconds) => limited(slo, milliseconds)).filter((each) => !isSame(each, slo))
  let all: readonly Turn[] = []
  let waiting: readonly Turn[] = []
  let [rounds, again, tries, spent] = [0, 0, 0, 0]
  let now: Turn | undefined

  const turn = (): Turn | undefined => {
    if (spent > LONGEST || own.stairs.isLost()) return undefined
    if (waiting.length === 0) {
      if (rounds === 0 && !own.stairs.isFine() && steps.length < STEPS.finding) return own
      if (rounds === STEPS.rounds) return undefined
      if (rounds === 0) {
        const start = own.stairs.rate()
        all = [own, ...tighter.map((objective) => ({ objective, stairs: staircase(start, TIGHTER, least) }))]
      }
      const curve = rounds === 0 ? CURVE.map((share) => ({ rate: Math.max(least, share * look.throughput) })) : []
      const open = all.filter((each) => !('stairs' in each && each.stairs.isLost()))
      waiting = shuffled([...open, ...curve], random)
      rounds += 1
    }
    const [next, ...others] = waiting
    waiting = others
    return next
  }

  return {
    steps,
    next() {
      if (tries === 0) now = turn()
      if (now === undefined) return undefined
      const rate = 'rate' in now ? now.rate : now.stairs.rate()
      return { rate, seconds: secondsAt(rate, slo) }
    },
    note(found) {
      const step = { ...found, kept: keeps(slo, found) }
      steps.push(step)
      spent += step.seconds
      tries += 1
      if (step.disturbed && tries < TRIES && again < AGAIN * steps.length) {
        again += 1
        return
      }
      tries = 0
      // What others disturbed says nothing of the servers.
      if (!step.disturbed && now !== undefined && 'stairs' in now) now.stairs.answer(keeps(now.objective, step))
    },
  }
}

/** How long a rate is tried, in seconds. */
export function secondsAt(rate: number, { limits }: Slo): number {
  const share = Math.max(...limits.map(({ percentile }) => BEYONDS[percentile]))
  const longest = Math.max(...limits.map(({ milliseconds }) => milliseconds)) / 1e3
  const wanted = Math.min(SECONDS.most, (BEYOND.known * share) / rate)
  return Math.min(SECONDS.longest, Math.max(SECONDS.least, wanted, (BEYOND.least * share) / rate, 2 * longest))
}

/** Requests for one that lies beyond the percentile. */
const BEYONDS = { p50: 2, p90: 10, p99: 100, p999: 1000 } as const

const isSame = (a: Slo, b: Slo): boolean => JSON.stringify(a) === JSON.stringify(b)
