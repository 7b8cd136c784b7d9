import type { Address, Role } from '../servers/index.ts'
import type { Target, Topology } from '../index.ts'

/** Which CPUs belong to the services and which to the generator, as CPU numbers of the host. */
export interface Placement {
  readonly services: readonly number[]
  readonly generator: readonly number[]
}

/** What a service has used since its start, or holds at this moment. */
export interface Usage {
  /** CPU time of all the service's processes since their start, in seconds. */
  readonly cpuSeconds: number
  /** Proportional set size of all processes, in bytes; null where the kernel does not show it. */
  readonly pssBytes: number | null
  readonly processes: number
  readonly threads: number
}

/** One running server of a deployment. */
export interface Service {
  readonly role: Role
  readonly server: string
  readonly variant: string
  readonly version: string
  readonly address: Address
  /** The files it was configured with: path to text. */
  readonly configuration: Readonly<Record<string, string>>
  readonly argv: readonly string[]
  /** Its own folder, there until the runtime is disposed of. */
  readonly directory: string
  /** CPU time is read in one pass over the processes; `memory` also reads their PSS, which costs milliseconds. */
  usage(what?: 'cpu' | 'memory'): Promise<Usage>
  /** Everything the server has written: stdout, stderr and its own log files. */
  logs(): Promise<string>
  /** False as soon as the server's main process is gone. */
  alive(): boolean
}

/** A topology that is up. Disposing takes it down, gracefully first. */
export interface Deployment extends AsyncDisposable {
  readonly topology: Topology
  readonly runtime: string
  readonly target: Target
  readonly services: readonly Service[]
  /** From the first server's start until the outermost tier answered with all workers up. */
  readonly bringUpSeconds: number
}

/** What a runtime needs to know beside the topology. */
export interface UpOptions {
  /** Name of the application in `apps/`, without `.py`. */
  readonly application: string
  readonly workers: number
  readonly threads: number
  readonly placement?: Placement
  readonly signal?: AbortSignal
}

/** A way to bring a topology up. */
export interface Runtime extends AsyncDisposable {
  readonly name: string
  up(topology: Topology, options: UpOptions): Promise<Deployment>
}
