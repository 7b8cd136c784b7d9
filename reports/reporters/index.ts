import type { Run } from '../run.ts'

/** A file of a report. */
export interface Artifact {
  /** File name, relative to the run's folder. */
  readonly name: string
  readonly content: string | Uint8Array
}

/** Turns a run into files, knowing nothing but the run. */
export interface Reporter {
  /** The file's name. */
  readonly name: string
  readonly title: string
  render(run: Run): Promise<readonly Artifact[]>
}
