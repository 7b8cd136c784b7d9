/** What a server does in its tier. */
export type Role = 'app' | 'proxy' | 'cache' | 'balancer'

/** Where a server listens: a loopback or container address and a TCP port. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** Files that a web server serves itself. */
export interface StaticFiles {
  /** Of their paths, with a slash at both ends: `/static/`. */
  readonly prefix: string
  /** Absolute path of their folder. */
  readonly directory: string
}

/** The Python application that an app server calls. */
export interface Application {
  /** Absolute path of the folder that is put on Python's module path. */
  readonly directory: string
  /** Module name, without `.py`. */
  readonly module: string
  /** Name of the WSGI callable in the module. */
  readonly callable: string
  /** Path below which it is mounted, `/lab`; empty at the root. */
  readonly mount: string
  /**
   * What the deployer wants to find in the environ of every request. A server that has no means for it finds them in its
   * own environment: copying that is what PEP 3333 calls the simplest case.
   */
  readonly variables: Readonly<Record<string, string>>
  /** Files that a topology's web server serves itself; of two prefixes that fit, the longer one counts. */
  readonly statics: readonly StaticFiles[]
}

/** Where a server is put: its folder, its address, its application and the tiers beside it. */
export interface Site {
  /** The service's own, empty, writable folder (absolute path). */
  readonly directory: string
  readonly address: Address
  /** Prefix of the distribution's files: empty for the system's own, else the toolchain's root. */
  readonly root: string
  /** Debian's multiarch name of the machine, `x86_64-linux-gnu`: a part of library paths. */
  readonly triplet: string
  /** How many CPUs the server may use, whether it shares them with other tiers or not. */
  readonly cpus: number
  readonly application: Application
  /** Worker processes, where the server forks. */
  readonly workers: number
  /** Threads per worker process, where the server has threads. */
  readonly threads: number
  /** Addresses from which the tier in front connects; empty when clients connect directly. */
  readonly trusted: readonly string[]
  /** Address this server should connect from, so that the next tier can tell it from a client. */
  readonly source: string
  /** Lines of the server's own `lines` that are to be in force, as they are written there. */
  readonly lines: readonly string[]
}

/** What it takes to start a server: pure data that every runtime interprets. */
export interface Launch {
  /** Program (absolute path) and its arguments. The process stays in the foreground. */
  readonly argv: readonly [string, ...string[]]
  /** Files to write first: path relative to the site's folder, to text. */
  readonly files: Readonly<Record<string, string>>
  /** Variables beside those every service gets. */
  readonly env?: Readonly<Record<string, string>>
  /** Signal that ends the server gracefully: in-flight requests are finished. */
  readonly stop: NodeJS.Signals
  /** How many processes the server has once all its workers are up, its main process included. */
  readonly processes: number
  /** Files of the site's folder where the server writes what it has to say, beside stdout and stderr. */
  readonly logs?: readonly string[]
}

/** A documented line of configuration with which a server keeps or breaks other rules. */
export interface Line {
  /** As it is written into the configuration, or on the command line. */
  readonly text: string
  /** What it does, in one sentence. */
  readonly says: string
  /** Ids of clauses that it decides, as `advise` has found; a run that finds one broken tries the line. */
  readonly about: readonly string[]
}

interface ServerBase {
  /** The file's name: `gunicorn` for `gunicorn.ts`. */
  readonly name: string
  /** The product's own spelling, for reports. */
  readonly title: string
  /** Debian packages to install, the same in the toolchain and in images. */
  readonly packages: readonly string[]
  /** The package whose version is the server's version. */
  readonly versionOf: string
  /** Absolute path of the server's program, without the site's root. */
  readonly program: string
  /** Variants by name, each with one sentence that says what it changes; the first is the default. */
  readonly variants: Readonly<Record<string, string>>
  /** Lines that `advise` tries, each alone. */
  readonly lines?: readonly Line[]
}

/** A server that calls the Python application. */
export interface AppServer extends ServerBase {
  readonly role: 'app'
  /** Whether it can mount its application below a path by its own means; it is not asked for it otherwise. */
  readonly mounts: boolean
  configure(site: Site, variant: string): Launch
}

/** A server that stands in front of another one. */
export interface Intermediary extends ServerBase {
  readonly role: 'proxy' | 'cache' | 'balancer'
  /**
   * Whether it can choose the address it connects from. One that cannot (Varnish) reaches its upstream
   * from the host's default loopback address.
   */
  readonly bindsSource: boolean
  configure(site: Site, variant: string, upstream: Address): Launch
}

/** An implementation that can fill a tier. */
export type Server = AppServer | Intermediary
