import { chmod, copyFile, mkdir, readdir, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { usageError } from '../choices.ts'

/** Names that are in no deployment: version control, bytecode, packages of the machine it was written on, secrets. */
export const NOISE: ReadonlySet<string> = new Set([
  ...['.git', '.hg', '.svn', '__pycache__', '.venv', 'venv', 'node_modules', '.tox', '.nox', '.idea', '.vscode'],
  ...['.mypy_cache', '.pytest_cache', '.ruff_cache', '.DS_Store', '.env'],
])

/** More than this is hardly an application: somebody's home folder, say. */
const MOST_FILES = 20_000
const MOST_BYTES = 1e9

/** What was copied, and what was left out that could be missed. */
export interface Copied {
  readonly files: number
  readonly bytes: number
  readonly secrets: number
}

/**
 * Copies a folder without what is noise; links become what they point to. Everybody may read the copy. `skip` is left out (the
 * export itself may lie in the folder). Throws a usage error where there is far too much.
 */
export async function copyFolder(from: string, to: string, skip: string): Promise<Copied> {
  const sum = { files: 0, bytes: 0, secrets: 0 }
  await copyInto(from, to)
  return sum

  async function copyInto(source: string, target: string): Promise<void> {
    await mkdir(target, { recursive: true })
    await chmod(target, 0o755)
    for (const name of (await readdir(source)).sort()) {
      const path = join(source, name)
      if (path === skip) continue
      if (name === '.env') sum.secrets++
      if (NOISE.has(name) || name.endsWith('.pyc')) continue
      // A link that leads nowhere and a socket are nothing to copy.
      const found = await stat(path).catch(() => undefined)
      if (found?.isDirectory()) await copyInto(path, join(target, name))
      else if (found?.isFile()) {
        sum.files++
        sum.bytes += found.size
        if (sum.files > MOST_FILES || sum.bytes > MOST_BYTES)
          throw usageError(
            `${from} holds more than ${MOST_FILES} files or ${MOST_BYTES / 1e9} GB, all of which would go into the export.`,
            'Put the application into a folder of its own.',
          )
        await copyFile(path, join(target, name))
        await chmod(join(target, name), found.mode & 0o100 ? 0o755 : 0o644)
        // Servers tell clients when a file was changed, which must be the same on every machine.
        await utimes(join(target, name), found.atime, found.mtime)
      }
    }
  }
}
