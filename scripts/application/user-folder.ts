import { statSync } from 'node:fs'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import { SERVICE_USER, servicesMayEnter } from '../../topologies/runtimes/service-user.ts'
import { usageError } from '../choices.ts'

/** A folder of the user's, named with the option `flag`: it must be there, and the services' user must see it. */
export function userFolder(path: string, flag: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found?.isDirectory()) throw usageError(`There is no folder ${path}.`, `Name an existing folder with ${flag}.`)
  refuseClosed(path, path, found.mode)
  return path
}

/** When root runs the lab, services are run as nobody, who reads neither /root nor what others may not read. */
export function refuseClosed(folder: string, path: string, mode: number): void {
  if (SERVICE_USER && !(servicesMayEnter(folder) && (mode & 0o004) !== 0))
    throw new LabError(
      `${path} cannot be read by nobody, the user as whom root’s lab runs applications.`,
      'Run the lab as the user who owns it, or copy the project to where everybody may read, below /srv or /tmp.',
    )
}
