import { readFileSync } from 'node:fs'

/** A field of /etc/os-release (os-release(5)), such as `ID` or `VERSION_CODENAME`; empty where there is none. */
export function osRelease(field: string): string {
  let release = ''
  try {
    release = readFileSync('/etc/os-release', 'utf8')
  } catch {
    // Not Linux, or a very bare one.
  }
  return new RegExp(`^${field}="?([^"\n]*)"?$`, 'm').exec(release)?.[1] ?? ''
}
