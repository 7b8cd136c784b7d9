import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Linted } from '../../suites/linting/index.ts'
import { usageError } from '../choices.ts'
import { userPath } from '../save.ts'
import type { ApplicationWords } from './index.ts'
import { refuseClosed, userFolder } from './user-folder.ts'

/** A user's own application: its file, the callable in it, and what it needs. */
export type OwnApplication = Omit<Linted, 'paths'>

/** What a user typed about an application of their own and what it needs. */
export interface OwnWords extends Pick<ApplicationWords, 'pythonPath' | 'env'> {
  readonly app: string
}

/** Variables that every service is given by the lab, so that another value would be lost without a word. */
const GIVEN = /^(?:PATH|HOME|LANG|TMPDIR|LD_LIBRARY_PATH|PYTHONPATH|PYTHONHOME|PYTHONDONTWRITEBYTECODE|LAB_\w*)$/

/** Where paths that were typed are to be looked for. */
export interface Finding {
  file(typed: string): string
  folder(typed: string): string
}

/**
 * The application, checked as far as that is possible without Python. Throws a usage error that speaks of the option `flag`
 * when something is not there.
 */
export function ownApplication(
  { app, pythonPath, env }: OwnWords,
  flag = '--app',
  find: Finding = { file: userPath, folder: userPath },
): OwnApplication {
  const { name, callable } = namedApplication(app, flag)
  const file = find.file(name)
  const found = statSync(file, { throwIfNoEntry: false })
  if (!found) throw usageError(`There is no file ${file}.`, `Name the file of your application: ${flag} FILE:callable.`)
  if (!found.isFile()) throw usageError(`${file} is not a file.`, 'Name the Python file that holds the callable.')
  refuseClosed(dirname(file), file, found.mode)
  return {
    file,
    callable,
    searchPath: pythonPath.map((typed) => userFolder(find.folder(typed), '--python-path')),
    variables: Object.fromEntries(env.map(variable)),
  }
}

/** `shop/wsgi.py:application` as file and callable. */
function namedApplication(app: string, flag: string): { readonly name: string; readonly callable: string } {
  const [, name = '', callable = ''] = /^(.*):([^:/]*)$/.exec(app) ?? [undefined, app, '']
  if (name === '' || callable === '')
    throw usageError(
      `"${app}" does not name an application.`,
      `Write FILE:callable, as in ${flag} ${name || 'app.py'}:application.`,
    )
  return { name, callable }
}

function variable(given: string): [string, string] {
  const [, name = '', value = ''] = /^([A-Za-z_]\w*)=([^]*)$/.exec(given) ?? []
  if (name === '') throw usageError(`"${given}" is not a variable.`, 'Write --env NAME=value.')
  if (GIVEN.test(name))
    throw usageError(
      `${name} is set by the lab itself.`,
      name === 'PYTHONPATH' ? 'Name the folder with --python-path.' : 'Leave it out.',
    )
  return [name, value]
}
