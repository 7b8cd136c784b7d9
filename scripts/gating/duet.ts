import { effectsOf } from '../../reports/gate.ts'
import type { Duet, GateSide } from '../../reports/run.ts'
import { seeded } from '../../reports/statistics.ts'
import { capacities, isDisturbed, measureRound, type Both, type SideName } from '../../suites/measuring/duet.ts'
import { canPin, startProducer, type Producer } from '../../suites/measuring/generator-process.ts'
import type { Deployment, Placement, Runtime } from '../../topologies/runtimes/index.ts'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import type { Side } from './side.ts'

/** How two sides are measured. */
export interface DuetOptions {
  readonly base: Side
  readonly head: Side
  /** Request target, as `/shop?page=2`. */
  readonly path: string
  readonly workers: number
  readonly threads: number
  readonly placement: Placement
  /** Rounds in a batch. */
  readonly rounds: number
  readonly seconds: Duet['seconds']
  /** Requests per second to each side; a quarter of what the slower side can do when absent. */
  readonly rate?: number
  readonly tolerances: Duet['tolerances']
  readonly seed: number
  /** Sends requests evenly: only to show what that does (`bench:gate`). */
  readonly even?: boolean
  readonly signal: AbortSignal
}

/** How many rounds may be measured again because others used the CPUs meanwhile, as a part of a batch. */
const SPARE = 0.5
/** Both together use half of the CPU that either can fill alone: enough to measure, with room for what is disturbed. */
const PART_OF_CAPACITY = 0.25

/**
 * Measures both sides in rounds, each with fresh processes: a first batch, and as many again when that leaves something
 * suspected or open. `onRound` gets all that is known after each, so that it can be saved.
 */
export async function performDuet(
  runtime: Runtime,
  options: DuetOptions,
  onRound: (duet: Duet) => Promise<void>,
): Promise<Duet> {
  await using producer = await startProducer(options.placement.generator)
  const random = seeded(options.seed)
  let duet = await begin(runtime, options, producer)
  const batch = async (number: 1 | 2): Promise<void> => {
    let spare = Math.ceil(SPARE * options.rounds)
    for (let measured = 0; measured < options.rounds;) {
      const first = measured % 2 === 0 ? 'base' : 'head'
      await using stack = new AsyncDisposableStack()
      const both = await bringUp(runtime, options, first, stack)
      const how = { ...howOf(duet, options, producer), first, seed: random() * 2 ** 31 } as const
      const round = { batch: number, ...(await measureRound(both, how)) }
      // A machine that is never quiet gets its answer as well, and the interval says what it is worth.
      const isLeftOut = isDisturbed(round, how.cpus) && spare-- > 0
      if (!isLeftOut) measured += 1
      duet = isLeftOut
        ? { ...duet, disturbed: [...(duet.disturbed ?? []), round] }
        : { ...duet, rounds: [...duet.rounds, round] }
      await onRound(duet)
    }
  }
  await batch(1)
  if (effectsOf(duet).some(({ verdict }) => verdict !== 'pass')) await batch(2)
  return duet
}

/** What is settled before the first round, by bringing both sides up once: that they work, and how fast they are. */
async function begin(runtime: Runtime, options: DuetOptions, producer: Producer): Promise<Duet> {
  await using stack = new AsyncDisposableStack()
  const both = await bringUp(runtime, options, 'base', stack)
  const connections = Math.max(8, 2 * options.workers * options.threads)
  const known: Duet = {
    topology: options.head.topology.name,
    base: sideOf(options.base, both.base),
    head: sideOf(options.head, both.head),
    path: options.path,
    rate: 0,
    connections,
    saturated: (await alike(both)) ? 'together' : 'in-turn',
    seconds: options.seconds,
    tolerances: options.tolerances,
    rounds: [],
  }
  const { base, head } = await capacities(both, { ...howOf(known, options, producer), first: 'base', seed: 1 })
  return { ...known, rate: options.rate ?? rounded(PART_OF_CAPACITY * Math.min(base, head)) }
}

const howOf = (duet: Duet, { placement, signal, even = false }: DuetOptions, producer: Producer) => ({
  ...duet,
  ...{ producer, signal, even },
  cpus: canPin() ? [...new Set([...placement.services, ...placement.generator])] : [],
})

/** Both sides up, one after the other; the stack takes them down. */
async function bringUp(
  runtime: Runtime,
  options: DuetOptions,
  first: SideName,
  stack: AsyncDisposableStack,
): Promise<Both> {
  const { workers, threads, placement, signal } = options
  const up = async (name: SideName): Promise<Deployment> => {
    const { topology, ...side } = options[name]
    try {
      const how = { ...side, workers, threads, placement, abrupt: true, signal }
      return stack.use(await runtime.up(topology, how))
    } catch (error) {
      if (signal.aborted || !(error instanceof LabError)) throw error
      throw new LabError(`The ${name} does not start: ${error.message}`, '', { cause: error, exitCode: error.exitCode })
    }
  }
  const one = await up(first)
  const other = await up(first === 'base' ? 'head' : 'base')
  return first === 'base' ? { base: one, head: other } : { base: other, head: one }
}

/** Whether both sides have equally many processes and threads, tier by tier. */
async function alike({ base, head }: Both): Promise<boolean> {
  const sizes = async ({ services }: Deployment): Promise<string> => {
    const usages = await Promise.all(services.map((service) => service.usage('cpu')))
    return usages.map(({ processes, threads }) => `${processes}/${threads}`).join()
  }
  return (await sizes(base)) === (await sizes(head))
}

const sideOf = ({ says, topology }: Side, { services }: Deployment): GateSide => ({
  ...says,
  tiers: services.map(({ role, server, variant, version, argv, configuration }, index) => {
    const { title } = topology.tiers[index]!.server
    return { role, server, title, variant, version, argv: [...argv], configuration: { ...configuration } }
  }),
})

/** Two significant digits, so that it can be named. */
const rounded = (rate: number): number => Number(rate.toPrecision(2))
