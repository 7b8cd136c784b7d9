import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { StaticFiles } from '../../topologies/servers/index.ts'
import type { Scratch } from '../../topologies/runtimes/scratch.ts'
import { SERVICE_USER } from '../../topologies/runtimes/service-user.ts'
import type { Mounted } from './index.ts'
import type { OwnApplication } from './own-application.ts'

/** How `apps/mounted.py` is told of a user's application, and what of this machine it is to see. */
export function mounted(
  { file, callable, searchPath, variables }: OwnApplication,
  statics: readonly StaticFiles[],
  bytecode: string,
): Mounted {
  return {
    application: 'mounted',
    environment: {
      ...variables,
      LAB_APP: `${file}:${callable}`,
      LAB_APP_PATH: searchPath.join(':'),
      LAB_APP_BYTECODE: bytecode,
      ...(statics.length > 0
        ? { LAB_APP_STATICS: JSON.stringify(statics.map(({ prefix, directory }) => [prefix, directory])) }
        : {}),
    },
    statics: statics.map(({ prefix, directory }) => ({ prefix, directory })),
    folders: [projectOf(file), ...searchPath, ...statics.map(({ directory }) => directory)],
    writable: [bytecode],
  }
}

/** The same with one more folder of packages, which come after those that the user named. */
export function withPackages({ environment, folders = [], ...rest }: Mounted, packages: string): Mounted {
  const path = [environment['LAB_APP_PATH'], packages].filter(Boolean).join(':')
  return { ...rest, environment: { ...environment, LAB_APP_PATH: path }, folders: [...folders, packages] }
}

/** The folder from which the application is imported: that of its outermost package, or of its file. */
function projectOf(file: string): string {
  let folder = dirname(file)
  while (existsSync(join(folder, '__init__.py'))) folder = dirname(folder)
  return folder
}

/** A folder for the bytecode of applications, writable for the services' user. */
export function bytecodeFolder({ directory }: Pick<Scratch, 'directory'>): string {
  const bytecode = join(directory, 'bytecode')
  mkdirSync(bytecode, { recursive: true })
  chmodSync(bytecode, 0o755)
  if (SERVICE_USER) chownSync(bytecode, SERVICE_USER.uid, SERVICE_USER.gid)
  return bytecode
}
