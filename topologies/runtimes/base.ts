import { osRelease } from './os-release.ts'

/** The image that servers' images are built from when nobody names another. */
export const DEFAULT_BASE = 'debian:trixie-slim'

/** The base image of this machine's own release: with it containers run the same versions as native processes. */
export function ownBase(): string {
  const codename = osRelease('VERSION_CODENAME')
  return osRelease('ID') === 'ubuntu' ? `ubuntu:${codename}` : `debian:${codename}-slim`
}
