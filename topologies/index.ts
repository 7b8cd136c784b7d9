import type { AppServer, Intermediary, Role, Server } from './servers/index.ts'

/** A position in a topology, filled by one server in one of its variants. */
export interface Tier<S extends Server = Server> {
  readonly server: S
  readonly variant: string
}

/** A deployment architecture: its tiers in the order a request meets them, the application's server last. */
export interface Topology {
  /** The file's name: `three-tier` for `three-tier.ts`. */
  readonly name: string
  readonly title: string
  /** One sentence: how requests travel. */
  readonly says: string
  readonly tiers: readonly [...outer: Tier<Intermediary>[], app: Tier<AppServer>]
  /** Servers that would turn it into another topology, with that topology's name. */
  readonly excludes?: Readonly<Record<string, string>>
  /** Roles whose server is what makes this topology what it is, so that it cannot be exchanged. */
  readonly fixed?: readonly Role[]
}

/** Tiers that are brought up together, in the order a request meets them: a topology, or an intermediary alone. */
export interface Chain {
  readonly name: string
  readonly tiers: readonly Tier[]
}

/** As much of a topology, or of what a run says of one, as tells its fillings apart. */
interface Filled {
  readonly name: string
  readonly tiers: readonly { readonly server: { readonly name: string }; readonly variant: string }[]
}

/** What tells one filling of a topology from another: `three-tier: varnish/default, nginx/http11, gunicorn/sync`. */
export const filling = ({ name, tiers }: Filled): string =>
  `${name}: ${tiers.map(({ server, variant }) => `${server.name}/${variant}`).join(', ')}`

/** One thing the probe application saw, read back where no proxy could touch it. */
export interface Event {
  readonly nonce: string
  /** What happened: `called`, `next`, `close` ... (the probe's docstring lists them). */
  readonly event: string
  /** Seconds of the monotonic clock, comparable between the events of one host. */
  readonly at: number
  readonly pid: number
  readonly [detail: string]: unknown
}

/** The address of one tier of a target. */
export interface Hop {
  readonly role: Role
  /** The server's name, as in its file. */
  readonly server: string
  readonly url: URL
  /** What the server has written to its logs so far; absent for a gateway that the lab did not start. */
  readonly logs?: () => Promise<string>
}

/**
 * One thing that is set otherwise when the application's server is brought up once more: another kind of callable (PEP
 * 3333 names four besides the function), the application below `/lab`, one thread in one process, or the variable
 * `lab.deployed` put into the environ by the server's own means.
 */
export const SETTINGS = [
  'method',
  'class',
  'instance',
  'partial',
  'mounted',
  'single-thread',
  'deployer-value',
] as const
/** One of the settings. */
export type Setting = (typeof SETTINGS)[number]

/** What passed between two tiers on one connection, from when the outer one spoke until it spoke again after an answer. */
export interface Exchanged {
  /** The first bytes that the outer tier sent, all of them unless there were very many. */
  readonly sent: Buffer
  readonly received: Buffer
  /** How many bytes there were in all. */
  readonly sentBytes: number
  readonly receivedBytes: number
}

/** A place between two neighbouring tiers where it is seen what they say to one another. */
export interface Tap {
  /** The outer tier's server, who connects, and the inner one's. */
  readonly from: string
  readonly to: string
  /**
   * Begins to listen, and ends what listened here before. What it returns gives what has passed since, in the order in which
   * it began; the last exchanges only where there were very many.
   */
  listen(): () => readonly Exchanged[]
}

/** A deployment as the suites see it. */
export interface Target {
  /** The client meets the first hop; the last one is the server that calls the application. */
  readonly hops: readonly [outermost: Hop, ...Hop[]]
  /** Between each hop and the next one in, from the outermost; absent where nobody can listen. */
  readonly taps?: readonly Tap[]
  /** What the probe saw of the request with this nonce, in order; undefined when its log cannot be reached. */
  readonly events?: (nonce: string) => Promise<readonly Event[]>
  /**
   * The application's server alone, brought up once more with one thing set otherwise: the same deployment each time it
   * is asked for. Undefined when that server has no means for it; absent for a gateway that the lab did not start.
   */
  readonly redeployed?: (setting: Setting) => Promise<Target | undefined>
}

/** A tier filled by a server, in its default variant when none is named. */
export function tier<S extends Server>(server: S, variant = Object.keys(server.variants)[0]!): Tier<S> {
  return { server, variant }
}
