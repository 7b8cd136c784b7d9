import { chmodSync, cpSync, existsSync, readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { Scratch } from './scratch.ts'

/** Debian packages that the applications in `apps/` import; every server that calls them needs these too. */
export const APPLICATION_PACKAGES = ['python3-webob', 'python3-werkzeug'] as const

const DAY_MS = 24 * 60 * 60 * 1000
const CHANGED = new Date('2020-02-02T20:20:20Z')

/** A copy of the applications in the scratch folder: the checkout may lie where the services' user may not look. */
export function applicationsFor(room: Scratch, apps: string): string {
  const applications = join(room.directory, 'apps')
  cpSync(apps, applications, { recursive: true, filter: (path) => !path.includes('__pycache__') })
  for (const entry of readdirSync(applications, { recursive: true, withFileTypes: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644)
  }
  chmodSync(applications, 0o755)
  dateFiles(join(applications, 'static'))
  return applications
}

/** Dates the files that servers serve themselves, for rules about dates; other applications bring none. */
function dateFiles(folder: string): void {
  if (!existsSync(folder)) return
  const tomorrow = new Date(Date.now() + DAY_MS)
  for (const name of readdirSync(folder)) {
    // Servers take a file that was changed a moment ago for one that may change again within the same second.
    const changed = name === 'tomorrow.txt' ? tomorrow : CHANGED
    utimesSync(join(folder, name), changed, changed)
  }
}
