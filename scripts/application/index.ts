import type { Application } from '../../reports/run.ts'
import type { Part } from '../../suites/load/index.ts'
import type { UpOptions } from '../../topologies/runtimes/index.ts'

/** Options about a user's own application, as commander gives them. */
export interface ApplicationWords {
  /** FILE:callable; the lab's own application when absent. */
  readonly app?: string
  /** DIR=/prefix */
  readonly static: readonly string[]
  readonly path: readonly string[]
  readonly har?: string
  readonly requirements?: string
  readonly pythonPath: readonly string[]
  /** NAME=value */
  readonly env: readonly string[]
}

/** What is brought up, and what is asked of it. */
export interface ChosenApplication {
  /** What of it is a fact about the run; undefined for the lab's own. */
  readonly says: Application | undefined
  readonly up: Pick<UpOptions, 'application' | 'environment' | 'statics' | 'folders'>
  /** What is asked for, with shares that add up to 1. */
  readonly requests: readonly [Part, ...Part[]]
}
