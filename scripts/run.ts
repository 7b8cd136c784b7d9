import type { ListrTask } from 'listr2'
import type { Run } from '../reports/run.ts'
import { seeded } from '../reports/statistics.ts'
import { judgeAll } from '../suites/judging/judge.ts'
import type { Suite } from '../suites/conformance/index.ts'
import type { Workload } from '../suites/load/index.ts'
import { filling, type Target, type Tier } from '../topologies/index.ts'
import type { Deployment, Placement, Runtime, UpOptions } from '../topologies/runtimes/index.ts'
import type { Intermediary } from '../topologies/servers/index.ts'
import { intermediaries, LAB_VARIANT, upAlone } from './alone.ts'
import { answerAll } from './application/answered.ts'
import type { Mounted } from './application/index.ts'
import { tryOut } from './application/tried.ts'
import { attempts } from './attempts.ts'
import { carriedOut, type Outcome } from './carried-out.ts'
import { aloneResultFor, begin, describe, resultFor, type GrowingResult, type GrowingRun } from './growing-run.ts'
import { placement } from './host.ts'
import { swept } from './loads.ts'
import type { RunOptions } from './options.ts'
import { timed, together } from './progress.ts'
import { remediesAlone, remediesInChain } from './remedies.ts'
import { preparedTitle, runtimesFor } from './runtime.ts'
import { refuseUnwritable, save } from './save.ts'
import { schedule, type Step } from './schedule.ts'

/**
 * How many deployments are judged at a time. Experiments mostly wait, so two take little more time than one; more than that
 * would have them wait for the CPU on a small machine, and that is not what is to be seen.
 */
const JUDGED_AT_ONCE = 2

/** Judges and measures as asked, saving after every step, so that a later failure loses nothing. */
export async function performRun(
  options: RunOptions,
  words: readonly string[],
  folderFor: (run: Run) => string,
  signal: AbortSignal,
): Promise<Outcome> {
  await using stack = new AsyncDisposableStack()
  const roles = options.topologies.flatMap(({ tiers }) => tiers.map(({ server }) => server.role))
  const where = await placement(options.cpus, [...new Set(roles)])
  const failures: unknown[] = []
  const unusable = new Set<string>()
  const runtimes = new Map<string, Runtime>()
  const { own } = options
  /** How a user's application is brought up on each runtime. */
  const mounted = new Map<string, Mounted>()
  let run: GrowingRun | undefined
  let saved = Promise.resolve()
  // One after the other: of two at once the older one could come last.
  const saveInTurn = (): Promise<void> => (saved = saved.then(() => save(run!, folderFor(run!))))

  const prepare: ListrTask = {
    title: 'Prepare the servers',
    task: async (_, task) => {
      const say = (line: string) => (task.output = line)
      const prepared = await runtimesFor(options.runtime, options.topologies, say, signal)
      for (const [index, runtime] of prepared.runtimes.entries())
        runtimes.set(options.runtime.runtimes[index]!, stack.use(runtime))
      const size = { workers: options.workers, threads: options.threads, placement: where, signal }
      if (own)
        for (const [name, runtime] of runtimes)
          mounted.set(name, await tryOut(runtime, options.topologies, own, size, say))
      const begun = await begin(options, words, where, prepared.because)
      await refuseUnwritable(folderFor(begun))
      run = begun
      task.title = preparedTitle(prepared)
    },
  }
  const perform = (step: Step): ListrTask => ({
    title: titleOf(step, options),
    skip: () => unusable.has(keyOf(step)) && `${nameOf(step)} did not work before`,
    task: async (_, task) => {
      signal.throwIfAborted()
      // Without a terminal every output is a line of its own.
      const say = (line: string) => line !== task.output && (task.output = line)
      const runtime = runtimes.get(step.runtime)!
      const up = { ...options, placement: where, signal }
      // A server that does not work is a finding about it; the others go on.
      const fail = (result: GrowingResult, error: unknown): void => {
        if (signal.aborted) throw error
        unusable.add(keyOf(step))
        failures.push(error)
        result.problems.push(error instanceof Error ? error.message : String(error))
        task.title += ': failed'
      }
      try {
        if (step.kind === 'alone') {
          await Promise.all(
            step.tiers.map((tier) =>
              judgeAlone(run!, runtime, tier, { ...up, application: 'probe' }, options.suites, say).catch(
                (error: unknown) => fail(aloneResultFor(run!, tier, runtime.name), error),
              ),
            ),
          )
          // In the order of the schedule, whichever came up first.
          const order = step.tiers.map(({ server, variant }) => `${server.name}/${variant}`)
          const place = ({ tiers: [tier] }: GrowingResult): number => order.indexOf(`${tier!.server}/${tier!.variant}`)
          run!.alone.sort((one, other) => place(one) - place(other))
          return
        }
        const result = resultFor(run!, step.topology, runtime.name)
        try {
          const application =
            step.kind === 'judge' ? { application: 'probe' } : applicationFor(step, mounted.get(step.runtime))
          // What passes between the tiers is recorded only where nothing is measured.
          const tapped = step.kind === 'judge'
          await using deployment = await runtime.up(step.topology, { ...up, ...application, tapped })
          describe(result, deployment)
          if (step.kind === 'judge') {
            await judgeInto(result, deployment.target, options.suites, signal, say)
            const bench = { runtime, suites: options.suites, options: { ...up, ...application } }
            result.remedies = [...(await remediesInChain(step.topology, result.verdicts, bench))]
            return
          }
          // What the simplest topology answers another may not: a server in front has ideas of its own.
          if (own && step.repeat === 1) await answerAll(deployment, own.requests, signal)
          await measureInto(result, deployment, step, where, options, signal, say)
        } catch (error) {
          fail(result, error)
        }
      } finally {
        await saveInTurn()
      }
    },
  })
  const steps = schedule({
    topologies: options.topologies,
    runtimes: options.runtime.runtimes,
    judging: options.suites.some((suite) => !suite.alone),
    alone: options.suites.some((suite) => suite.alone) ? intermediaries(options.topologies) : [],
    workloads: options.sweep ? swept(options.workloads, options.sweep) : options.workloads,
    repeats: options.workloads.length > 0 ? options.profile.repeats : 0,
    random: seeded(options.seed),
  })

  const judging = steps.filter(({ kind }) => kind !== 'measure').map(perform)
  const measuring = steps.filter(({ kind }) => kind === 'measure').map(perform)
  const all = [prepare, together('Judge', judging, JUDGED_AT_ONCE), ...measuring]
  // Awaited here: the stack takes the runtimes down as soon as this function is left.
  return await carriedOut({ steps: all, run: () => run, failures, json: options.json }, signal)
}

/** What is brought up to be measured: a user's application, where that is what is measured. */
const applicationFor = (
  { workloads }: { readonly workloads: readonly Workload[] },
  own: Mounted | undefined,
): Pick<UpOptions, 'application'> => own ?? { application: workloads[0]!.application }

async function judgeInto(
  result: GrowingResult,
  target: Target,
  suites: readonly Suite[],
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  const judged = await timed('judging', () =>
    judgeAll(suites, target, signal, {
      onVerdict: (verdict) => {
        result.verdicts.push(verdict)
        say(`through ${verdict.server} (${verdict.role})`)
      },
    }),
  )
  // All verdicts at once, without the evidence that nobody needs.
  result.verdicts = [...judged]
}

async function judgeAlone(
  run: GrowingRun,
  runtime: Runtime,
  tier: Tier<Intermediary>,
  options: UpOptions & { readonly signal: AbortSignal },
  suites: readonly Suite[],
  say: (line: string) => void,
): Promise<void> {
  await using up = await upAlone(runtime, tier, options)
  if (!up) return say('not in a private network of containers, from which the lab’s own origin is out of reach')
  const result = aloneResultFor(run, tier, runtime.name)
  describe(result, up.deployment)
  // Several are judged at a time: who is being judged would change at every moment.
  await judgeInto(result, up.target, suites, options.signal, () => {})
  say(`${tier.server.name}/${tier.variant} is judged`)
  // In the variant for telling rules apart nobody deploys it.
  if (tier.variant !== LAB_VARIANT)
    result.remedies = [...(await remediesAlone(tier, result.verdicts, { runtime, suites, options }))]
}

async function measureInto(
  result: GrowingResult,
  deployment: Deployment,
  { workloads, repeat }: { readonly workloads: readonly Workload[]; readonly repeat: number },
  where: Placement,
  { profile, generator, sweep }: RunOptions,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  const { warmUpSeconds, seconds } = profile
  const found = sweep ? (result.sweep ??= []) : result.measurements
  const how = { repeat, warmUpSeconds, seconds, placement: where, signal }
  for (const workload of workloads)
    for await (const measurement of attempts(workload, deployment, generator ? { ...how, generator } : how, say))
      found.push(measurement)
}

const keyOf = (step: Step): string => `${step.kind === 'alone' ? 'alone' : filling(step.topology)} ${step.runtime}`
const nameOf = (step: Step): string => (step.kind === 'alone' ? 'what stands in front' : step.topology.name)

function titleOf(step: Step, { topologies, suites, profile, sweep, runtime: { runtimes } }: RunOptions): string {
  const clausesOf = (alone: boolean): number =>
    suites.reduce((sum, suite) => sum + ((suite.alone ?? false) === alone ? Object.keys(suite.clauses).length : 0), 0)
  if (step.kind === 'alone') {
    const names = step.tiers.map(({ server, variant }) => `${server.name}/${variant}`).join(', ')
    return `Judge alone ${names}${runtimes.length > 1 ? ` (${step.runtime})` : ''} (${clausesOf(true)} clauses)`
  }
  const several = topologies.filter(({ name }) => name === step.topology.name).length > 1
  const place = [several ? filling(step.topology) : step.topology.name, runtimes.length > 1 && `(${step.runtime})`]
    .filter(Boolean)
    .join(' ')
  if (step.kind === 'judge') {
    const hops = step.topology.tiers.length
    return `Judge ${place} (${clausesOf(false)} clauses, ${hops} ${hops === 1 ? 'hop' : 'hops'})`
  }
  const names = [...new Set(step.workloads.map((workload) => workload.name))].join(', ')
  const loads = sweep ? ` at ${sweep.by}=${sweep.values.join(',')}` : ''
  return `Measure ${place} (${step.repeat} of ${profile.repeats}: ${names}${loads})`
}
