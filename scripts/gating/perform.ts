import type { ListrTask } from 'listr2'
import { join } from 'node:path'
import type { Gate } from '../../reports/run.ts'
import { DEFAULT_BASE } from '../../topologies/runtimes/base.ts'
import type { Runtime } from '../../topologies/runtimes/index.ts'
import { native } from '../../topologies/runtimes/native.ts'
import { scratch } from '../../topologies/runtimes/scratch.ts'
import { bytecodeFolder } from '../application/mounted.ts'
import { ROOT } from '../catalogue.ts'
import { begin, type GrowingRun } from '../growing-run.ts'
import { placement } from '../host.ts'
import { refuseOneCpu } from '../measurable.ts'
import { inTurn } from '../progress.ts'
import { preparedTitle, toolchainFor } from '../runtime.ts'
import { folderOf, refuseUnwritable, save } from '../save.ts'
import { gateConformance, judgeForGate } from './conformance.ts'
import { performDuet } from './duet.ts'
import { loadBoth } from './loaded.ts'
import type { GateOptions, GateWords } from './options.ts'
import { sidesOf, type Sides } from './sides.ts'
import { tryBoth } from './tried.ts'

const APPS = join(ROOT, 'apps')

/**
 * Carries a gate out to its end: compares verdicts with the baseline's, then measures both sides; saves what is known after
 * each step. Whatever keeps it from its end is thrown: half a gate has no verdict.
 */
export async function performGate(
  words: GateWords,
  { duet, conformance }: GateOptions,
  typed: readonly string[],
  signal: AbortSignal,
): Promise<GrowingRun> {
  using place = scratch()
  await using stack = new AsyncDisposableStack()
  const room = { directory: place.directory, bytecode: bytecodeFolder(place) }
  let sides = await sidesOf(words, room, signal)
  const { workers, threads } = words
  const where = await placement(words.cpus, rolesOf(sides))
  if (duet)
    refuseOneCpu(
      where,
      'A gate',
      'Run it on a machine, or in a container, with two CPUs or more; with --baseline alone one is enough.',
    )
  const size = { workers, threads, placement: where, signal }
  let runtime: Runtime
  let run: GrowingRun
  let gate: Gate = {}
  const keep = async (more: Gate): Promise<void> => {
    run.gate = gate = { ...gate, ...more }
    await save(run, folderOf(run, words.out))
  }

  const prepare: ListrTask = {
    title: 'Prepare the servers',
    task: async (_, task) => {
      const say = (line: string) => (task.output = line)
      const topologies = [sides.base.topology, sides.head.topology]
      const toolchain = await toolchainFor(words.toolchain, topologies, say, signal)
      runtime = stack.use(await native(toolchain, APPS))
      sides = await loadBoth(sides, runtime, say, signal)
      run = await begin(asked(words), typed, where, undefined)
      await refuseUnwritable(folderOf(run, words.out))
      task.title = preparedTitle({ runtimes: [runtime] })
    },
  }
  const tryOut: ListrTask = {
    title: 'Bring each side up alone',
    enabled: duet !== undefined,
    task: () => tryBoth(runtime, sides, { ...size, path: duet!.path }),
  }
  const judge: ListrTask = {
    title: `Judge ${sides.head.topology.name}`,
    enabled: conformance !== undefined,
    task: async (_, task) => {
      const { suites, baseline } = conformance!
      const options = { ...size, suites, lines: sides.head.lines, say: (line: string) => void (task.output = line) }
      const topologies = [sides.head.topology]
      if (baseline) await keep({ conformance: await gateConformance(run, runtime, topologies, options, baseline) })
      else await judgeForGate(run, runtime, topologies, options)
    },
  }
  const measure: ListrTask = {
    title: 'Measure both sides',
    enabled: duet !== undefined,
    task: async (_, task) => {
      const found = await performDuet(runtime, { ...sides, ...size, ...duet!, seed: run.seed }, async (sofar) => {
        await keep({ duet: sofar })
        const { rounds, disturbed = [] } = sofar
        const batch = rounds.at(-1)?.batch ?? 1
        const round = rounds.filter((each) => each.batch === batch).length
        const again = disturbed.length > 0 ? `; measured again because others used the CPUs: ${disturbed.length}` : ''
        task.output = `round ${round} of ${duet!.rounds}${batch === 2 ? ', repeated' : ''}${again}`
      })
      await keep({ duet: found })
    },
  }
  await inTurn([prepare, tryOut, judge, measure], { json: words.json ?? false })
  run!.finishedAt = new Date().toISOString()
  await save(run!, folderOf(run!, words.out))
  return run!
}

const rolesOf = ({ head }: Sides) => [...new Set(head.topology.tiers.map(({ server }) => server.role))]

/** What of the words is a fact about the run. */
const asked = ({ rounds, seconds, seed, workers, threads, toolchain }: GateWords) => ({
  ...{ workers, threads, workloads: [], seed: seed ?? Math.floor(Math.random() * 2 ** 31) },
  profileName: 'gate',
  profile: { repeats: rounds, seconds },
  runtime: { runtimes: ['native'] as const, toolchain, docker: { base: DEFAULT_BASE } },
})
