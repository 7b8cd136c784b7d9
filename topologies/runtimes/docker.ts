import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Chain, Tier } from '../index.ts'
import type { Address, Role, Server } from '../servers/index.ts'
import { applicationsFor } from './applications.ts'
import { bringUp, onLoopback, type Ground } from './bring-up.ts'
import {
  cpusOf,
  type Deployment,
  type Network,
  type PythonOutcome,
  type PythonWork,
  type Runtime,
  type UpOptions,
} from './index.ts'
import type { Engine } from './containers/engine.ts'
import type { BindMount } from './containers/files.ts'
import { baseImage, proxies, serverImage, versionsIn } from './containers/images.ts'
import type { Attachment } from './containers/lab-container.ts'
import { generatorVantage } from './containers/generator-vantage.ts'
import { THERE } from './containers/paths.ts'
import { privateNetwork, type PrivateNetwork } from './containers/private-network.ts'
import { pythonInContainer } from './containers/python-container.ts'
import { reaperIsThere } from './containers/reaper.ts'
import { startContainer } from './containers/service-container.ts'
import { sameFolders, sharesFolders } from './containers/shared-folders.ts'
import { sweepContainers } from './containers/sweep.ts'
import { PIP_PACKAGE, WHEELS } from './pip.ts'
import { freePort } from './ready.ts'
import { redeployable } from './redeployable.ts'
import { scratch, sweep, type Scratch } from './scratch.ts'
import { SERVICE_USER } from './service-user.ts'
import { upstream, versionIn, type Versions } from './versions.ts'

/** How containers are made, for those who want it otherwise. */
export interface DockerOptions {
  /** Image that the servers' images are built from. */
  readonly base: string
  /** `host` where the engine runs on this machine itself, `bridge` elsewhere, unless named. */
  readonly network?: Network
  /** Memory limit of each container. */
  readonly memoryBytes?: number
}

/**
 * Topologies as containers, one per tier, of images with the servers' packages. All images are there before anything
 * is brought up, so that building them is not taken for bringing up.
 */
export async function docker(
  engine: Engine,
  servers: readonly Server[],
  apps: string,
  options: DockerOptions,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<Runtime> {
  await sweep()
  await sweepContainers(engine.docker)
  const base = { name: options.base, id: await baseImage(engine.docker, options.base, say) }
  const names: string[] = []
  for (const server of servers) names.push(await serverImage(engine.docker, server, base, say, signal))
  const versions = await Promise.all(names.map((name) => versionsIn(engine.docker, name)))
  const images = new Map(
    servers.map((server, index): [string, Image] => [server.name, { name: names[index]!, versions: versions[index]! }]),
  )
  const reaped = await reaperIsThere(engine.docker)
  const room = scratch()
  const lab: Lab = {
    engine,
    images,
    options,
    network: options.network ?? (engine.isLocal ? 'host' : 'bridge'),
    reaped,
    shares: engine.isLocal || (await sharesFolders(engine.docker, base.name, room.directory)),
    room,
    applications: applicationsFor(room, apps),
    origin: originOf(engine, base.name, images),
  }
  let deployments = 0
  const fresh = (chain: Chain, upOptions: UpOptions): Promise<Deployment> =>
    up(lab, join(room.directory, `${++deployments}-${chain.name}`), chain, upOptions)
  return {
    name: 'docker',
    title: lab.origin,
    up: redeployable(fresh),
    python: async ({ argv: [script, ...words], ...work }) => {
      // All images have the same Python, that of their distribution.
      const caller = servers.find(({ role }) => role === 'app')!
      const argv = [`${THERE.applications}/${script}`, ...words] as const
      return pythonIn(lab, images.get(caller.name)!.name, { ...work, argv })
    },
    pip: async (work, tell) => {
      const image = await serverImage(engine.docker, PIP, base, tell, work.signal)
      const { uid, gid } = SERVICE_USER ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
      const argv = ['-c', RUN_PIP, ...work.argv] as const
      return pythonIn(
        lab,
        image,
        { ...work, argv, environment: { ...proxies(), ...work.environment } },
        `${uid}:${gid}`,
      )
    },
    // From a private network the lab's own loopback addresses cannot be reached.
    alone: async (tier, origin, upOptions) =>
      lab.network === 'host' ? fresh({ name: 'alone', tiers: [tier] }, { ...upOptions, origin }) : undefined,
    [Symbol.asyncDispose]: async () => room[Symbol.dispose](),
  }
}

/** An image with the distribution's pip, for the Python of all others. */
const PIP = { name: 'pip', title: 'pip', role: 'proxy', packages: ['ca-certificates', 'python3', PIP_PACKAGE] } as const

/** Runs the wheel of that package, whose name has its version. */
const RUN_PIP = `import glob, runpy, sys; sys.path.insert(0, glob.glob('${WHEELS}/pip-*.whl')[0]); sys.argv[0] = 'pip'; runpy.run_module('pip', run_name='__main__')`

/** A server's image. */
interface Image {
  readonly name: string
  readonly versions: Versions
}

interface Lab {
  readonly engine: Engine
  readonly images: ReadonlyMap<string, Image>
  readonly options: DockerOptions
  readonly network: Network
  readonly reaped: boolean
  /** Whether a folder of the lab's can be seen in containers. */
  readonly shares: boolean
  readonly room: Scratch
  readonly applications: string
  readonly origin: string
}

async function up(lab: Lab, directory: string, chain: Chain, options: UpOptions): Promise<Deployment> {
  mkdirSync(directory, { recursive: true })
  // The service's user, whoever that is on this machine, writes here.
  chmodSync(directory, 0o777)
  if (lab.network === 'host') return bringUp(onHost(lab, directory, options), chain, options)
  await using stack = new AsyncDisposableStack()
  const network = stack.use(await privateNetwork(lab.engine.docker))
  const deployment = stack.use(await bringUp(bridged(lab, directory, options, network), chain, options))
  // The network goes after the services, also when one of them could not be stopped.
  const owned = stack.move()
  return { ...deployment, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Folders of this machine by their own paths in a container, or a refusal. */
const mountsFor = (
  { engine, images, shares }: Lab,
  folders: Pick<UpOptions, 'folders' | 'writable'>,
): Promise<readonly BindMount[]> =>
  sameFolders(
    folders,
    async (folder) => shares && (engine.isLocal || sharesFolders(engine.docker, [...images.values()][0]!.name, folder)),
  )

/** Runs Python in a container of an image. */
async function pythonIn(lab: Lab, image: string, work: PythonWork, user?: string): Promise<PythonOutcome> {
  const { engine, reaped, network, applications } = lab
  return pythonInContainer(work, {
    docker: engine.docker,
    ...{ image, reaped },
    attachment: { network: network === 'host' ? 'host' : 'default' },
    applications: { here: applications, there: THERE.applications },
    mounts: await mountsFor(lab, work),
    ...(user === undefined ? {} : { user }),
  })
}

/** Containers in the machine's own network: each tier has a loopback address, as native processes have. */
const onHost = (lab: Lab, directory: string, options: UpOptions): Ground => ({
  ...onLoopback,
  ...inContainers(lab, directory, options, () => ({ network: 'host' })),
})

/** Containers in a network of their own, where each tier has an address and its role as its name. */
function bridged(lab: Lab, directory: string, options: UpOptions, network: PrivateNetwork): Ground {
  const { engine, options: made, reaped } = lab
  return {
    ...inContainers(lab, directory, options, (tier, { host, port }) => ({
      network: 'bridge',
      name: network.name,
      address: host,
      alias: tier.server.role,
      publish: { host: engine.host, port },
    })),
    network: 'bridge',
    host: (distance) => network.address(11 + distance),
    // The same number inside and outside, so that a server's port is the port that was asked for.
    freePort: () => freePort('127.0.0.1'),
    upstream: (role, { port }) => ({ host: role, port }),
    reach: ({ port }) => ({ host: engine.host, port }),
    vantage: (edge) => generatorVantage({ docker: engine.docker, image: made.base, reaped, network }, edge),
  }
}

/** What both networks have in common. */
function inContainers(
  lab: Lab,
  directory: string,
  { placement, statics = [], folders = [], writable = [] }: UpOptions,
  attachment: (tier: Tier, address: Address) => Attachment,
) {
  const { engine, images, options, reaped, shares, origin, applications } = lab
  const image = (server: Server) => images.get(server.name)!
  // Who passes requests on sees nothing of the application but the files it serves itself.
  const seen = (role: Role) =>
    role === 'app' ? { folders, writable } : { folders: statics.map(({ directory }) => directory) }
  const places = { here: applications, there: THERE.applications }
  return {
    runtime: 'docker',
    origin,
    root: '',
    triplet: '',
    applications: places,
    events: shares ? { here: join(directory, 'events.jsonl'), there: `${THERE.events}/events.jsonl` } : undefined,
    directory: () => THERE.service,
    version: (server) => versionIn(image(server).versions, server.versionOf),
    start: async (tier, launch, site, environment) =>
      startContainer(tier, launch, site, {
        docker: engine.docker,
        image: image(tier.server).name,
        attachment: attachment(tier, site.address),
        cpus: cpusOf(placement, tier.server.role),
        memoryBytes: options.memoryBytes,
        environment,
        reaped,
        applications: places,
        events: shares ? { here: directory, there: THERE.events } : undefined,
        mounts: await mountsFor(lab, seen(tier.server.role)),
      }),
  } satisfies Partial<Ground>
}

function originOf(engine: Engine, base: string, images: ReadonlyMap<string, Image>): string {
  const pythons = [...images.values()].map(({ versions }) => upstream(versionIn(versions, 'python3')))
  const python = pythons.find((version) => version !== 'unknown')
  return `${engine.title}, images of ${base}${python ? `, Python ${python}` : ''}`
}
