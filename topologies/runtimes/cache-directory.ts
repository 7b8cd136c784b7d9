import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { homedir } from 'node:os'
import { LabError } from './lab-error.ts'
import { servicesMayEnter } from './service-user.ts'

/**
 * The folder for what the lab keeps between runs: below `$XDG_CACHE_HOME` or `~/.cache`. Services started by
 * root run as `nobody`, who must be able to read it; where root's home is closed to others it is `/var/cache`.
 */
export async function cacheDirectory(): Promise<string> {
  const own = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gateway-lab')
  const candidates = process.getuid?.() === 0 ? [own, '/var/cache/gateway-lab'] : [own]
  for (const directory of candidates) {
    if (!servicesMayEnter(dirname(directory))) continue
    try {
      await mkdir(directory, { recursive: true, mode: 0o755 })
      return directory
    } catch (cause) {
      if (directory === candidates.at(-1)) throw unusable(directory, cause)
    }
  }
  throw unusable(own, undefined)
}

function unusable(directory: string, cause: unknown): LabError {
  const why = cause instanceof Error ? `: ${cause.message}` : ' by the user that services run as'
  return new LabError(
    `The folder ${directory} cannot be used${why}.`,
    'Set XDG_CACHE_HOME to a folder that can be written (and, as root, entered by everybody).',
    { cause },
  )
}
