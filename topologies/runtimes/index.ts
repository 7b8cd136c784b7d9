import type { Address, Intermediary, Role, StaticFiles } from '../servers/index.ts'
import type { Setting, Target, Tier, Topology } from '../index.ts'

/** Which CPUs belong to the services and which to the generator, as CPU numbers of the host. */
export interface Placement {
  readonly services: readonly number[]
  readonly generator: readonly number[]
  /** CPUs of each tier by its role, where there were enough for each to have its own; `services` are all of them. */
  readonly tiers?: Readonly<Partial<Record<Role, readonly number[]>>>
}

/** The CPUs that a tier may use: its own, or those that all services share. None: wherever the kernel likes. */
export const cpusOf = (placement: Placement | undefined, role: Role): readonly number[] =>
  placement?.tiers?.[role] ?? placement?.services ?? []

/** What a service has used since its start, or holds at this moment. */
export interface Usage {
  /** CPU time of all the service's processes since their start, in seconds. */
  readonly cpuSeconds: number
  /** Proportional set size of all processes, in bytes; null where the kernel does not show it. */
  readonly pssBytes: number | null
  /** What the kernel charges the service's cgroup with, page cache included; only known of containers. */
  readonly cgroupBytes?: number
  readonly processes: number
  readonly threads: number
}

/** One running server of a deployment. */
export interface Service {
  readonly role: Role
  readonly server: string
  readonly variant: string
  readonly version: string
  /** Where it listens, as the tier in front sees it. */
  readonly address: Address
  /** The files it was configured with: path to text. */
  readonly configuration: Readonly<Record<string, string>>
  readonly argv: readonly string[]
  /** Its own folder, as it sees it itself; there until the deployment is taken down at least. */
  readonly directory: string
  /** CPU time is read in one pass over the processes; `memory` also reads their PSS, which costs milliseconds. */
  usage(what?: 'cpu' | 'memory'): Promise<Usage>
  /** How often its threads have given up a CPU or were taken off one; undefined where its processes cannot be seen. */
  contextSwitches(): number | undefined
  /** CPU seconds of each of its living threads, exact to the nanosecond, by thread id; undefined where they cannot be seen. */
  threadTimes(): ReadonlyMap<number, number> | undefined
  /** Everything the server has written: stdout, stderr and its own log files. */
  logs(): Promise<string>
  /** False as soon as the server's main process is gone. */
  alive(): boolean
}

/** How a deployment is reached: loopback addresses of this machine, or a private network of containers. */
export type Network = 'host' | 'bridge'

/** A script of the lab's that runs in a container beside the services. */
export interface Outpost extends AsyncDisposable {
  /** What it writes to stdout, line by line, until it ends. */
  readonly lines: AsyncIterable<string>
  /** The end of what it wrote to stderr. */
  lastWords(): string
}

/** A place in the services' own network from which load is produced when the lab cannot reach them directly. */
export interface Vantage {
  /** The edge as it is seen from there. */
  readonly edge: URL
  /** Starts a script (path below the checkout) there with the lab's own Node, on these CPUs. */
  start(script: string, environment: Readonly<Record<string, string>>, cpus: readonly number[]): Promise<Outpost>
}

/** A topology, or an intermediary alone, that is up. Disposing takes it down, gracefully first. */
export interface Deployment extends AsyncDisposable {
  readonly runtime: string
  /** Where its servers come from: a toolchain or images, with release and Python version. */
  readonly origin: string
  readonly network: Network
  readonly target: Target
  readonly services: readonly Service[]
  /** Where load must be produced; absent when that is the lab's own machine. */
  readonly vantage?: Vantage
  /** From the first server's start until the outermost tier answered with all workers up. */
  readonly bringUpSeconds: number
}

/** What a runtime needs to know beside the topology. */
export interface UpOptions {
  /** Name of the application in `apps/`, without `.py`. */
  readonly application: string
  readonly workers: number
  readonly threads: number
  /** One thing that is set otherwise than by default. */
  readonly setting?: Setting
  /** Lines of configuration to be in force beside those every deployment has, by the role of the tier. */
  readonly lines?: Readonly<Partial<Record<Role, readonly string[]>>>
  /** What the innermost tier passes requests to, where that is no tier itself. */
  readonly origin?: Address
  /** Whether there is a tap between neighbouring tiers, where they are on this machine's network: never under load. */
  readonly tapped?: boolean
  /** Variables that the application finds in its process's environment, beside those every service has. */
  readonly environment?: Readonly<Record<string, string>>
  /** Folders of files that a topology's web server serves itself, instead of those of `apps/static`. */
  readonly statics?: readonly StaticFiles[]
  /** Folders of this machine that the application reads, which it sees by the same paths. */
  readonly folders?: readonly string[]
  /** Folders of this machine that it writes to, which it sees by the same paths. */
  readonly writable?: readonly string[]
  readonly placement?: Placement
  /** Taken down by force, because nobody is served any more: a graceful stop takes some servers a second. */
  readonly abrupt?: boolean
  readonly signal?: AbortSignal
}

/** Python that is to do something before a server is started. */
export interface PythonWork extends Pick<UpOptions, 'environment' | 'folders' | 'writable' | 'signal'> {
  readonly argv: readonly [string, ...string[]]
  /** Milliseconds after which it is ended by force. */
  readonly limit: number
}

/** What became of it. */
export interface PythonOutcome {
  readonly stdout: string
  readonly stderr: string
  /** `exit code 1` or `signal SIGKILL`. */
  readonly ending: string
  /** Whether the time was over before it ended. */
  readonly isLate: boolean
}

/** A way to bring a topology up. */
export interface Runtime extends AsyncDisposable {
  readonly name: string
  /** One line on what it runs, for progress messages. */
  readonly title: string
  up(topology: Topology, options: UpOptions): Promise<Deployment>
  /**
   * Runs a script, a path below `apps/` and its arguments, with the Python of the applications' servers, as their user and as one of
   * them would see it. Rejects when it was aborted, never for what the script did.
   */
  python(work: PythonWork): Promise<PythonOutcome>
  /** Runs pip with these arguments for that Python, as the services' user; it is fetched when it is first asked for. */
  pip(work: PythonWork, say: (line: string) => void): Promise<PythonOutcome>
  /**
   * An intermediary in front of an origin of the lab's own, at an address of this machine; undefined where servers cannot
   * reach that.
   */
  alone(tier: Tier<Intermediary>, origin: Address, options: UpOptions): Promise<Deployment | undefined>
}
