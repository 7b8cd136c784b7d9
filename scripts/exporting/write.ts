import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import { usageError } from '../choices.ts'
import type { Carried } from './carried.ts'
import { copyFolder, type Copied } from './copying.ts'
import type { ExportedFile } from './formats/index.ts'

/** Writes an export into a folder that is empty or not there; nothing is ever overwritten. Says what was copied. */
export async function writeExport(
  folder: string,
  { folders }: Carried,
  files: readonly ExportedFile[],
): Promise<Copied> {
  const there = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw usageError(`${folder} is not a folder.`, 'Name another one with --out.')
  })
  if (there.length > 0) throw usageError(`${folder} is not empty.`, 'Name an empty folder, or a new one, with --out.')
  try {
    await mkdir(folder, { recursive: true })
    const copied = []
    for (const { from, to } of folders) copied.push(await copyFolder(from, join(folder, to), folder))
    for (const { path, text, mode = 0o644 } of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
      // Whatever the umask: services read it as another user.
      await chmod(join(folder, path), mode)
    }
    return copied.reduce((sum, each) => ({
      files: sum.files + each.files,
      bytes: sum.bytes + each.bytes,
      secrets: sum.secrets + each.secrets,
    }))
  } catch (cause) {
    if (cause instanceof LabError) throw cause
    throw new LabError(
      `The export cannot be written to ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Free some space, or name another folder with --out.',
      { cause },
    )
  }
}
