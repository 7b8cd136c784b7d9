import { chmodSync, cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Scratch } from './scratch.ts'

/** Debian packages that the applications in `apps/` import; every server that calls them needs these too. */
export const APPLICATION_PACKAGES = ['python3-webob', 'python3-werkzeug'] as const

/** A copy of the applications in the scratch folder: the checkout may lie where the services' user may not look. */
export function applicationsFor(room: Scratch, apps: string): string {
  const applications = join(room.directory, 'apps')
  cpSync(apps, applications, { recursive: true, filter: (path) => !path.includes('__pycache__') })
  for (const entry of readdirSync(applications, { recursive: true, withFileTypes: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644)
  }
  chmodSync(applications, 0o755)
  return applications
}
