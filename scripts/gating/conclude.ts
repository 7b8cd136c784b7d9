import { verdictOf, type GateVerdict } from '../../reports/gate.ts'
import { renderTerminal } from '../../reports/terminal.ts'
import { reporters } from '../catalogue.ts'
import { tellGithub } from '../github.ts'
import type { GrowingRun } from '../growing-run.ts'
import { folderOf, markLatest, report } from '../save.ts'
import { writeBaseline } from './baseline-file.ts'
import { remember } from './history.ts'
import type { GateOptions, GateWords } from './options.ts'

/** Writes all reports of a gate that came to its end, tells whoever wants to know, and returns its verdict. */
export async function conclude(
  run: GrowingRun,
  { out, json = false, update = false }: GateWords,
  { conformance, history }: GateOptions,
): Promise<GateVerdict> {
  const folder = folderOf(run, out)
  await report(run, folder, await reporters())
  if (out === undefined) await markLatest(folder)
  const written = update ? [`Baseline: ${await writeBaseline(conformance!.file, run)}`] : []
  process.stdout.write(
    json
      ? `${JSON.stringify(run)}\n`
      : `${renderTerminal(run, { colour: isColourful() })}\n${[...written, `Report: ${folder}/report.html`].join('\n')}\n`,
  )
  await tellGithub(run, { json })
  // Last: a history that cannot be written must hide no verdict.
  if (history !== undefined) await remember(run, history)
  return run.gate ? verdictOf(run.gate) : 'pass'
}

const isColourful = (): boolean => process.stdout.isTTY === true && !process.env['NO_COLOR']
