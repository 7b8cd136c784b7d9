import type { Linted } from '../suites/linting/index.ts'
import { ownApplication, type OwnWords } from './application/own-application.ts'
import { requestTarget } from './application/request-target.ts'

/** What a user typed about the application to lint. */
export interface LintWords extends OwnWords {
  readonly path: readonly string[]
}

/** The application to lint, checked as far as that is possible without Python. */
export function linted(words: LintWords): Linted {
  return { ...ownApplication(words), paths: (words.path.length > 0 ? words.path : ['/']).map(requestTarget) }
}
