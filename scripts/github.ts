import { appendFile, stat } from 'node:fs/promises'
import { annotations } from '../reports/ci/annotations.ts'
import { mostSummaryBytes, stepSummary } from '../reports/ci/step-summary.ts'
import { asMuchAsShown, workflowCommand } from '../reports/ci/workflow-command.ts'
import type { Run } from '../reports/run.ts'

/** Where GitHub Actions is told, and what stands in a test for the process. */
interface Told {
  /** Whether stdout is the run's, and nothing else may be written to it. */
  readonly json: boolean
  readonly environment?: NodeJS.ProcessEnv
  readonly out?: (text: string) => void
  readonly err?: (text: string) => void
}

/**
 * In a job of GitHub Actions: writes what a run found into its log as annotations, and appends it to the step's summary.
 * Elsewhere it does nothing. A summary that cannot be written fails nobody: it is said on stderr.
 */
export async function tellGithub(
  run: Run,
  {
    json,
    environment = process.env,
    out = (text) => process.stdout.write(text),
    err = (text) => process.stderr.write(text),
  }: Told,
): Promise<void> {
  if (environment['GITHUB_ACTIONS'] !== 'true') return
  // The runner reads commands from both streams.
  const say = json ? err : out
  for (const annotation of asMuchAsShown(annotations(run))) say(`${workflowCommand(annotation)}\n`)
  const warning = await appendSummary(run, environment['GITHUB_STEP_SUMMARY'])
  if (warning !== undefined) err(`${warning}\n`)
}

/** Appends as much of the summary as the file can still take; says what went wrong. */
async function appendSummary(run: Run, file: string | undefined): Promise<string | undefined> {
  if (!file) return 'The step summary is not written: GITHUB_STEP_SUMMARY names no file.'
  try {
    const before = (await stat(file).catch(() => undefined))?.size ?? 0
    const separator = before === 0 ? '' : '\n'
    const summary = stepSummary(run, mostSummaryBytes - before - separator.length)
    if (summary === undefined) return `The step summary is not written: ${file} is nearly as large as GitHub takes.`
    await appendFile(file, `${separator}${summary}`)
    return undefined
  } catch (cause) {
    return `The step summary cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`
  }
}
