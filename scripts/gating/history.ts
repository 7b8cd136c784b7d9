import { constants } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { entryOf } from '../../reports/history.ts'
import type { Run } from '../../reports/run.ts'
import { LabError } from '../../topologies/runtimes/lab-error.ts'

/**
 * Adds a run to a history, as one line in one write at the end of the file (O_APPEND), so that two labs that end at the same
 * time do not write into each other's lines.
 */
export async function remember(run: Run, file: string): Promise<void> {
  const line = `${JSON.stringify(entryOf(run))}\n`
  try {
    await mkdir(dirname(file), { recursive: true })
    await using handle = await open(file, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o644)
    const { size } = await handle.stat()
    const last = Buffer.alloc(1)
    if (size > 0) await handle.read(last, 0, 1, size - 1)
    // What a killed lab tore must not take this line with it.
    const bytes = Buffer.from(size > 0 && last.toString() !== '\n' ? `\n${line}` : line)
    const { bytesWritten } = await handle.write(bytes)
    if (bytesWritten < bytes.length) throw new Error(`only ${bytesWritten} of ${bytes.length} bytes were written`)
  } catch (cause) {
    throw new LabError(
      `The history ${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Free some space, or name another file with --history.',
      { cause },
    )
  }
}
