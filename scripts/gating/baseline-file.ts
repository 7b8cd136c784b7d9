import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { masked } from '../../reports/differing-lines.ts'
import { Run, type Result } from '../../reports/run.ts'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import { usageError } from '../choices.ts'
import { parseRun } from '../commands/report.ts'
import { userPath, writeWhole } from '../save.ts'

/** Reads the baseline that a user names. What cannot be read, or holds no verdict, is a usage error. */
export async function readBaseline(file: string): Promise<Run> {
  const path = userPath(file)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT'
      ? usageError(`There is no baseline ${path}.`, 'Write one first: add --update.')
      : usageError(`The baseline ${path} cannot be read: ${error.message}`, 'Name a run.json that the lab wrote.')
  })
  const run = parseRun(path, text)
  if (![...run.results, ...(run.alone ?? [])].some(({ verdicts }) => verdicts.length > 0))
    throw usageError(
      `The baseline ${path} holds no verdict: nothing was judged in that run.`,
      'Name a run that judged clauses, or write one: add --update.',
    )
  return run
}

/** Writes what a later gate compares with to the file that a user names; resolves with its path. */
export async function writeBaseline(file: string, run: Run): Promise<string> {
  const path = userPath(file)
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeWhole(path, baselineText(run))
  } catch (cause) {
    throw new LabError(
      `The baseline cannot be written to ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Free some space, or name another file with --baseline.',
      { cause },
    )
  }
  return path
}

/**
 * A run as a file that people keep in git: verdicts alone, each on a line of its own, without what differs from one run of
 * the same to the next (ports, folders, how long servers took to come up).
 */
export function baselineText(run: Run): string {
  const { study: _, sweep: __, gate: ___, alone = [], ...rest } = run
  const kept: Run = {
    ...rest,
    repeats: 0,
    workloads: [],
    host: { ...run.host, cpuPressure: null },
    results: run.results.map(bare),
    alone: alone.map(bare),
  }
  const inLines = (key: string, value: unknown): unknown =>
    key === 'verdicts' ? (value as readonly unknown[]).map((verdict) => JSON.stringify(verdict)) : value
  // A verdict is a string in the text now: one line, quoted once too often.
  const text = JSON.stringify(Run.parse(kept), inLines, 1)
  return `${text.replace(/^( *)("\{\\"clause\\":.*")(,?)$/gm, (_, indent: string, quoted: string, comma: string) => `${indent}${JSON.parse(quoted) as string}${comma}`)}\n`
}

function bare(result: Result): Result {
  const { remedies: _, sweep: __, ...rest } = result
  return {
    ...rest,
    bringUpSeconds: [],
    measurements: [],
    tiers: result.tiers.map((tier) => ({
      ...tier,
      argv: masked(tier.argv.join('\n')).split('\n'),
      configuration: Object.fromEntries(Object.entries(tier.configuration).map(([name, text]) => [name, masked(text)])),
    })),
    verdicts: result.verdicts.map((verdict) => {
      const { evidence: _, events: __, ...kept } = verdict
      return kept
    }),
  }
}
