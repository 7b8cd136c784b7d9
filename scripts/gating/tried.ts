import { EXIT, LabError } from '../../topologies/runtimes/lab-error.ts'
import type { Placement, Runtime } from '../../topologies/runtimes/index.ts'
import { answerTo } from '../application/answered.ts'
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
    return (await answerTo(deployment, { path }, signal)).head!.status
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
