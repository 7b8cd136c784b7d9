import { setTimeout as sleep } from 'node:timers/promises'
import type { CapacityStep } from '../../reports/run.ts'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import { endOf } from '../../topologies/runtimes/service.ts'
import type { Deployment } from '../../topologies/runtimes/index.ts'
import type { Part } from '../load/index.ts'
import { scheduleKept } from './latency.ts'
import { seeWindow, wrongKinds, type WindowOptions } from './window.ts'

/** What all rates that are tried have in common. */
export interface RateOptions extends WindowOptions {
  readonly requests: readonly Part[]
  /** Most connections that are open at a time. */
  readonly connections: number
  /** Seconds after which a request counts as not answered. */
  readonly timeoutSeconds: number
}

/** One rate, for how long. */
export interface Tried {
  readonly rate: number
  readonly seconds: number
  readonly warmUpSeconds: number
  /** Decides when within its turn each request is sent. */
  readonly seed: number
}

/** Time for servers to be done with what is left of a load, in milliseconds; more where requests were given up. */
const SETTLE = { answered: 20, givenUp: 500 } as const
/** Length of each of the windows in which it is looked how much there is to be had. */
const LOOK_SECONDS = 0.4

/** Asks for so many requests per second, for a while, in an open loop: what came of it. */
export async function tryRate(
  deployment: Deployment,
  { rate, seconds, warmUpSeconds, seed }: Tried,
  options: RateOptions,
): Promise<Omit<CapacityStep, 'kept'>> {
  const { requests: mix, connections, timeoutSeconds } = options
  const loop = { kind: 'open', rate, connections, arrivals: 'jittered' } as const
  const seen = await seeWindow(
    deployment,
    { url: mix[0]!.path, mix, loop, seconds, warmUpSeconds, timeoutSeconds, seed },
    options,
  )
  const { requests, errors, timeouts, schedule, cpuSeconds } = seen.recording
  await sleep(timeouts > 0 ? SETTLE.givenUp : SETTLE.answered)
  const wrong = errors + timeouts
  const { lateP50, lateP99 } = scheduleKept(schedule!)
  return {
    rate,
    seconds: seen.recording.seconds,
    throughput: seen.throughput,
    latency: seen.latency,
    errors: wrong === 0 ? 0 : wrong / (requests + wrong),
    cpu: seen.cpu,
    utilization: seen.utilization,
    lateP50,
    lateP99,
    generatorCpu: cpuSeconds / seen.recording.seconds,
    disturbed: seen.disturbed,
  }
}

/**
 * Right answers per second with this many connections that each ask again as soon as they are answered, and how long an answer
 * takes then, in milliseconds: where a search begins. Throws when nothing is answered rightly.
 */
export async function lookAt(
  deployment: Deployment,
  connections: number,
  options: RateOptions,
): Promise<{ readonly throughput: number; readonly mean: number }> {
  const { requests: mix, timeoutSeconds } = options
  const seconds = LOOK_SECONDS
  // Fresh processes come to their usual speed meanwhile.
  const load = {
    url: mix[0]!.path,
    mix,
    loop: { kind: 'closed', connections },
    seconds,
    warmUpSeconds: seconds,
  } as const
  const { throughput, latency, recording } = await seeWindow(deployment, { ...load, timeoutSeconds }, options)
  await sleep(SETTLE.answered)
  if (latency !== null) return { throughput, mean: latency.mean }
  const log = endOf(await deployment.services.at(-1)!.logs())
  throw new LabError(
    `No request for ${mix.map(({ path }) => path).join(', ')} was answered rightly: ${wrongKinds(recording) || `none within ${2 * seconds} s`}.`,
    `Mend the application, or name a path that it answers with --path. The end of its log:\n${log}`,
  )
}
