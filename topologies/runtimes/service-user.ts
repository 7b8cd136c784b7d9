import { statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Who services run as when the lab is root: Debian's `nobody` and `nogroup`. Otherwise they run as the lab's user. */
export const SERVICE_USER = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined

/** Whether the services' user gets through every existing folder on the way to a path. */
export function servicesMayEnter(path: string): boolean {
  if (!SERVICE_USER) return true
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    const found = statSync(at, { throwIfNoEntry: false })
    if (found && (found.mode & 0o001) === 0) return false
  }
  return true
}
