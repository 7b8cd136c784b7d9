import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Linted } from '../suites/linting/index.ts'
import { LabError } from '../topologies/runtimes/lab-error.ts'
import { SERVICE_USER, servicesMayEnter } from '../topologies/runtimes/service-user.ts'
import { usageError } from './choices.ts'
import { userPath } from './save.ts'

/** What a user typed about the application to lint. */
export interface LintWords {
  readonly app: string
  readonly path: readonly string[]
  readonly pythonPath: readonly string[]
  readonly env: readonly string[]
}

/** The application to lint, checked as far as that is possible without Python. */
export function linted({ app, path, pythonPath, env }: LintWords): Linted {
  const [, name = '', callable = ''] = /^(.*):([^:/]*)$/.exec(app) ?? [undefined, app, '']
  if (name === '' || callable === '')
    throw usageError(
      `"${app}" does not name an application.`,
      `Write FILE:callable, as in --app ${name || 'app.py'}:application.`,
    )
  const file = userPath(name)
  const found = statSync(file, { throwIfNoEntry: false })
  if (!found) throw usageError(`There is no file ${file}.`, 'Name the file of your application: --app FILE:callable.')
  if (!found.isFile()) throw usageError(`${file} is not a file.`, 'Name the Python file that holds the callable.')
  refuseClosed(dirname(file), file, found.mode)
  return {
    file,
    callable,
    searchPath: pythonPath.map(folder),
    variables: Object.fromEntries(env.map(variable)),
    paths: (path.length > 0 ? path : ['/']).map(target),
  }
}

function folder(given: string): string {
  const path = userPath(given)
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
  return [name, value]
}

function target(given: string): string {
  if (!/^\/[\x21-\x7e]*$/.test(given) || given.includes('#'))
    throw usageError(
      `"${given}" is not a path.`,
      'Write it as it stands in a request: it begins with / and is percent-encoded.',
    )
  return given
}
