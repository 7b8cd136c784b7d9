import { mean, sampleStandardDeviation } from 'simple-statistics'
import { calmRounds } from '../../reports/planning/points.ts'
import type { LoadPoint, MeasuredSize, Planning } from '../../reports/run.ts'
import {
  measureInTurn,
  pointOf,
  tallyOf,
  type InterleavedLoad,
  type Tally,
} from '../../suites/measuring/interleaved.ts'
import type { Producer } from '../../suites/measuring/generator-process.ts'
import type { Topology } from '../../topologies/index.ts'
import type { Deployment, Placement } from '../../topologies/runtimes/index.ts'
import type { GrowingResult } from '../growing-run.ts'
import { shuffled } from '../schedule.ts'
import type { Kinds } from './kinds.ts'
import type { Windows } from './windows.ts'

/** How a topology's loads are measured. */
export interface How {
  readonly producer: Producer
  readonly placement: Placement
  /** Length of each window. */
  readonly seconds: number
  readonly warmUpSeconds: number
  readonly rounds: number
  readonly random: () => number
  readonly signal: AbortSignal
}

/** A topology while it is measured: what its loads showed so far. */
export interface Measured {
  readonly topology: Topology
  readonly result: GrowingResult
  /** What is asked of it; absent until it was tried. */
  kinds?: Kinds
  /** Closed and open loops, whose windows are not equally long. */
  closed: readonly Tally[]
  open: readonly Tally[]
  /** By number of workers. */
  readonly sizes: Map<number, MeasuredSize>
}

/** Every load once in each round, in random order. The tallies with what came of it. */
export async function measureRounds(
  deployment: Deployment,
  tallies: readonly Tally[],
  { rounds, random, ...how }: How,
): Promise<readonly Tally[]> {
  let found = tallies
  for (let round = 0; round < rounds; round++) found = await measureInTurn(deployment, shuffled(found, random), how)
  return found
}

/** Loads of which nothing is known yet. */
export const talliesOf = (loads: readonly InterleavedLoad[]): readonly Tally[] => loads.map(tallyOf)

/** Standard error of a mean throughput, as a share of it, above which it is worth more windows. */
const SURE_ENOUGH = 0.06

/**
 * Loads whose throughput is not known well enough yet. Where a server does not share connections out evenly, it is decided by chance
 * in each window how many of its workers have something to do.
 */
export const unsure = (tallies: readonly Tally[]): readonly Tally[] =>
  tallies.filter(({ rounds }) => {
    const throughputs = calmRounds(rounds).map(({ throughput }) => throughput)
    if (throughputs.length < 2) return true
    return sampleStandardDeviation(throughputs) / Math.sqrt(throughputs.length) > SURE_ENOUGH * mean(throughputs)
  })

/** What the tiers hold at this moment. */
export async function sizeOf(deployment: Deployment, workers: number, threads: number): Promise<MeasuredSize> {
  const tiers = await Promise.all(
    deployment.services.map(async (service) => {
      const { pssBytes, processes } = await service.usage('memory')
      return { role: service.role, server: service.server, pssBytes, processes }
    }),
  )
  return { workers, threads, tiers }
}

/** All that is known of a topology so far, as a run keeps it. */
export function planningOf({ closed, open, sizes }: Measured, windows: Windows): Planning {
  const points = [...pointsOf(closed, windows.closed), ...pointsOf(open, windows.open)]
  return { points, sizes: [...sizes.values()].sort((one, other) => one.workers - other.workers) }
}

/** What loads showed, sorted by what they ask for and how many connections, those that were always disturbed left out. */
export function pointsOf(tallies: readonly Tally[], seconds: number): LoadPoint[] {
  const load = ({ loop }: LoadPoint): number => (loop.kind === 'open' ? loop.rate : loop.connections)
  return tallies
    .flatMap((tally) => pointOf(tally, seconds) ?? [])
    .sort((one, other) => one.of.localeCompare(other.of) || load(one) - load(other))
}
