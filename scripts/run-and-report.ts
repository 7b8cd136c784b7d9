import { renderTerminal } from '../reports/terminal.ts'
import { reporters } from './catalogue.ts'
import type { RunOptions } from './options.ts'
import { performRun } from './run.ts'
import { folderOf, markLatest, report } from './save.ts'

/** Performs a run, writes all its reports and says on stdout what came of it; throws its first failure at the end. */
export async function runAndReport(options: RunOptions, signal: AbortSignal): Promise<void> {
  const { run, failures } = await performRun(
    options,
    process.argv.slice(2),
    (made) => folderOf(made, options.out),
    signal,
  )
  if (run.results.length === 0 && run.alone?.length === 0) throw failures[0]
  const folder = folderOf(run, options.out)
  await report(run, folder, await reporters())
  if (options.out === undefined) await markLatest(folder)
  process.stdout.write(
    options.json
      ? `${JSON.stringify(run)}\n`
      : `${renderTerminal(run, { colour: isColourful() })}\nReport: ${folder}/report.html\n`,
  )
  if (failures.length > 0) throw failures[0]
}

function isColourful(): boolean {
  return process.stdout.isTTY === true && !process.env['NO_COLOR']
}
