import type { Command } from 'commander'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { prettifyError } from 'zod'
import { Run } from '../../reports/run.ts'
import { renderTerminal } from '../../reports/terminal.ts'
import { reporters } from '../catalogue.ts'
import { usageError } from '../choices.ts'
import { report, userPath } from '../save.ts'

/** `report RUN.json`: renders a run again, with today's reporters. */
export function reportCommand(program: Command): void {
  program
    .command('report')
    .description('render the report of a run again')
    .argument('<run.json>', 'a run that the lab saved')
    .option('--out <folder>', 'where to write (default: beside the run)')
    .action(async (file: string, options: { out?: string }) => {
      const path = userPath(file)
      const run = parseRun(
        path,
        await readFile(path, 'utf8').catch((error: Error) => {
          throw usageError(
            `${path} cannot be read: ${error.message}`,
            'Name a run.json that the lab wrote, as reports/runs/latest/run.json.',
          )
        }),
      )
      const folder = options.out ? userPath(options.out) : dirname(path)
      const names = await report(run, folder, await reporters())
      process.stdout.write(`${renderTerminal(run, { colour: false })}\nWritten to ${folder}: ${names.join(', ')}\n`)
    })
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
