import { ownerName } from '../owner.ts'
import { LABEL, OWNER_LABEL, type Docker } from './engine.ts'

/**
 * Whether containers see a folder of the lab's. The lab may itself run in a container, and the engine outside of it:
 * then what the probe writes cannot be read, and clauses that need it must not be judged as if it had seen nothing.
 */
export async function sharesFolders(docker: Docker, image: string, folder: string): Promise<boolean> {
  const container = await docker
    .createContainer({
      Image: image,
      Labels: { [LABEL]: 'service', [OWNER_LABEL]: ownerName() },
      // Unlike a bind by its short form, this one is refused when the folder is not there.
      HostConfig: { Mounts: [{ Type: 'bind', Source: folder, Target: '/mnt', ReadOnly: true }] },
    })
    .catch((error: { readonly statusCode?: number }) => {
      if (error.statusCode === 400) return undefined
      throw error
    })
  await container?.remove({ force: true })
  return container !== undefined
}
