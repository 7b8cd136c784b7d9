import { text } from 'node:stream/consumers'
import { extract } from 'tar-stream'
import type { Docker } from './engine.ts'

/** A container, running or not. */
export type Container = ReturnType<Docker['getContainer']>

/** A folder of this machine in a container. */
export interface BindMount {
  readonly source: string
  readonly target: string
  /** Read-only, read and written, or shared by several containers. */
  readonly mode: 'ro' | 'rw' | 'z'
}

/** The text of a file in a container, whether it runs or not; empty when there is none. */
export async function fileOf(container: Container, path: string): Promise<string> {
  // The engine hands out files as tar archives.
  const archive = await container.getArchive({ path }).catch((error: { statusCode?: number }) => {
    if (error.statusCode === 404) return null
    throw error
  })
  if (!archive) return ''
  let content = ''
  for await (const entry of archive.pipe(extract())) content += await text(entry)
  return content
}

/** What a container has written to stdout and stderr, in order, or to one of them. */
export async function outputOf(
  container: Container,
  of: { readonly stdout: boolean; readonly stderr: boolean } = { stdout: true, stderr: true },
): Promise<string> {
  const frames = (await container.logs({ ...of, follow: false })) as unknown as Buffer
  // Without a terminal every frame has a head of 8 bytes: the stream's number, three zeros, the length.
  const parts: Buffer[] = []
  for (let at = 0; at + 8 <= frames.length;) {
    const end = at + 8 + frames.readUInt32BE(at + 4)
    parts.push(frames.subarray(at + 8, end))
    at = end
  }
  return Buffer.concat(parts).toString('utf8')
}
