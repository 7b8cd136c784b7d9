import type { Level } from '../../reports/run.ts'

/** One sentence of a specification that binds the application, and what to do about an application that breaks it. */
export interface Rule {
  /** Its level; a `RECORD` rule forbids nothing: what is found is advice. */
  readonly level: Level
  /** Where the sentence stands: `PEP 3333, Buffering and Streaming` or `RFC 9110 §9.3.2`. */
  readonly cites: string
  /** The sentence itself, quoted. */
  readonly says: string
  /** When it can be seen at all: `the application calls write()`. */
  readonly arises: string
  /** What to do about an application that breaks it. */
  readonly advice: string
  /** Why no application can be held to it from outside. */
  readonly untestable?: string
}

/** What became of a rule. `not reached`: its situation never arose; `advice`: a finding that no sentence forbids. */
export type LintOutcome = 'kept' | 'broken' | 'advice' | 'not reached' | 'not testable'

/** One time that a rule was seen broken. */
export interface Sighting {
  /** `in process` or the server with its version. */
  readonly where: string
  /** `GET /`, with what was special about it. */
  readonly request: string
  readonly saw: string
  /** What the client got, behind a server. */
  readonly answer?: string
}

/** A rule, and what the whole lint found about it. */
export interface LintFinding {
  readonly rule: string
  readonly level: Level
  readonly outcome: LintOutcome
  readonly seen: readonly Sighting[]
}

/** A rule and a time that it was seen broken. */
export interface Breach {
  readonly rule: string
  readonly sighting: Sighting
}

/** What one place has shown: the application in process, or behind one server. */
export interface Place {
  readonly where: string
  /** Rules whose situation arose. */
  readonly reached: ReadonlySet<string>
  readonly broken: readonly Breach[]
  /** The usual requests and how they were answered. */
  readonly answers: readonly { readonly request: string; readonly words: string }[]
}

/** The body of a POST: what a form of two fields sends. The checker in process sends the same. */
export const FORM = 'lab=lint&text=hello'

/** How the application is named to the checker, and what it needs. */
export interface Linted {
  /** Absolute path of the file. */
  readonly file: string
  /** The callable in it; a dotted name is followed. */
  readonly callable: string
  /** Folders that are put on Python's module path. */
  readonly searchPath: readonly string[]
  /** Variables of the application's own. */
  readonly variables: Readonly<Record<string, string>>
  /** Request targets, each with its leading slash. */
  readonly paths: readonly string[]
}

/** What tells `apps/lint.py` and `apps/linting/in_process.py` which application to watch. */
export const lintEnvironment = ({ file, callable, searchPath, variables }: Linted) => ({
  ...variables,
  LAB_LINT_APP: `${file}:${callable}`,
  LAB_LINT_PATH: searchPath.join(':'),
})
