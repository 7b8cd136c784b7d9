import type { Command } from 'commander'
import { mkdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { prettifyError } from 'zod'
import { parseHistory } from '../../reports/history.ts'
import { renderTrend } from '../../reports/page/trend.ts'
import { Run } from '../../reports/run.ts'
import { renderTerminal } from '../../reports/terminal.ts'
import { reporters } from '../catalogue.ts'
import { usageError } from '../choices.ts'
import { remember } from '../gating/history.ts'
import { refuseUnwritable, report, userPath, writeWhole } from '../save.ts'

/** `report RUN.json`: renders a run again, with today's reporters. `report HISTORY.jsonl`: makes a page of its trends. */
export function reportCommand(program: Command): void {
  program
    .command('report')
    .description('render the report of a run again, or the trends of a history')
    .argument('<file>', 'a run.json that the lab saved, or a history (.jsonl)')
    .option('--out <folder>', 'where to write (default: beside the file)')
    .option('--history <file>', 'add the run to this history')
    .action(async (file: string, options: { out?: string; history?: string }) => {
      const path = userPath(file)
      const text = await readFile(path, 'utf8').catch((error: Error) => {
        throw usageError(
          `${path} cannot be read: ${error.message}`,
          'Name a run.json that the lab wrote, as reports/runs/latest/run.json.',
        )
      })
      const folder = options.out ? userPath(options.out) : dirname(path)
      if (path.endsWith('.jsonl')) {
        if (options.history !== undefined)
          throw usageError('A history cannot be added to a history.', 'Name a run.json that the lab wrote.')
        process.stdout.write(await reportTrend(path, text, folder))
        return
      }
      const run = parseRun(path, text)
      const names = await report(run, folder, await reporters())
      if (options.history !== undefined) await remember(run, userPath(options.history))
      process.stdout.write(`${renderTerminal(run, { colour: false })}\nWritten to ${folder}: ${names.join(', ')}\n`)
    })
}

/** Writes `trend.html` and returns what is to be said about it. */
async function reportTrend(path: string, text: string, folder: string): Promise<string> {
  const history = parseHistory(text)
  if (history.entries.length === 0)
    throw usageError(
      `${path} holds no entry of a history.${history.leftOut.map((sentence) => `\n${sentence}`).join('')}`,
      'Let the lab add some: npm run lab -- gate ... --history, or report RUN.json --history FILE.',
    )
  const page = join(folder, 'trend.html')
  await refuseUnwritable(folder)
  await mkdir(folder, { recursive: true })
  await writeWhole(page, renderTrend(history, basename(path)))
  const said = [...history.leftOut, `Written to ${page}`]
  return `${said.join('\n')}\n`
}

/** A run read back from a file, or a sentence that says what is wrong with it. */
export function parseRun(path: string, text: string): Run {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw usageError(
      `${path} is not JSON: ${error instanceof Error ? error.message : ''}`,
      'Name a run.json that the lab wrote.',
    )
  }
  const found = Run.safeParse(json)
  if (found.success) return found.data
  const schema = (json as { schema?: unknown } | null)?.schema
  throw typeof schema === 'string' && schema !== 'lab.run/1'
    ? usageError(
        `${path} has the schema ${schema}; this lab reads lab.run/1.`,
        'Use the version of the lab that wrote it.',
      )
    : usageError(
        `${path} is not a run of the lab:\n${prettifyError(found.error)}`,
        'Name a run.json that the lab wrote.',
      )
}
