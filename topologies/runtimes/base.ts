import { readFileSync } from 'node:fs'

/** The image that servers' images are built from when nobody names another. */
export const DEFAULT_BASE = 'debian:trixie-slim'

/** The base image of this machine's own release: with it containers run the same versions as native processes. */
export function ownBase(): string {
  const release = readFileSync('/etc/os-release', 'utf8')
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(release)?.[1] ?? ''
  const codename = field('VERSION_CODENAME')
  return field('ID') === 'ubuntu' ? `ubuntu:${codename}` : `debian:${codename}-slim`
}
