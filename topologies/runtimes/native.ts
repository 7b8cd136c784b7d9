import { chmodSync, cpSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT, LabError } from './lab-error.ts'
import type { Hop, Topology } from '../index.ts'
import type { Address, Site } from '../servers/index.ts'
import { eventsIn } from './events.ts'
import type { Deployment, Runtime, UpOptions } from './index.ts'
import { startService, type NativeService } from './native-service.ts'
import { freePort, isTaken } from './ready.ts'
import { scratch, sweep, type Scratch } from './scratch.ts'
import type { Toolchain } from './toolchain.ts'

/** A port can be taken between finding it free and the server's start. */
const ATTEMPTS = 3

/** Tiers get 127.0.0.11 (the application's server), .12, .13 ... from the inside out, so that each can be told apart. */
const hostOf = (distanceFromApp: number) => `127.0.0.${11 + distanceFromApp}`
/** Where a server that cannot choose connects from. */
const DEFAULT_SOURCE = '127.0.0.1'

/** Topologies as processes of this machine. `apps` is the folder of the applications under test. */
export async function native(toolchain: Toolchain, apps: string): Promise<Runtime> {
  await sweep()
  const room = scratch()
  const applications = join(room.directory, 'apps')
  // A copy, because the checkout may lie where the services' user may not look.
  cpSync(apps, applications, { recursive: true, filter: (path) => !path.includes('__pycache__') })
  for (const entry of readdirSync(applications, { recursive: true, withFileTypes: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644)
  }
  chmodSync(applications, 0o755)
  let deployments = 0
  return {
    name: 'native',
    up: (topology, options) => {
      const directory = join(room.directory, `${++deployments}-${topology.name}`)
      return up({ toolchain, room, applications, directory }, topology, options)
    },
    [Symbol.asyncDispose]: async () => room[Symbol.dispose](),
  }
}

interface Place {
  readonly toolchain: Toolchain
  readonly room: Scratch
  readonly applications: string
  readonly directory: string
}

/** Where the probe writes what it saw: in the application server's folder, which its user may write to. */
const eventsFile = ({ directory }: Place) => join(directory, 'app', 'events.jsonl')

async function up(place: Place, topology: Topology, options: UpOptions): Promise<Deployment> {
  if (!existsSync(join(place.applications, `${options.application}.py`))) {
    const known = readdirSync(place.applications)
      .filter((name) => name.endsWith('.py'))
      .map((name) => name.slice(0, -3))
    throw new LabError(
      `There is no application "${options.application}".`,
      `Choose from: ${known.sort().join(', ')}.`,
      { exitCode: EXIT.usage },
    )
  }
  const began = performance.now()
  await using started = new AsyncDisposableStack()
  const services: NativeService[] = []
  const addresses = topology.tiers.map((_, index) => hostOf(topology.tiers.length - 1 - index))
  // From the application's server outwards, so that each tier finds the next one up.
  for (let index = topology.tiers.length - 1; index >= 0; index--) {
    const front = topology.tiers[index - 1]
    const site: Omit<Site, 'address'> = {
      directory: join(place.directory, topology.tiers[index]!.server.role),
      root: place.toolchain.root,
      triplet: place.toolchain.triplet,
      cpus: options.placement?.services.length ?? 1,
      application: {
        directory: place.applications,
        module: options.application,
        callable: 'application',
        staticDirectory: join(place.applications, 'static'),
      },
      workers: options.workers,
      threads: options.threads,
      trusted:
        !front || front.server.role === 'app'
          ? []
          : [front.server.bindsSource ? addresses[index - 1]! : DEFAULT_SOURCE],
      source: addresses[index]!,
    }
    const service = started.use(await startAnywhere(place, topology, index, site, services[0]?.address, options))
    services.unshift(service)
  }
  await Promise.all(services.map((service) => service.idle(options.signal)))
  const bringUpSeconds = (performance.now() - began) / 1000
  const hops = services.map((service): Hop => ({
    role: service.role,
    server: service.server,
    url: new URL(`http://${service.address.host}:${service.address.port}/`),
    logs: () => service.logs(),
  }))
  // From here on the deployment owns the services.
  const owned = started.move()
  return {
    topology,
    runtime: 'native',
    services,
    bringUpSeconds,
    target: { hops: hops as [Hop, ...Hop[]], events: eventsIn(eventsFile(place)) },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Starts one tier, on another port when the one found free was taken before the server got it. */
async function startAnywhere(
  place: Place,
  topology: Topology,
  index: number,
  site: Omit<Site, 'address'>,
  upstream: Address | undefined,
  options: UpOptions,
): Promise<NativeService> {
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted()
    const address = { host: site.source, port: await freePort(site.source) }
    const service = startService(topology.tiers[index]!, {
      site: { ...site, address },
      upstream,
      toolchain: place.toolchain,
      room: place.room,
      cpus: options.placement?.services ?? [],
      environment: {
        LAB_EVENTS: eventsFile(place),
        LAB_HOSTS: ['localhost', ...topology.tiers.map((_, distance) => hostOf(distance))].join(' '),
      },
    })
    try {
      await service.answering(options.signal)
      return service
    } catch (error) {
      await service[Symbol.asyncDispose]()
      // The service is gone, so whoever listens there took the port.
      if (options.signal?.aborted || attempt === ATTEMPTS || !(await isTaken(address))) throw error
    }
  }
}
