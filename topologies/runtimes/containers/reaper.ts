import { getContainerRuntimeClient, getReaper } from 'testcontainers'
import type { Docker } from './engine.ts'

/** The image that this version of Testcontainers takes, unless the variable names another. */
const IMAGE = process.env['RYUK_CONTAINER_IMAGE'] ?? 'testcontainers/ryuk:0.14.0'
/** How long a registry is asked for it. Without it the lab's own labels do. */
const PULL_MS = 5000

/**
 * Whether Testcontainers' reaper (Ryuk) runs: a container that removes the others soon after the lab is gone, however it
 * went. Where its image cannot be had, the next lab removes them (`sweep.ts`).
 */
export async function reaperIsThere(docker: Docker): Promise<boolean> {
  if (process.env['TESTCONTAINERS_RYUK_DISABLED'] === 'true') return false
  const isThere = () =>
    docker
      .getImage(IMAGE)
      .inspect()
      .then(
        () => true,
        () => false,
      )
  if (!(await isThere())) {
    await pull(docker)
    if (!(await isThere())) return false
  }
  return getReaper(await getContainerRuntimeClient()).then(
    () => true,
    () => false,
  )
}

async function pull(docker: Docker): Promise<void> {
  const stream = (await docker.pull(IMAGE, { abortSignal: AbortSignal.timeout(PULL_MS) }).catch(() => null)) as
    | (NodeJS.ReadableStream & { destroy(): void })
    | null
  if (!stream) return
  const late = setTimeout(() => stream.destroy(), PULL_MS)
  await new Promise((resolve) => docker.modem.followProgress(stream, resolve, () => {}))
  clearTimeout(late)
}
