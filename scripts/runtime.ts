import { join } from 'node:path'
import type { Runtime } from '../topologies/runtimes/index.ts'
import type { DockerOptions } from '../topologies/runtimes/docker.ts'
import { LabError } from '../topologies/runtimes/lab-error.ts'
import { native } from '../topologies/runtimes/native.ts'
import { privateToolchain, systemToolchain, type Toolchain } from '../topologies/runtimes/toolchain.ts'
import type { Topology } from '../topologies/index.ts'
import type { Server } from '../topologies/servers/index.ts'
import { ROOT, servers } from './catalogue.ts'

/** Where servers are to run: `auto` is docker where that is possible, else native. */
export const RUNTIMES = ['auto', 'native', 'docker'] as const
export type RuntimeName = (typeof RUNTIMES)[number]

/** What was asked for about runtimes. */
export interface RuntimeChoice {
  readonly runtimes: readonly RuntimeName[]
  readonly toolchain: 'private' | 'system'
  readonly docker: DockerOptions
}

/** Runtimes that are ready to bring topologies up. */
export interface Prepared {
  readonly runtimes: readonly Runtime[]
  /** Why `auto` took what it took. */
  readonly because?: string
}

/** What was made ready, as the title of a step that is done. */
export const preparedTitle = ({ runtimes, because }: Prepared): string =>
  `Prepare the servers (${because ?? runtimes.map(({ name, title }) => `${name}: ${title}`).join('; ')})`

const APPS = join(ROOT, 'apps')

/** Makes the chosen runtimes ready for these topologies: toolchain, engine, images. */
export async function runtimesFor(
  { runtimes, toolchain, docker }: RuntimeChoice,
  topologies: readonly Topology[],
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<Prepared> {
  const inProcesses = async () => native(await toolchainFor(toolchain, topologies, say, signal), APPS)
  const inContainers = async () => {
    // Loaded only when wanted: it takes as long as everything else together.
    const [containers, { engine }] = await Promise.all([
      import('../topologies/runtimes/docker.ts'),
      import('../topologies/runtimes/containers/engine.ts'),
    ])
    return containers.docker(await engine(), serversOf(topologies), APPS, docker, say, signal)
  }
  if (!runtimes.includes('auto')) {
    await using stack = new AsyncDisposableStack()
    const made: Runtime[] = []
    for (const name of runtimes) made.push(stack.use(await (name === 'docker' ? inContainers() : inProcesses())))
    stack.move()
    return { runtimes: made }
  }
  try {
    return { runtimes: [await inContainers()], because: 'docker, because an engine answers and has the images' }
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    const [why = ''] = error.message.split('\n')
    return { runtimes: [await inProcesses()], because: `native, because docker is not to be had: ${why}` }
  }
}

/** The one runtime of those who need no more, with its servers from the private toolchain. */
export async function nativeRuntime(topologies: readonly Topology[]): Promise<Runtime> {
  return native(await toolchainFor('private', topologies, () => {}), APPS)
}

/** The servers' programs. The private toolchain holds all servers of the catalogue, so that it is made only once. */
export async function toolchainFor(
  which: 'private' | 'system',
  topologies: readonly Topology[],
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<Toolchain> {
  return which === 'private' ? privateToolchain(await servers(), say, signal) : systemToolchain(serversOf(topologies))
}

function serversOf(topologies: readonly Topology[]): readonly Server[] {
  const tiers = topologies.flatMap((topology) => topology.tiers)
  return [...new Map(tiers.map(({ server }) => [server.name, server] as const)).values()]
}
