import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Linted } from '../suites/linting/index.ts'
import { LabError } from '../topologies/runtimes/lab-error.ts'
import { SERVICE_USER, servicesMayEnter } from '../topologies/runtimes/service-user.ts'
import { usageError } from './choices.ts'
import { userPath } from './save.ts'

/** A user's own application: its file, the callable in it, and what it needs. */
export type OwnApplication = Omit<Linted, 'paths'>

/** What a user typed about an application of their own. */
export interface ApplicationWords {
  /** FILE:callable */
  readonly app: string
  readonly pythonPath: readonly string[]
  /** NAME=value */
  readonly env: readonly string[]
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
  { app, pythonPath, env }: ApplicationWords,
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
    searchPath: pythonPath.map((typed) => folder(find.folder(typed))),
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

/** A request target as it was typed, checked. */
export function requestTarget(given: string): string {
  if (!/^\/[\x21-\x7e]*$/.test(given) || given.includes('#'))
    throw usageError(
      `"${given}" is not a path.`,
      'Write it as it stands in a request: it begins with / and is percent-encoded.',
    )
  return given
}

function folder(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found?.isDirectory())
    throw usageError(`There is no folder ${path}.`, 'Name an existing folder with --python-path.')
  refuseClosed(path, path, found.mode)
  return path
}

/** When root runs the lab, services are run as nobody, who reads neither /root nor what others may not read. */
function refuseClosed(folder: string, path: string, mode: number): void {
  if (SERVICE_USER && !(servicesMayEnter(folder) && (mode & 0o004) !== 0))
    throw new LabError(
      `${path} cannot be read by nobody, the user as whom root’s lab runs applications.`,
      'Run the lab as the user who owns it, or copy the project to where everybody may read, below /srv or /tmp.',
    )
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
