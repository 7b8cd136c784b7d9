import { Option, type Command } from 'commander'
import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { planOf } from '../../reports/planning/plan.ts'
import type { Run } from '../../reports/run.ts'
import { memoryText } from '../../reports/words/plan-figures.ts'
import { each, withApplication } from '../application/options.ts'
import { formats, ROOT } from '../catalogue.ts'
import { choose, usageError } from '../choices.ts'
import { chosenTopology } from '../exporting/chosen-topology.ts'
import { unknownVariables } from '../exporting/environment-file.ts'
import { exportedOf, type ExportedWords } from '../exporting/exported.ts'
import type { Exported } from '../exporting/formats/index.ts'
import { shellWord } from '../exporting/shell.ts'
import { writeExport } from '../exporting/write.ts'
import { userPath } from '../save.ts'
import { parseRun } from './report.ts'

interface Words extends ExportedWords {
  readonly topology?: string
  readonly format: string
  readonly out: string
}

const LATEST = join(ROOT, 'reports', 'runs', 'latest', 'run.json')
const HOW_TO_PLAN = 'Make a plan first: npm run lab -- plan --app FILE:callable --rps N --p99 TIME.'

/** `export [RUN.json]`: a planned topology with the application, as files that run. */
export function exportCommand(program: Command): void {
  withApplication(program.command('export'))
    .description('write a planned topology with your application as files that run')
    .argument('[run.json]', 'a plan that the lab saved (default: the newest run)')
    .addOption(new Option('--topology <name>', 'which one of the plan (default: the recommended one)'))
    .requiredOption('--format <name>', 'compose, native (with systemd units), kubernetes or procfile')
    .requiredOption('--out <folder>', 'where to write: an empty folder, or a new one')
    .addOption(
      new Option('--package <name>', 'a Debian package that your application needs, as in python3-flask (repeatable)')
        .argParser(each)
        .default([], 'none'),
    )
    .action(async (file: string | undefined, words: Words) => {
      const path = file === undefined ? LATEST : userPath(file)
      const run = await plannedRun(path)
      const [format, another] = choose('format', await formats(), [words.format])
      if (another) throw usageError('An export has one form.', 'Name one --format, and another --out for the next.')
      const planned = planOf(run)
      const chosen = chosenTopology(planned, words.topology, format!.prefers)
      const exported = await exportedOf(run, planned, chosen, words, command(process.argv.slice(2)))
      const why = format!.refuses?.(exported)
      if (why !== undefined) throw usageError(why, 'Choose another --topology or --format.')
      const out = userPath(words.out)
      const copied = await writeExport(out, exported.application, format!.files(exported))
      const warnings = [
        ...(planned.validation.holds
          ? []
          : ['The model of this plan missed what was measured: take its figures as rough.']),
        ...(format!.warns?.(exported) ?? []),
        ...missing(exported, copied.secrets),
      ]
      const size = copied.bytes < 1e6 ? 'less than 1 MB' : memoryText(copied.bytes).replaceAll('\u00a0', ' ')
      const what = `${copied.files} files, ${size}`
      const lines = [
        `${chosen.name} for ${exported.name}, written to ${relative(userPath('.'), out) || '.'}. ${format!.says}`,
        `The application was copied (${what}).`,
        ...warnings.map((warning) => `Note: ${warning}`),
        'README.md there says how it is started.',
      ]
      process.stdout.write(lines.map((line) => `${line}\n`).join(''))
    })
}

async function plannedRun(path: string): Promise<Run> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw usageError(`${path} cannot be read: ${error.message}.`, HOW_TO_PLAN)
  })
  const run = parseRun(path, text)
  if (!run.plan) throw usageError(`${path} holds no plan.`, HOW_TO_PLAN)
  return run
}

/** What was typed, without values of variables, which may be secrets. */
const command = (typed: readonly string[]): string =>
  [
    'npm',
    'run',
    'lab',
    '--',
    ...typed.map((word, index) =>
      typed[index - 1] === '--env' ? word.replace(/=.*/s, '=...') : word.replace(/^(--env=\w+=).*/s, '$1...'),
    ),
  ]
    .map(shellWord)
    .join(' ')

/** What whoever starts the export must do first, or may miss. */
function missing({ variables, application }: Exported, secrets: number): readonly string[] {
  const unknown = unknownVariables({ variables })
  return [
    ...(unknown.length > 0
      ? [`The values of ${unknown.join(', ')} are not in a run: fill them in, as README.md says.`]
      : []),
    ...(secrets > 0 ? ['A file .env was left out: give its variables with --env.'] : []),
    ...(application.folders.some(({ from }) => /\/(?:site|dist)-packages$/.test(from))
      ? [
          'Packages were copied as they are installed here, for this machine and Python: --requirements lets pip install them anew.',
        ]
      : []),
  ]
}
