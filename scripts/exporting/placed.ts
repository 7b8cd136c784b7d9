import type { Tier, Topology } from '../../topologies/index.ts'
import { launchOf } from '../../topologies/runtimes/bring-up.ts'
import type { Application, Launch, Role, Site } from '../../topologies/servers/index.ts'

/** Where a topology's tiers are put by something else than the lab. */
export interface Place {
  /** A tier's own host, counted from the application's server (0) outwards: where it listens and connects from. */
  host(distance: number): string
  /** Where the outermost tier listens; its own host when absent. */
  readonly edge?: string
  /** Whom the outermost tier believes what it says about clients; nobody when absent. */
  readonly trusted?: readonly string[]
  /** How the tier in front writes a tier's host; as it is when absent. */
  upstream?(role: Role, host: string): string
  /** Where a server connects from that cannot choose; its own host when absent. */
  readonly defaultSource?: string
  port(distance: number): number
  /** A service's own folder. */
  directory(role: Role): string
  cpus(role: Role): number
  /** Prefix of the distribution's files and its multiarch name; both empty for the system's own. */
  readonly root: string
  readonly triplet: string
  readonly application: Application
  readonly workers: number
  readonly threads: number
}

/** A tier in its place, and what it takes to start it there. */
export interface Placed {
  readonly tier: Tier
  readonly site: Site
  readonly launch: Launch
}

/** All tiers of a topology in their places, in the order a request meets them. Who is in front is trusted by its address. */
export function placed({ tiers }: Pick<Topology, 'tiers'>, place: Place): readonly Placed[] {
  const { root, triplet, application, workers, threads } = place
  return tiers.map((tier, index) => {
    const distance = tiers.length - 1 - index
    const front = tiers[index - 1]?.server
    const behind = tiers[index + 1]?.server
    const own = place.host(distance)
    const choosesSource = !front || front.role === 'app' || front.bindsSource || place.defaultSource === undefined
    const site: Site = {
      directory: place.directory(tier.server.role),
      address: { host: index === 0 ? (place.edge ?? own) : own, port: place.port(distance) },
      root,
      triplet,
      cpus: place.cpus(tier.server.role),
      application,
      workers,
      threads,
      trusted: front ? [choosesSource ? place.host(distance + 1) : place.defaultSource!] : (place.trusted ?? []),
      source: own,
      lines: [],
    }
    const hostBehind = place.host(distance - 1)
    const upstream = behind && {
      host: place.upstream?.(behind.role, hostBehind) ?? hostBehind,
      port: place.port(distance - 1),
    }
    return { tier, site, launch: launchOf(tier, site, upstream) }
  })
}
