import { Command, CommanderError } from 'commander'
import { renderTerminal } from '../reports/terminal.ts'
import { EXIT, LabError } from '../topologies/runtimes/lab-error.ts'
import { reporters } from './catalogue.ts'
import { clean } from './commands/clean.ts'
import { conform } from './commands/conform.ts'
import { doctor } from './commands/doctor.ts'
import { list } from './commands/list.ts'
import { load } from './commands/load.ts'
import { reportCommand } from './commands/report.ts'
import { up } from './commands/up.ts'
import { Interrupted, interruption } from './interrupt.ts'
import { refuseLostFlags } from './lost-flags.ts'
import { runOptions, withRun } from './options.ts'
import { performRun } from './run.ts'
import { folderOf, markLatest, report } from './save.ts'

const signal = interruption()

const program = withRun(new Command('npm run lab --'))
  .description(
    'Brings up deployment architectures for Python web applications from real servers, judges and loads them, and reports.',
  )
  .helpOption('--help', 'show this help')
  .showHelpAfterError('Run with --help to see all options.')
  .enablePositionalOptions()
  .allowExcessArguments()
  .action(async (words, command: Command) => {
    await refuseLostFlags(command.args)
    const options = await runOptions(words)
    const { run, failures } = await performRun(
      options,
      process.argv.slice(2),
      (made) => folderOf(made, options.out),
      signal,
    )
    if (run.results.length === 0) throw failures[0]
    const folder = folderOf(run, options.out)
    await report(run, folder, await reporters())
    if (options.out === undefined) await markLatest(folder)
    process.stdout.write(
      options.json
        ? `${JSON.stringify(run)}\n`
        : `${renderTerminal(run, { colour: isColourful() })}\nReport: ${folder}/report.html\n`,
    )
    if (failures.length > 0) throw failures[0]
  })

for (const add of [list, up, conform, load, reportCommand, doctor, clean]) add(program, signal)

try {
  for (const command of [program, ...program.commands]) command.exitOverride()
  await program.parseAsync()
  // Libraries may leave timers behind; everything of the lab's is done.
  process.exit(process.exitCode ?? EXIT.ok)
} catch (error) {
  process.exit(explain(error))
}

/** Says what happened as the user can use it, and with which code the lab ends. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  if (error instanceof Interrupted || signal.aborted) {
    process.stderr.write('Interrupted: servers are stopped, results so far are kept.\n')
    return EXIT.interrupted
  }
  if (error instanceof LabError) {
    process.stderr.write(`${error.message}\n`)
    return error.exitCode
  }
  process.stderr.write(
    `The lab itself is at fault; please report this with the following lines.\n${error instanceof Error ? error.stack : String(error)}\n`,
  )
  return EXIT.environment
}

function isColourful(): boolean {
  return process.stdout.isTTY === true && !process.env['NO_COLOR']
}
