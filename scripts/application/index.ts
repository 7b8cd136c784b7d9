import type { Application } from '../../reports/run.ts'
import type { Part } from '../../suites/load/index.ts'
import type { UpOptions } from '../../topologies/runtimes/index.ts'

/** Options about a user's own application, as commander gives them (`withApplication`). */
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
  /** How it is brought up, but for its requirements, which are another folder on each runtime: `readyOn` adds them. */
  readonly up: Mounted
  /** Absolute path of its file of packages for pip. */
  readonly requirements?: string
  /** What is asked for, with shares that add up to 1. */
  readonly requests: Requests
}

/** What a runtime is told of an application. */
export interface Mounted extends Pick<UpOptions, 'application' | 'statics' | 'folders' | 'writable'> {
  readonly environment: NonNullable<UpOptions['environment']>
}

/** Kinds of requests, at least one. */
export type Requests = readonly [Part, ...Part[]]
