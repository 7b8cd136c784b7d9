import type { LoadPoint, LoadRound, RequestClass } from '../../reports/run.ts'
import type { Deployment, Service } from '../../topologies/runtimes/index.ts'
import { endOf } from '../../topologies/runtimes/service.ts'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import { mergeRecordings } from '../generating/merge.ts'
import type { Load, Recording } from '../generators/index.ts'
import { latencyOf, scheduleKept } from './latency.ts'
import { seeWindow, wrongKinds, type WindowOptions } from './window.ts'

/** A load among those that take turns. */
export interface InterleavedLoad extends Pick<Load, 'loop' | 'mix' | 'expects'> {
  readonly of: RequestClass
  /** Where it begins, or what it asks for where it has no `mix`. */
  readonly path: string
}

/** How loads are measured in turn. */
export interface InterleavedOptions extends WindowOptions {
  /** Length of each window. */
  readonly seconds: number
  /** In which nothing counts: as long as an answer takes at the load, so that the queue is as long as it gets. @default 0.1 */
  readonly warmUpSeconds?: number
}

/** Seconds in which new connections come to their usual speed. */
const WARM_UP = 0.1
const TIMEOUT = 10
/** A window in which others used the CPUs is measured again, once: how long it all takes is to be known beforehand. */
const ATTEMPTS = 2
/** Share of requests that may go wrong: whoever answers wrongly is not to be planned with. */
const ERRORS_LIMIT = 0.01

/** What a load showed in all its windows so far. */
export interface Tally {
  readonly load: InterleavedLoad
  readonly rounds: readonly LoadRound[]
  readonly recordings: readonly Recording[]
}

/** A load of which nothing is known yet. */
export const tallyOf = (load: InterleavedLoad): Tally => ({ load, rounds: [], recordings: [] })

/**
 * One short window of each load, in the order given; give them in another one each time. A shared machine is half as fast in one
 * minute as in the next, so loads that are measured one after the other differ by that; in windows that take turns all meet the
 * same machine. Each window has connections of its own, because which worker gets which of them is chance as well.
 */
export async function measureInTurn(
  deployment: Deployment,
  tallies: readonly Tally[],
  options: InterleavedOptions,
): Promise<readonly Tally[]> {
  const found: Tally[] = []
  for (const tally of tallies) {
    let [rounds, recordings] = [tally.rounds, tally.recordings]
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const { round, recording } = await window(deployment, tally.load, rounds.length + 1, options)
      rounds = [...rounds, round]
      if (round.disturbed) continue
      recordings = [...recordings, recording]
      break
    }
    found.push({ load: tally.load, rounds, recordings })
  }
  return found
}

/** All that a load showed, as a run keeps it; undefined when every window of it was disturbed. */
export function pointOf({ load, rounds, recordings }: Tally, seconds: number): LoadPoint | undefined {
  const [first, ...others] = recordings
  if (!first) return undefined
  const all = mergeRecordings([first, ...others])
  const { kind, connections } = load.loop
  return {
    of: load.of,
    loop: kind === 'open' ? { kind, rate: load.loop.rate, connections } : { kind, connections },
    seconds,
    rounds: [...rounds],
    requests: all.requests,
    errors: all.errors + all.timeouts,
    latency: latencyOf(all.histogram),
    generatorCpu: Math.max(...recordings.map((each) => each.cpuSeconds / each.seconds)),
    ...(all.schedule ? { lateP99: scheduleKept(all.schedule).lateP99 } : {}),
  }
}

async function window(
  deployment: Deployment,
  { path, loop, mix, expects }: InterleavedLoad,
  /** So that chance is not the same in each window. */
  seed: number,
  { seconds, warmUpSeconds = WARM_UP, ...how }: InterleavedOptions,
): Promise<{ readonly round: LoadRound; readonly recording: Recording }> {
  const load: Load = {
    url: path,
    ...{ loop, seconds, warmUpSeconds, seed, timeoutSeconds: TIMEOUT },
    ...(mix === undefined ? {} : { mix }),
    ...(expects === undefined ? {} : { expects }),
  }
  const { recording, throughput, latency, cpu, disturbed } = await seeWindow(deployment, load, how)
  await refuseErrors(recording, deployment.services, path)
  return { recording, round: { throughput, mean: latency?.mean ?? null, p99: latency?.p99 ?? null, cpu, disturbed } }
}

async function refuseErrors(recording: Recording, services: readonly Service[], path: string): Promise<void> {
  const { requests, errors, timeouts } = recording
  const wrong = errors + timeouts
  if (wrong <= ERRORS_LIMIT * (requests + wrong)) return
  throw new LabError(
    `${wrong} of ${requests + wrong} requests for ${path} were answered wrongly: ${wrongKinds(recording)}.`,
    `Mend the application, or name a path that it answers with --path. The end of its log:\n${endOf(await services.at(-1)!.logs())}`,
  )
}
