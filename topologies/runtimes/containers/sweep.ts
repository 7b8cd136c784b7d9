import { isGone } from '../owner.ts'
import { LABEL, OWNER_LABEL, type Docker } from './engine.ts'

/** How long the newest step of a build can be without a name and a container: moments, so this is ample. */
const BUILDING_SECONDS = 60

/** What of dead labs was removed from an engine. */
export interface SweptContainers {
  readonly containers: number
  readonly networks: number
  readonly images: number
}

/**
 * Removes the containers and networks of labs that are gone, and unnamed images that broken builds left. What does not
 * carry the lab's own labels is not even looked at; living labs are not touched.
 */
export async function sweepContainers(docker: Docker): Promise<SweptContainers> {
  const owned = { filters: { label: [OWNER_LABEL] } }
  const isLeft = ({ Labels }: { readonly Labels?: Readonly<Record<string, string>> | undefined }) =>
    isGone(Labels?.[OWNER_LABEL] ?? '')
  const containers = (await docker.listContainers({ all: true, ...owned })).filter(isLeft)
  for (const { Id } of containers) await docker.getContainer(Id).remove({ force: true, v: true }).catch(ignoreGone)
  const networks = (await docker.listNetworks(owned)).filter(isLeft)
  for (const { Id } of networks) await docker.getNetwork(Id).remove().catch(ignoreGone)
  const unnamed = await docker.listImages({ filters: { label: [`${LABEL}=image`], dangling: ['true'] } })
  // A younger one may be a step of a build that another lab is in the middle of.
  const images = unnamed.filter(({ Created }) => Created < Date.now() / 1000 - BUILDING_SECONDS)
  for (const { Id } of images) await docker.getImage(Id).remove().catch(ignoreGone)
  return { containers: containers.length, networks: networks.length, images: images.length }
}

/** Removes the images of servers; the next run builds them anew. The base image is left: others may use it. */
export async function removeImages(docker: Docker): Promise<number> {
  const images = await docker.listImages({ filters: { label: [`${LABEL}=image`] } })
  for (const { Id } of images) await docker.getImage(Id).remove({ force: true }).catch(ignoreGone)
  return images.length
}

/** Another lab was faster (404), or it is in use (409). */
function ignoreGone(error: { readonly statusCode?: number }): void {
  if (![404, 409].includes(error.statusCode ?? 0)) throw error
}
