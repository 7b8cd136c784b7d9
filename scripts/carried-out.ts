import type { ListrTask } from 'listr2'
import type { Run } from '../reports/run.ts'
import type { GrowingRun } from './growing-run.ts'
import { inTurn } from './progress.ts'

/** What came of a run: what was found, and what kept it from being whole. */
export interface Outcome {
  readonly run: Run
  readonly failures: readonly unknown[]
}

/** What is carried out, and where what comes of it gathers. */
interface Work {
  readonly steps: readonly ListrTask[]
  /** The run as far as it has come; undefined as long as there is nothing in it to report. */
  run(): GrowingRun | undefined
  /** What failed without ending the others. */
  readonly failures: unknown[]
  readonly json: boolean
}

/** Carries out the steps of a run. What ends them early is a failure of the run; thrown when nothing was found yet to report. */
export async function carriedOut({ steps, run, failures, json }: Work, signal: AbortSignal): Promise<Outcome> {
  try {
    await inTurn(steps, { json })
    run()!.finishedAt = new Date().toISOString()
  } catch (error) {
    if (!run()) throw error
    failures.push(signal.aborted ? signal.reason : error)
  }
  return { run: run()!, failures }
}
