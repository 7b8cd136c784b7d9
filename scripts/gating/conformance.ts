import { compareWithBaseline, suspicions, type Suspicion } from '../../reports/baseline.ts'
import { keyOf } from '../../reports/baseline-pairs.ts'
import type { GateConformance, Run, Verdict } from '../../reports/run.ts'
import { plural } from '../../reports/words/quantities.ts'
import type { Suite } from '../../suites/conformance/index.ts'
import { judgeAll } from '../../suites/judging/judge.ts'
import { several } from '../../suites/judging/several.ts'
import type { Target, Topology } from '../../topologies/index.ts'
import type { Deployment, Placement, Runtime, UpOptions } from '../../topologies/runtimes/index.ts'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import { intermediaries, upAlone } from '../alone.ts'
import { chooseClauses } from '../choices.ts'
import { aloneResultFor, describe, resultFor, type GrowingResult, type GrowingRun } from '../growing-run.ts'
import { comparable } from './comparable.ts'
import { settled } from './settled.ts'

/** How topologies are judged for a gate. */
export interface ConformanceOptions {
  readonly suites: readonly Suite[]
  /** Lines of configuration by the role of the tier. */
  readonly lines?: UpOptions['lines']
  readonly workers: number
  readonly threads: number
  readonly placement: Placement
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** A topology, or an intermediary alone, with where its verdicts go. */
interface Bench {
  readonly result: GrowingResult
  /** Brings it up and judges these suites, at these roles only when some are named. */
  judged(suites: readonly Suite[], roles?: ReadonlySet<string>): Promise<readonly Verdict[]>
}

/** As many at a time as a run judges: experiments mostly wait. */
const JUDGED_AT_ONCE = 2

/**
 * Judges the topologies into the run and compares the verdicts with the baseline's. What would keep the gate from passing is
 * judged once more, with servers started anew, before it is held against anybody. A baseline that has nothing to compare is
 * refused before a server starts; servers that do not come up, and verdicts that cannot be compared, are
 * the environment's.
 */
export async function gateConformance(
  run: GrowingRun,
  runtime: Runtime,
  topologies: readonly Topology[],
  options: ConformanceOptions,
  baseline: Run,
): Promise<GateConformance> {
  const { held, notes } = await comparable(baseline, topologies, options.suites)
  const benches = await judgeForGate(run, runtime, topologies, options, held)
  const suspected = suspicions(run, held)
  await again(benches, suspected, options)
  const compared = compareWithBaseline(run, held)
  if (compared.compared === 0)
    throw new LabError(
      'Nothing could be compared: where the baseline has decided a rule, nobody judged it now.',
      'Write another baseline with --update, and see its report for what could not be judged.',
    )
  return { ...compared, notes: [...notes, ...repeatNotes(suspected), ...compared.notes] }
}

/**
 * Judges topologies into the run, and what stands in front of their applications alone as well: of those only what the
 * baseline has, when one is given.
 */
export async function judgeForGate(
  run: GrowingRun,
  runtime: Runtime,
  topologies: readonly Topology[],
  options: ConformanceOptions,
  baseline?: Run,
): Promise<readonly Bench[]> {
  const inChains = options.suites.some((suite) => !suite.alone)
  const alone = options.suites.some((suite) => suite.alone) ? intermediaries(topologies) : []
  const wanted = alone.filter(
    ({ server, variant }) =>
      baseline === undefined ||
      baseline.alone?.some(({ tiers: [tier] }) => tier?.server === server.name && tier.variant === variant),
  )
  const up: UpOptions = { ...options, application: 'probe', lines: options.lines ?? {} }
  const benches = [
    ...(inChains ? topologies : []).map((topology) =>
      benchOf(resultFor(run, topology, runtime.name), options, async (use) => {
        // What passes between the tiers is seen by rules about forwarding.
        await using deployment = await runtime.up(topology, { ...up, tapped: true })
        return await use(deployment, deployment.target)
      }),
    ),
    ...wanted.map((tier) =>
      benchOf(aloneResultFor(run, tier, runtime.name), options, async (use) => {
        await using found = await upAlone(runtime, tier, up)
        return found ? await use(found.deployment, found.target) : []
      }),
    ),
  ]
  await eachOf(benches, async ({ result, judged }) => {
    result.verdicts = [...(await judged(options.suites))]
  })
  return benches
}

/** Works at some benches at a time. The first failure ends it, once all that are up have been taken down. */
async function eachOf(benches: readonly Bench[], work: (bench: Bench) => Promise<void>): Promise<void> {
  const failures: unknown[] = []
  await several(benches, JUDGED_AT_ONCE, async (bench) => {
    if (failures.length === 0) await work(bench).catch((error: unknown) => failures.push(error))
  })
  if (failures.length > 0) throw failures[0]
}

function benchOf(
  result: GrowingResult,
  { signal, say }: ConformanceOptions,
  onceUp: (use: (deployment: Deployment, target: Target) => Promise<readonly Verdict[]>) => Promise<readonly Verdict[]>,
): Bench {
  return {
    result,
    judged: async (suites, roles) => {
      say(`${result.title}: ${roles ? 'judged again' : 'judged'}`)
      try {
        return await onceUp(async (deployment, target) => {
          describe(result, deployment)
          return judgeAll(suites, target, signal, roles ? { at: ({ role }) => roles.has(role) } : {})
        })
      } catch (error) {
        if (!signal.aborted) result.problems.push(error instanceof Error ? error.message : String(error))
        throw error
      }
    },
  }
}

/** Judges once more what is suspected, with what it depends on, and writes what came of both times. */
async function again(
  benches: readonly Bench[],
  suspected: readonly Suspicion[],
  { suites }: ConformanceOptions,
): Promise<void> {
  const benchesOf = benches.filter(({ result }) => suspected.some((each) => each.result === result))
  await eachOf(benchesOf, async ({ result, judged }) => {
    const own = suspected.filter((each) => each.result === result).map(({ verdict }) => verdict)
    const names = withDependencies(
      suites,
      own.map(({ clause }) => clause),
    )
    const found = await judged(chooseClauses(suites, names), new Set(own.map(({ role }) => role)))
    const second = new Map(found.map((verdict) => [keyOf(verdict), verdict]))
    const first = new Set(own.map(keyOf))
    result.verdicts = result.verdicts.map((verdict) =>
      first.has(keyOf(verdict)) ? settled(verdict, second.get(keyOf(verdict))) : verdict,
    )
  })
}

/** The clauses and all that they depend on: without it what was blocked would be judged on no ground. */
function withDependencies(suites: readonly Suite[], names: readonly string[]): readonly string[] {
  const dependencies = new Map<string, string | undefined>(
    suites.flatMap((suite) =>
      Object.entries(suite.clauses).map(([id, clause]) => {
        const on = 'dependsOn' in clause ? clause.dependsOn : undefined
        return [`${suite.name}/${id}`, on === undefined || on.includes('/') ? on : `${suite.name}/${on}`] as const
      }),
    ),
  )
  const all = new Set(names)
  // A set that grows while it is walked through is walked to its end.
  for (const name of all) {
    const on = dependencies.get(name)
    if (on !== undefined && dependencies.has(on)) all.add(on)
  }
  return [...all]
}

function repeatNotes(suspected: readonly Suspicion[]): readonly string[] {
  if (suspected.length === 0) return []
  const same = suspected.filter(({ result, verdict }) => result.verdicts.includes(verdict)).length
  const [was, total] = [suspected.length === 1 ? 'was' : 'were', plural(suspected.length, 'verdict')]
  return [
    `${total} that would keep the gate from passing ${was} reached once more with servers started anew: ${same} the same, ${suspected.length - same} not.`,
  ]
}
