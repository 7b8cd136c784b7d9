import { Command, CommanderError } from 'commander'
import { EXIT, LabError } from '../topologies/runtimes/lab-error.ts'
import { scratch } from '../topologies/runtimes/scratch.ts'
import { withApplication } from './application/options.ts'
import { applicationOfRun } from './application/workload.ts'
import { advise } from './commands/advise.ts'
import { capacity } from './commands/capacity.ts'
import { clean } from './commands/clean.ts'
import { conform } from './commands/conform.ts'
import { doctor } from './commands/doctor.ts'
import { exportCommand } from './commands/export.ts'
import { gate } from './commands/gate.ts'
import { lint } from './commands/lint.ts'
import { list } from './commands/list.ts'
import { load } from './commands/load.ts'
import { plan } from './commands/plan.ts'
import { reportCommand } from './commands/report.ts'
import { study } from './commands/study.ts'
import { up } from './commands/up.ts'
import { Interrupted, interruption } from './interrupt.ts'
import { refuseLostFlags } from './lost-flags.ts'
import { runOptions, withRun } from './options.ts'
import { runAndReport } from './run-and-report.ts'

const signal = interruption()

const program = withApplication(withRun(new Command('npm run lab --')))
  .description(
    'Brings up deployment architectures for Python web applications from real servers, judges and loads them, and reports.',
  )
  .helpOption('--help', 'show this help')
  .showHelpAfterError('Run with --help to see all options.')
  .enablePositionalOptions()
  .allowExcessArguments()
  .action(async (words, command: Command) => {
    await refuseLostFlags(command.args)
    using room = scratch()
    const own = applicationOfRun(words, room, (line) => void process.stderr.write(`${line}\n`))
    const options = await runOptions(words, own)
    await runAndReport(options, signal)
  })

for (const add of [
  list,
  up,
  conform,
  advise,
  lint,
  load,
  study,
  gate,
  plan,
  capacity,
  exportCommand,
  reportCommand,
  doctor,
  clean,
])
  add(program, signal)

try {
  for (const command of [program, ...program.commands]) command.exitOverride()
  await program.parseAsync()
} catch (error) {
  process.exitCode = explain(error)
}
// A pipe takes a long document in several goes, and leaving now would cut it short.
await new Promise((resolve) => process.stdout.write('', resolve))
// Libraries may leave timers behind; everything of the lab's is done.
process.exit(process.exitCode ?? EXIT.ok)

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
