import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import type { Server } from '../../servers/index.ts'
import { APPLICATION_PACKAGES } from '../applications.ts'
import { LabError } from '../lab-error.ts'
import { fileOf } from './files.ts'
import { LABEL, OWNER_LABEL, type Docker } from './engine.ts'
import { ownerName } from '../owner.ts'
import { parseVersions, type Versions } from '../versions.ts'

/** Folder of the Dockerfile that all images are built from. */
export const CONTEXT = fileURLToPath(new URL('.', import.meta.url))

/** How much of a failed build's output is shown, in lines. */
const BUILD_LINES = 15

/** Debian packages of a server's image. Whoever calls the applications needs what they import. */
export function imagePackages(server: Pick<Server, 'packages' | 'role'>): readonly string[] {
  return [...new Set([...server.packages, ...(server.role === 'app' ? APPLICATION_PACKAGES : [])])].sort()
}

/** Identity of the base image, which is pulled when it is not there. */
export async function baseImage(docker: Docker, base: string, say: (line: string) => void): Promise<string> {
  const known = await imageId(docker, base)
  if (known) return known
  say(`pulling ${base}`)
  const why = await pullImage(docker, base)
  const pulled = await imageId(docker, base)
  if (pulled) return pulled
  throw new LabError(
    `The image ${base} is not there and cannot be pulled: ${why ?? 'the registry did not say why'}`,
    `Build it with: npm run base-image -- ${base}; or use --runtime native.`,
  )
}

/**
 * Name of a server's image: the base image with the server's packages, named after what it is made of, so that it is
 * built once and anew as soon as the base image or the list of packages is another.
 */
export async function serverImage(
  docker: Docker,
  server: Pick<Server, 'name' | 'title' | 'packages' | 'role'>,
  base: { readonly name: string; readonly id: string },
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<string> {
  const packages = imagePackages(server)
  const recipe = await readFile(`${CONTEXT}/Dockerfile`, 'utf8')
  const digest = createHash('sha256')
    .update(JSON.stringify([recipe, base.id, packages]))
    .digest('hex')
  const name = `gateway-lab/${server.name}:${digest.slice(0, 12)}`
  if (!(await imageId(docker, name))) {
    say(`building the image of ${server.title}`)
    await build(docker, name, { BASE: base.name, PACKAGES: packages.join(' ') }, signal)
  }
  return name
}

async function build(
  docker: Docker,
  name: string,
  buildargs: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted()
  const stream = await docker.buildImage(
    { context: CONTEXT, src: ['Dockerfile'] },
    // An aborted call hangs up, which makes the engine end the build.
    {
      t: name,
      buildargs: { ...buildargs, ...proxies() },
      rm: true,
      forcerm: true,
      ...(signal && { abortSignal: signal }),
    },
  )
  const { error: why, lines } = await followed(docker, stream)
  signal?.throwIfAborted()
  if (why === undefined) return
  // The whole command is in the Dockerfile; its last lines say more.
  const error = why.replace(/^The command '.*' returned/s, 'its command returned')
  const full = /no space left/i.test(error + lines.join('\n'))
  throw new LabError(
    `The image ${name} cannot be built: ${error}\n${lines.slice(-BUILD_LINES).join('\n').replace(/^/gm, '  ')}`,
    full
      ? 'Free some space where the engine keeps its images (docker info says where), then run the same command again.'
      : 'Check the network and the package archive of the base image, then run the same command again.',
  )
}

/** Identity of an image; undefined when the engine has none of that name. */
export const imageId = (docker: Docker, name: string): Promise<string | undefined> =>
  docker
    .getImage(name)
    .inspect()
    .then(
      ({ Id }) => Id,
      (error: { statusCode?: number }) => {
        if (error.statusCode === 404) return undefined
        throw error
      },
    )

/** Pulls an image; says why when it could not. */
export const pullImage = (docker: Docker, name: string, signal?: AbortSignal): Promise<string | undefined> =>
  docker.pull(name, signal ? { abortSignal: signal } : {}).then(
    async (stream) => (await followed(docker, stream)).error,
    (error: Error) => error.message.trim(),
  )

/** Follows a pull, build or import to its end: what it printed, and the error if there was one. */
export async function followed(
  docker: Docker,
  stream: NodeJS.ReadableStream,
): Promise<{ readonly error?: string; readonly lines: readonly string[] }> {
  const parts: string[] = []
  let error: string | undefined
  const failed = await new Promise<Error | null>((resolve) =>
    docker.modem.followProgress(stream, resolve, (event: { stream?: string; error?: string }) => {
      if (event.stream) parts.push(event.stream)
      error ??= event.error
    }),
  )
  const lines = stripVTControlCharacters(parts.join('')).trimEnd().split('\n')
  const why = error ?? failed?.message
  return why === undefined ? { lines } : { error: why, lines }
}

/** Versions of the packages in a server's image, read from a container that is never started. */
export async function versionsIn(docker: Docker, image: string): Promise<Versions> {
  const container = await docker.createContainer({
    Image: image,
    Labels: { [LABEL]: 'service', [OWNER_LABEL]: ownerName() },
  })
  try {
    return parseVersions(await fileOf(container, '/srv/packages'))
  } finally {
    await container.remove({ force: true })
  }
}

/** How to reach the package archive is the machine's business: its proxies count in builds too (predefined in Docker). */
export function proxies(): Readonly<Record<string, string>> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
}
