import { renderTerminal } from '../reports/terminal.ts'
import type { Outcome } from './carried-out.ts'
import { reporters } from './catalogue.ts'
import { tellGithub } from './github.ts'
import { inconclusive } from './inconclusive.ts'
import type { RunOptions } from './options.ts'
import { performRun } from './run.ts'
import { folderOf, markLatest, report } from './save.ts'

/** Performs a run, writes all its reports and says on stdout what came of it; throws its first failure at the end. */
export async function runAndReport(options: RunOptions, signal: AbortSignal): Promise<void> {
  const outcome = await performRun(options, process.argv.slice(2), (made) => folderOf(made, options.out), signal)
  await reportOutcome(outcome, options)
}

/** Writes all reports of what came of a run, and throws what kept it from being whole or from answering. */
export async function reportOutcome(
  { run, failures }: Outcome,
  { out, json }: Pick<RunOptions, 'out' | 'json'>,
): Promise<void> {
  const found = run.results.length + (run.alone?.length ?? 0) + (run.study?.rows.length ?? 0)
  if (found === 0 && failures.length > 0) throw failures[0]
  const folder = folderOf(run, out)
  await report(run, folder, await reporters())
  if (out === undefined) await markLatest(folder)
  process.stdout.write(
    json
      ? `${JSON.stringify(run)}\n`
      : `${renderTerminal(run, { colour: isColourful() })}\nReport: ${folder}/report.html\n`,
  )
  await tellGithub(run, { json })
  if (failures.length > 0) throw failures[0]
  const open = inconclusive(run)
  if (open) throw open
}

function isColourful(): boolean {
  return process.stdout.isTTY === true && !process.env['NO_COLOR']
}
