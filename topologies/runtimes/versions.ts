/** Installed packages by name, with the distribution's versions. */
export type Versions = Readonly<Record<string, string>>

/** From lines of `package version`, as `dpkg-query` prints them. Epochs (`1:`) say nothing to a reader. */
export function parseVersions(text: string): Versions {
  const lines = text.split('\n').map((line) => line.split(' ') as [string, string | undefined])
  return Object.fromEntries(lines.flatMap(([name, version]) => (version ? [[name, version.replace(/^\d+:/, '')]] : [])))
}

/** A package's version. `python3` only points to the package with the interpreter, whose security updates count. */
export function versionIn(versions: Versions, name: string): string {
  const holder = name === 'python3' ? Object.keys(versions).find((key) => /^python3\.\d+$/.test(key)) : name
  return versions[holder ?? name] || 'unknown'
}

/** `3.11.2-6+deb12u6` to `3.11.2`. */
export const upstream = (version: string): string => version.split('-')[0]!
