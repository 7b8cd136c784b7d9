import { Command, Option } from 'commander'
import { EXIT } from '../../topologies/runtimes/lab-error.ts'
import { each, requirementsOption, staticOption } from '../application/options.ts'
import { conclude } from '../gating/conclude.ts'
import { performGate } from '../gating/perform.ts'
import { gateOptions, type GateWords } from '../gating/options.ts'
import { DEFAULT_TOLERANCES, tolerance, tolerancesText } from '../gating/tolerances.ts'
import { withRun } from '../options.ts'
import { collect, numberBetween, rate } from '../parsers.ts'

/** Options that mean the same as for a run. */
const AS_FOR_A_RUN = ['threads', 'cpus', 'toolchain', 'suite', 'clause', 'out', 'json', 'seed']

/** Fewer rounds than this show nothing, and more take hours. */
const [FEWEST_ROUNDS, MOST_ROUNDS] = [3, 200]

/** `gate`: whether one variant of a deployment is worse than another, for CI. */
export function gate(program: Command, signal: AbortSignal): void {
  const command = program
    .command('gate')
    .description(
      'compare two variants, measured at the same time, or verdicts with those of an earlier run, for CI.\n' +
        'Exit code 0: no change for the worse beyond what is tolerated; 1: there is one; 4: it cannot be told.',
    )
    .allowExcessArguments(false)
    .addOption(option('--app <file:callable>', 'your application, as in --app shop/wsgi.py:application'))
    .addOption(option('--base <ref>', 'the base: your application as it is at this git ref, as in --base origin/main'))
    .addOption(option('--base-app <file:callable>', 'the base: another application; with --base: another file there'))
    .addOption(
      list('--python-path <folder>', 'put this folder on Python’s module path (repeatable)', 'the application’s own'),
    )
    .addOption(staticOption())
    .addOption(requirementsOption())
    .addOption(list('--base-python-path <folder>', 'the base: these folders instead (repeatable)', 'the same'))
    .addOption(list('--env <name=value>', 'give this variable to your application on both sides (repeatable)', 'none'))
    .addOption(option('--path <path>', 'what is asked for (default: / of your application, else /time of the lab’s)'))
    .addOption(option('--topology <name>', 'which topology').argParser(collect).default([], 'app-server'))
    .addOption(
      list(
        '--server <role=name[/variant]>',
        'fill a tier with another server on both sides (repeatable)',
        'gunicorn/gthread, nginx/http11, varnish',
        collect,
      ),
    )
    .addOption(
      option(
        '--workers <n>',
        'worker processes of the Python server; how connections are shared among several is left to chance, which hides small changes',
      )
        .argParser(numberBetween(1, 64))
        .default(1),
    )
  for (const shared of withRun(new Command()).options)
    if (AS_FOR_A_RUN.includes(shared.name())) command.addOption(shared)
  command
    .addOption(
      list(
        '--base-server <role=name[/variant]>',
        'the base: this server for its role instead (repeatable)',
        'the same',
        collect,
      ),
    )
    .addOption(
      list(
        '--config <role=file>',
        'add what the file holds to the configuration of this role’s server (repeatable)',
        'none',
      ),
    )
    .addOption(list('--base-config <role=file>', 'the base: this file for its role instead (repeatable)', 'the same'))
    .addOption(
      option('--tolerance <metric=percent>', `how much worse is tolerated, or off (repeatable):\n${tolerancesText()}\n`)
        .argParser(tolerance)
        .default(DEFAULT_TOLERANCES, 'these'),
    )
    .addOption(
      option('--rounds <n>', 'rounds, each with fresh processes; as many again when something is suspected or open')
        .argParser(numberBetween(FEWEST_ROUNDS, MOST_ROUNDS))
        .default(8),
    )
    .addOption(
      option('--seconds <n>', 'of a round at the offered rate; half as many saturated')
        .argParser(numberBetween(0.2, 600, false))
        .default(2.5),
    )
    .addOption(
      option('--rate <n>', 'requests a second to each side (default: a part of what they can do)').argParser(rate),
    )
    .addOption(option('--baseline <run.json>', 'judge the topology, and compare the verdicts with those of this run'))
    .addOption(option('--update', 'write that file instead'))
    .addOption(option('--history [file]', 'add what came out to this file (default: reports/history.jsonl)'))
    .action(async (words: GateWords) => {
      const options = await gateOptions(words)
      const run = await performGate(words, options, process.argv.slice(2), signal)
      const verdict = await conclude(run, words, options)
      process.exitCode = { pass: EXIT.ok, breach: EXIT.breach, inconclusive: EXIT.inconclusive }[verdict]
    })
}

const option = (flags: string, description: string): Option => new Option(flags, description)

const list = (flags: string, description: string, otherwise: string, parser = each): Option =>
  option(flags, description).argParser(parser).default([], otherwise)
