import type { UpOptions } from '../index.ts'
import { LabError } from '../lab-error.ts'
import { ownerName } from '../owner.ts'
import { LABEL, OWNER_LABEL, type Docker } from './engine.ts'
import type { BindMount } from './files.ts'
import { THERE } from './paths.ts'

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

/** What a container has of its own: a folder of the machine's in its place would hide it. */
const OWN = [
  ...['/bin', '/dev', '/etc', '/lib', '/lib64', '/proc', '/run', '/sbin', '/sys'],
  ...['/usr/bin', '/usr/lib', '/usr/sbin', '/usr/share', '/var/lib/dpkg', ...Object.values(THERE)],
]

/** Folders of this machine as a container sees them: by the same paths. `isShared` says whether a folder can be seen there. */
export async function sameFolders(
  { folders = [], writable = [] }: Pick<UpOptions, 'folders' | 'writable'>,
  isShared: (folder: string) => Promise<boolean>,
): Promise<readonly BindMount[]> {
  const mounts = new Map<string, 'ro' | 'rw'>(folders.map((folder) => [folder, 'ro']))
  for (const folder of writable) mounts.set(folder, 'rw')
  for (const folder of mounts.keys()) {
    if (OWN.some((own) => isWithin(own, folder) || isWithin(folder, own)))
      throw new LabError(
        `${folder} would take the place of a container’s own files there.`,
        'Put what your application needs into a folder of its own, or use --runtime native.',
      )
    if (!(await isShared(folder)))
      throw new LabError(
        `Containers of this Docker Engine cannot see the folder ${folder}, which your application needs.`,
        'Let the engine share it with containers, or use --runtime native.',
      )
  }
  return [...mounts].map(([folder, mode]) => ({ source: folder, target: folder, mode }))
}

const isWithin = (path: string, folder: string): boolean => `${path}/`.startsWith(folder === '/' ? '/' : `${folder}/`)
