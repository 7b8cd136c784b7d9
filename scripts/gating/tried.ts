import { setTimeout as sleep } from 'node:timers/promises'
import { describe } from '../../suites/judging/answer.ts'
import { connect } from '../../suites/judging/wire.ts'
import { EXIT, LabError } from '../../topologies/runtimes/lab-error.ts'
import type { Placement, Runtime, Service } from '../../topologies/runtimes/index.ts'
import { endOf } from '../../topologies/runtimes/service.ts'
import { usageError } from '../choices.ts'
import type { Side } from './side.ts'
import type { Sides } from './sides.ts'

/** How both sides are brought up. */
interface TryOptions {
  readonly path: string
  readonly workers: number
  readonly threads: number
  readonly placement: Placement
  readonly signal: AbortSignal
}

/** Longest time for an answer: the first request may have to load what the application needs. */
const ANSWER_MS = 10_000
/** Time for a server to write what it has to say about an answer. */
const LOG_MS = 100

/**
 * Brings each side up alone and asks it what the gate will ask for: what does not start, does not answer, or answers something
 * else than the other side cannot be compared, and is told by its name.
 */
export async function tryBoth(runtime: Runtime, { base, head }: Sides, options: TryOptions): Promise<void> {
  const ofHead = await answerOf('head', runtime, head, options)
  const ofBase = await answerOf('base', runtime, base, options)
  if (ofHead !== ofBase)
    throw new LabError(
      `The base answers GET ${options.path} with ${ofBase}, the head with ${ofHead}: how fast they are cannot be compared.`,
      'Ask for something that both answer alike: --path.',
    )
}

/** The status with which one side answers. */
async function answerOf(name: 'base' | 'head', runtime: Runtime, side: Side, options: TryOptions): Promise<number> {
  const { path, signal } = options
  try {
    await using deployment = await runtime.up(side.topology, { ...side, ...options })
    const { url } = deployment.target.hops[0]
    using connection = await connect(url, signal)
    connection.send(`GET ${path} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`)
    const answer = await connection.answer({ wait: ANSWER_MS })
    const status = answer.head?.status ?? 0
    // What the generator counts as right.
    if (answer.ending === 'complete' && status >= 200 && status <= 399) return status
    await sleep(LOG_MS)
    const happened = `answers GET ${path} with ${describe(answer)}`
    throw status >= 400 && status <= 499
      ? usageError(`${happened}.`, 'Ask for something that it has: --path.')
      : new LabError(`${happened}.`, `The end of its log:\n${endOf(await logsOf(deployment.services))}`)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof LabError)) throw error
    const [happened = '', ...todo] = error.message.split('\n')
    throw new LabError(`The ${name}: ${happened}`, todo.join('\n'), {
      exitCode: error.exitCode === EXIT.usage ? EXIT.usage : EXIT.environment,
      cause: error,
    })
  }
}

/** What the application's server wrote, which is who knows why it failed. */
const logsOf = (services: readonly Service[]): Promise<string> => services.at(-1)!.logs()
