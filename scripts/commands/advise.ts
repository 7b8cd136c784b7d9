import { Argument, type Command } from 'commander'
import type { Verdict } from '../../reports/run.ts'
import { several } from '../../suites/judging/several.ts'
import { filling, type Tier, type Topology } from '../../topologies/index.ts'
import { suites } from '../catalogue.ts'
import { choose, chooseClauses, usageError } from '../choices.ts'
import { placement } from '../host.ts'
import { chosenTopologies, runtimeChoice, withServers, type ServerWords } from '../options.ts'
import { runtimesFor } from '../runtime.ts'
import { lineTrials, variantTrials, verdictsAlone, verdictsInChain, type Bench, type VariantTrial } from '../trials.ts'

interface Words extends ServerWords {
  readonly suite: readonly string[]
  readonly clause: readonly string[]
  readonly json?: boolean
}

/** What one line of configuration, or another variant, does to the rules. */
interface Effect {
  readonly role: string
  readonly server: string
  readonly line: string
  readonly says: string
  readonly mends: readonly Verdict[]
  readonly breaks: readonly Verdict[]
  /** Broken neither with nor without it, but something else was seen. */
  readonly changes: readonly { readonly clause: string; readonly without: string; readonly with: string }[]
  /** Why it could not be tried: this version of the server does not know it, say. */
  readonly problem?: string
}

/** Deployments that are judged at a time: judging waits more than it works. */
const AT_ONCE = 3

/** `advise TOPOLOGY`: tries every documented line and variant of its servers, and says which rules each decides. */
export function advise(program: Command, signal: AbortSignal): void {
  withServers(program.command('advise'))
    .description('try every documented line of configuration of a topology’s servers, and say which rules each decides')
    .addArgument(new Argument('<topology>'))
    .option('--suite <names...>', 'which suites (default: all)', [])
    .option('--clause <ids...>', 'which clauses of them (default: all)', [])
    .option('--json', 'print one JSON document and nothing else')
    .action(async (name: string, words: Words) => {
      const [topology, another] = await chosenTopologies([name], words.server)
      if (!topology || another)
        throw usageError('advise is about one topology.', 'Name exactly one, and one --server for each role.')
      const choice = runtimeChoice(words)
      if (choice.runtimes.length > 1) throw usageError('advise tries on one runtime.', 'Name one --runtime.')
      const chosen = chooseClauses(choose('suite', await suites(), words.suite), words.clause)
      const say = (line: string): void => void process.stderr.write(`${line}\n`)
      const { runtimes } = await runtimesFor(choice, [topology], say, signal)
      await using runtime = runtimes[0]!
      const { workers, threads, cpus } = words
      const options = { application: 'probe', workers, threads, placement: await placement(cpus), signal }
      const effects = await effectsOf(topology, { runtime, suites: chosen, options }, say)
      process.stdout.write(
        words.json ? `${JSON.stringify(effects, null, 1)}\n` : `${filling(topology)}\n\n${text(effects)}`,
      )
    })
}

async function effectsOf(topology: Topology, bench: Bench, say: (line: string) => void): Promise<readonly Effect[]> {
  const trials = [
    ...topology.tiers.flatMap((tier) => lineTrials(tier).map((trial) => ({ ...trial, topology }))),
    ...variantTrials(topology),
  ]
  // Without anything tried, each tier once.
  const before = new Map<string, Promise<readonly Verdict[]>>()
  const without = ({ tier: { server } }: VariantTrial): Promise<readonly Verdict[]> => {
    const tier = topology.tiers.find((each) => each.server.role === server.role)!
    const verdicts = before.get(server.role) ?? verdictsOf(topology, tier, {}, bench)
    before.set(server.role, verdicts)
    return verdicts
  }
  let tried = 0
  return several(trials, AT_ONCE, async (trial) => {
    const effect = await effectOf(trial, await without(trial), bench)
    say(`${(tried += 1)} of ${trials.length} tried: ${trial.tier.server.title}, ${trial.text}`)
    return effect
  })
}

const verdictsOf = async (
  topology: Topology,
  tier: Tier,
  lines: VariantTrial['lines'],
  bench: Bench,
): Promise<readonly Verdict[]> => [
  ...(await verdictsInChain(topology, tier, lines, bench)),
  ...(await verdictsAlone(tier, lines, bench)),
]

async function effectOf(trial: VariantTrial, without: readonly Verdict[], bench: Bench): Promise<Effect> {
  const { tier, topology, text, says, lines } = trial
  const known = { role: tier.server.role, server: tier.server.name, line: text, says }
  const nothing = { mends: [], breaks: [], changes: [] }
  try {
    const found = await verdictsOf(topology, tier, lines, bench)
    const pairs = found.flatMap((verdict) => {
      const other = without.find(({ clause }) => clause === verdict.clause)
      return other ? [[other, verdict] as const] : []
    })
    const mends = pairs.filter(([one, other]) => isBad(one) && isGood(other)).map(([one]) => one)
    const breaks = pairs.filter(([one, other]) => isGood(one) && isBad(other)).map(([, other]) => other)
    const changes = pairs
      .filter(([one, other]) => isGood(one) && isGood(other) && shown(one) !== shown(other))
      .map(([one, other]) => ({ clause: one.clause, without: shown(one), with: shown(other) }))
    return { ...known, mends, breaks, changes }
  } catch (error) {
    bench.options.signal.throwIfAborted()
    return { ...known, ...nothing, problem: error instanceof Error ? error.message.split('\n', 1)[0]! : String(error) }
  }
}

// What is blocked means nothing without another rule; an experiment that broke says nothing at all.
const isBad = ({ outcome }: Verdict): boolean => outcome === 'fail' || outcome === 'blocked'
const isGood = ({ outcome }: Verdict): boolean => outcome === 'pass' || outcome === 'observed'

const shown = ({ because }: Verdict): string => because ?? 'kept'

/** Lines that decide something, one below the other, then the others in a list. */
function text(effects: readonly Effect[]): string {
  const idle = effects.filter(
    (each) => !each.problem && [each.mends, each.breaks, each.changes].every((all) => all.length === 0),
  )
  const rest = effects.filter((each) => !idle.includes(each)).map(told)
  const none = idle.map(({ server, line }) => `    ${server}: ${line}\n`)
  return [
    ...rest,
    ...(none.length > 0
      ? [`  Tried, and none of the rules that were judged came out otherwise:\n${none.join('')}`]
      : []),
  ].join('\n')
}

function told({ role, server, line, says, mends, breaks, changes, problem }: Effect): string {
  const rules = (word: string, all: readonly Verdict[]): readonly string[] =>
    all.map(
      ({ clause, level, because }) => `    ${word.padEnd(8)} ${clause} (${level})${because ? `: ${because}` : ''}`,
    )
  const rows = [
    ...rules('mends', mends),
    ...rules('breaks', breaks),
    ...changes.map((each) => `    changes  ${each.clause}: ${each.without} -> ${each.with}`),
  ]
  const trouble = problem === undefined ? [] : [`    could not be tried: ${problem}`]
  return `  ${server} (${role}): ${line}\n    ${says}\n${[...rows, ...trouble].join('\n')}\n`
}
