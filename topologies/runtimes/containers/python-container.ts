import { setTimeout as sleep } from 'node:timers/promises'
import type { PythonOutcome, PythonWork } from '../index.ts'
import type { Docker } from './engine.ts'
import { outputOf, type BindMount } from './files.ts'
import { LabContainer, type Attachment } from './lab-container.ts'

/** Where Python is to do something, and as whom. */
interface Desk {
  readonly docker: Docker
  readonly image: string
  readonly attachment: Attachment
  readonly reaped: boolean
  /** The applications: folder of the lab's, copied to where they are looked for. */
  readonly applications: { readonly here: string; readonly there: string }
  readonly mounts: readonly BindMount[]
  /** `uid:gid`; the image's own when absent. */
  readonly user?: string
}

/** Runs the distribution's Python in a container that is thrown away. */
export async function pythonInContainer(
  { argv, environment = {}, limit, signal }: Omit<PythonWork, 'folders' | 'writable'>,
  { docker, image, applications, mounts, user, ...place }: Desk,
): Promise<PythonOutcome> {
  signal?.throwIfAborted()
  const created = new LabContainer(docker, image, {
    ...{ kind: 'service', title: 'python', cpus: [], ...place },
    environment: { LANG: 'C.UTF-8', HOME: '/tmp', ...environment },
  })
    .withCommand(['/usr/bin/python3', ...argv])
    .withCopyDirectoriesToContainer([{ source: applications.here, target: applications.there }])
    .withBindMounts([...mounts])
  const container = await (user === undefined ? created : created.withUser(user)).begin()
  const over = new AbortController()
  try {
    const late = sleep(limit, 'late', { signal: AbortSignal.any([over.signal, ...(signal ? [signal] : [])]) })
    const first = await Promise.race([container.wait(), late])
    const { State } = await container.inspect()
    const [stdout, stderr] = await Promise.all([
      outputOf(container, { stdout: true, stderr: false }),
      outputOf(container, { stdout: false, stderr: true }),
    ])
    return { stdout, stderr, ending: `exit code ${State.ExitCode}`, isLate: first === 'late' }
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    over.abort()
    await container.remove({ force: true, v: true })
  }
}
