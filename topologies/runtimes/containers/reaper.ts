import { getContainerRuntimeClient, getReaper } from 'testcontainers'
import type { Docker } from './engine.ts'
import { imageId, pullImage } from './images.ts'

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
  if (!(await imageId(docker, IMAGE))) {
    await pullImage(docker, IMAGE, AbortSignal.timeout(PULL_MS))
    if (!(await imageId(docker, IMAGE))) return false
  }
  return getReaper(await getContainerRuntimeClient()).then(
    () => true,
    () => false,
  )
}
