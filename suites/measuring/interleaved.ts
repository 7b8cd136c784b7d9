import type { LoadPoint, LoadRound, RequestClass } from '../../reports/run.ts'
import type { Deployment, Placement, Service } from '../../topologies/runtimes/index.ts'
import { endOf } from '../../topologies/runtimes/service.ts'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import { mergeRecordings } from '../generating/merge.ts'
import type { Load, Recording } from '../generators/index.ts'
import { cpuBetween, readCpu, type CpuReading } from './cpu-time.ts'
import { isDelayed, isForeign } from './disturbed.ts'
import type { Producer } from './generator-process.ts'
import { latencyOf, scheduleKept } from './latency.ts'
import { cpusForeign, readEdge } from './used.ts'

/** A load among those that take turns. */
export interface InterleavedLoad extends Pick<Load, 'loop' | 'mix' | 'expects'> {
  readonly of: RequestClass
  /** Where it begins, or what it asks for where it has no `mix`. */
  readonly path: string
}

/** How loads are measured in turn. */
export interface InterleavedOptions {
  /** Length of each window. */
  readonly seconds: number
  readonly producer: Producer
  readonly placement: Placement
  readonly signal: AbortSignal
}

/** Produces open and closed loops with the least CPU time. */
const GENERATOR = 'pacer'
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
      const { round, recording } = await window(deployment, tally.load, options)
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
  { services, target }: Deployment,
  { path, loop, mix, expects }: InterleavedLoad,
  { seconds, producer, placement, signal }: InterleavedOptions,
): Promise<{ readonly round: LoadRound; readonly recording: Recording }> {
  const cpus = [...new Set([...placement.services, ...placement.generator])]
  const read = async () => ({ edge: await readEdge(services, cpus), cpu: await Promise.all(services.map(readOne)) })
  const readings: ReturnType<typeof read>[] = []
  const readNow = (): void => {
    const reading = read()
    // It is awaited below; if the generator fails first, that is what gets reported.
    reading.catch(() => {})
    readings.push(reading)
  }
  const load: Load = {
    url: new URL(path, target.hops[0].url).href,
    ...{ loop, seconds, warmUpSeconds: WARM_UP, timeoutSeconds: TIMEOUT },
    ...(mix === undefined ? {} : { mix }),
    ...(expects === undefined ? {} : { expects }),
  }
  const order = { generator: GENERATOR, loads: [load] as const }
  const [recording] = await producer.carryOut(order, { window: { begin: readNow, end: readNow }, signal })
  await refuseErrors(recording!, services, path)
  const [before, after] = await Promise.all(readings)
  const { requests, completed = requests, histogram } = recording!
  const latency = latencyOf(histogram)
  const foreign = cpusForeign(before!.edge, after!.edge, recording!.cpuSeconds / recording!.seconds)
  return {
    recording: recording!,
    round: {
      throughput: completed / recording!.seconds,
      mean: latency?.mean ?? null,
      cpu: Object.fromEntries(
        services.map(({ role }, index) => [
          role,
          completed === 0 ? 0 : (cpuBetween(before!.cpu[index]!, after!.cpu[index]!) / completed) * 1e6,
        ]),
      ),
      disturbed: isForeign(foreign, cpus.length) || isDelayed(recording!.delayed),
    },
  }
}

const readOne = (service: Service): Promise<CpuReading> => readCpu([service])

async function refuseErrors(recording: Recording, services: readonly Service[], path: string): Promise<void> {
  const { requests, errors, timeouts, errorKinds } = recording
  const wrong = errors + timeouts
  if (wrong <= ERRORS_LIMIT * (requests + wrong)) return
  const kinds = Object.entries({ ...errorKinds, ...(timeouts > 0 ? { 'no answer in time': timeouts } : {}) })
  throw new LabError(
    `${wrong} of ${requests + wrong} requests for ${path} were answered wrongly: ${kinds.map(([kind, times]) => `${kind} (${times} times)`).join(', ')}.`,
    `Mend the application, or name a path that it answers with --path. The end of its log:\n${endOf(await services.at(-1)!.logs())}`,
  )
}
