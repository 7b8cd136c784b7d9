import { LabError } from '../../topologies/runtimes/lab-error.ts'
import { mergeRecordings } from '../generating/merge.ts'
import type { Generator, Load, Recording } from '../generators/index.ts'
import { produce, type ProduceOptions } from './generator-process.ts'

/** More processes than this are not started: four produce more than any tier here can answer. */
const MOST_PROCESSES = 4

/** Milliseconds until several processes begin together; starting one takes a third of it. */
const START = 1500

/**
 * Has a load produced: by one process, or by one on each of several CPUs where the generator can share its load out, because
 * one process is busy with one CPU at most.
 */
export async function produceTogether(generator: Generator, load: Load, options: ProduceOptions): Promise<Recording> {
  const { cpus, vantage, signal } = options
  // How long a container takes to start is not known well enough to begin together.
  const of = generator.splits && !vantage ? Math.min(cpus.length, MOST_PROCESSES, load.loop.connections) : 1
  if (of <= 1) return produce({ generator: generator.name, loads: [load] }, options)

  const beginsAt = Date.now() + START
  const window = common(of, options.window, generator.name)
  const stop = new AbortController()
  const running = Array.from({ length: of }, (_, index) =>
    produce(
      { generator: generator.name, loads: [shareOf(load, index, of)], beginsAt },
      { cpus: [cpus[index]!], window, signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal },
    ),
  )
  try {
    const [first, ...others] = await Promise.all(running)
    return mergeRecordings([first!, ...others])
  } catch (error) {
    stop.abort()
    await Promise.allSettled(running)
    throw error
  }
}

/** The load of one of several processes. Slow clients are not shared out: the first has them all. */
function shareOf(load: Load, index: number, of: number): Load {
  const { slowClients, ...rest } = load
  return {
    ...rest,
    ...(slowClients && index === 0 ? { slowClients } : {}),
    // Otherwise all would ask for the same pages at the same time.
    seed: (load.seed ?? 1) + index,
    share: { index, of },
  }
}

/** The time in which all of several windows are open, as one window. */
function common(of: number, window: ProduceOptions['window'], generator: string): ProduceOptions['window'] {
  let [begun, ended] = [0, 0]
  return {
    begin: () => {
      if (++begun === of) window.begin()
    },
    end: () => {
      if (begun < of)
        throw new LabError(
          `The processes of the generator ${generator} did not begin together.`,
          'Measure again when the machine is quieter.',
        )
      if (++ended === 1) window.end()
    },
  }
}
