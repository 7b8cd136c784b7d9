import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT, LabError } from './lab-error.ts'
import type { Chain, Hop, Tier } from '../index.ts'
import type { Address, Launch, Role, Server, Site } from '../servers/index.ts'
import { eventsIn } from './events.ts'
import { cpusOf, type Deployment, type Network, type UpOptions, type Vantage } from './index.ts'
import { freePort, isTaken } from './ready.ts'
import { serviceEnvironment } from './service-environment.ts'
import { service, type Handle, type StartedService } from './service.ts'
import { tap, type RunningTap } from './tap.ts'

/** Where the application is when it is not at the root. */
const MOUNT = '/lab'
/** The application as the other kinds of callable that PEP 3333 names. */
const CALLABLES = {
  method: 'application_method',
  class: 'application_class',
  instance: 'application_instance',
  partial: 'application_partial',
} as const
/** A port can be taken between finding it free and the server's start. */
const ATTEMPTS = 3

/** Where one topology is put: all that differs between runtimes. */
export interface Ground {
  readonly runtime: string
  readonly network: Network
  readonly origin: string
  /** Prefix of the distribution's files, as the services see them. */
  readonly root: string
  readonly triplet: string
  /** Folder of the applications: for the lab, and as the services see it. */
  readonly applications: { readonly here: string; readonly there: string }
  /** File to which the probe writes what it saw: for the lab, and as the services see it. Absent where none is shared. */
  readonly events?: { readonly here: string; readonly there: string } | undefined
  /** A service's own folder, as it sees it. */
  directory(role: Role): string
  /** The host of a tier, counted from the application's server (0) outwards. */
  host(distance: number): string
  /** A port for that host that is free at this moment. */
  freePort(host: string): Promise<number>
  /** Where a server connects from that cannot choose; its own host when undefined. */
  readonly defaultSource?: string
  /** How the tier in front writes the address of a tier. */
  upstream(role: Role, address: Address): Address
  /** Where the lab reaches a tier. */
  reach(address: Address): Address
  version(server: Server): string
  start(tier: Tier, launch: Launch, site: Site, environment: Readonly<Record<string, string>>): Promise<Handle>
  /** Where load is to be produced, when not here. */
  vantage?(edge: StartedService): Vantage
}

/**
 * Tiers on this machine's own loopback addresses, so that each can be told apart: 127.0.0.11 (the application's server),
 * .12, .13 ... from the inside out. A server that cannot choose connects from 127.0.0.1.
 */
export const onLoopback = {
  network: 'host',
  host: (distance) => `127.0.0.${11 + distance}`,
  freePort,
  defaultSource: '127.0.0.1',
  upstream: (_, address) => address,
  reach: (address) => address,
} satisfies Partial<Ground>

/** Starts a chain's tiers from the innermost outwards, so that each finds the next one up. */
export async function bringUp(ground: Ground, chain: Chain, options: UpOptions): Promise<Deployment> {
  refuseUnknown(options.application, ground.applications.here)
  const began = performance.now()
  await using started = new AsyncDisposableStack()
  const services: StartedService[] = []
  const isTapped = options.tapped && ground.network === 'host'
  const taps: RunningTap[] = []
  for (let index = chain.tiers.length - 1; index >= 0; index--) {
    const behind = services[0]
    if (behind && isTapped)
      taps.unshift(started.use(await tap(chain.tiers[index]!.server.name, behind.server, behind.address)))
    const found = behind && { role: behind.role, address: taps[0]?.address ?? behind.address }
    services.unshift(started.use(await startTier(ground, chain, index, found, options)))
  }
  await Promise.all(services.map((each) => each.idle(options.signal)))
  const bringUpSeconds = (performance.now() - began) / 1000

  const hops = services.map((each): Hop => ({
    role: each.role,
    server: each.server,
    url: new URL(`http://${each.reach.host}:${each.reach.port}${options.setting === 'mounted' ? MOUNT : ''}/`),
    logs: () => each.logs(),
  }))
  const vantage = ground.vantage?.(services[0]!)
  // From here on the deployment owns the services.
  const owned = started.move()
  return {
    runtime: ground.runtime,
    origin: ground.origin,
    network: ground.network,
    services,
    ...(vantage ? { vantage } : {}),
    bringUpSeconds,
    target: {
      hops: hops as [Hop, ...Hop[]],
      ...(isTapped ? { taps } : {}),
      ...(ground.events ? { events: eventsIn(ground.events.here) } : {}),
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Starts one tier, on another port when the one found free was taken before the server got it. */
async function startTier(
  ground: Ground,
  { tiers }: Chain,
  index: number,
  behind: Pick<StartedService, 'role' | 'address'> | undefined,
  { application, statics, workers, threads, setting, origin, lines, environment, placement, signal }: UpOptions,
): Promise<StartedService> {
  const tier = tiers[index]!
  const front = tiers[index - 1]?.server
  const distance = tiers.length - 1 - index
  const host = ground.host(distance)
  const frontSource =
    front && front.role !== 'app' && !front.bindsSource && ground.defaultSource
      ? ground.defaultSource
      : ground.host(distance + 1)
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    const site: Site = {
      directory: ground.directory(tier.server.role),
      address: { host, port: await ground.freePort(host) },
      root: ground.root,
      triplet: ground.triplet,
      cpus: placement ? cpusOf(placement, tier.server.role).length : 1,
      application: {
        directory: ground.applications.there,
        module: application,
        callable: CALLABLES[setting as keyof typeof CALLABLES] ?? 'application',
        mount: setting === 'mounted' ? MOUNT : '',
        variables: setting === 'deployer-value' ? { 'lab.deployed': 'by the deployer' } : {},
        statics: statics ?? [{ prefix: '/static/', directory: join(ground.applications.there, 'static') }],
      },
      workers: setting === undefined ? workers : 1,
      threads: setting === 'single-thread' ? 1 : threads,
      trusted: front ? [frontSource] : [],
      source: host,
      lines: lines?.[tier.server.role] ?? [],
    }
    const launch = launchOf(tier, site, behind ? ground.upstream(behind.role, behind.address) : origin)
    const reach = ground.reach(site.address)
    let handle: Handle | undefined
    try {
      const variables = { ...environment, ...serviceEnvironment(site), ...told(ground, tiers), ...launch.env }
      handle = await ground.start(tier, launch, site, variables)
      const fresh = service(tier, { version: ground.version(tier.server), launch, site, reach }, handle)
      await fresh.answering(signal)
      return fresh
    } catch (error) {
      await handle?.stop()
      // The service is gone, so whoever listens there took the port.
      if (signal?.aborted || attempt === ATTEMPTS || !(await isTaken(reach))) throw error
    }
  }
}

/** What it takes to start a tier's server; `upstream` is there for every one but the application's. */
export const launchOf = ({ server, variant }: Tier, site: Site, upstream: Address | undefined): Launch =>
  server.role === 'app' ? server.configure(site, variant) : server.configure(site, variant, upstream!)

/** What the lab tells the applications: where to write what they saw, and which hosts are theirs. */
function told(ground: Ground, tiers: readonly Tier[]): Readonly<Record<string, string>> {
  const hosts = tiers.map((_, distance) => ground.host(distance))
  const reached = hosts.map((host) => ground.reach({ host, port: 0 }).host)
  return {
    ...(ground.events ? { LAB_EVENTS: ground.events.there } : {}),
    LAB_HOSTS: [...new Set(['localhost', ...hosts, ...reached])].join(' '),
  }
}

function refuseUnknown(application: string, folder: string): void {
  if (existsSync(join(folder, `${application}.py`))) return
  const known = readdirSync(folder)
    .filter((name) => name.endsWith('.py'))
    .map((name) => name.slice(0, -3))
  throw new LabError(`There is no application "${application}".`, `Choose from: ${known.sort().join(', ')}.`, {
    exitCode: EXIT.usage,
  })
}
