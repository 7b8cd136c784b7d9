import type { Bounds } from '../resampling.ts'
import type { Demand, RequestClass, Result, Role } from '../run.ts'

/** What one tier of a machine needs at the peak. */
export interface SizedTier {
  readonly role: Role
  readonly server: string
  /** Cores busy at the peak. */
  readonly cores: number
  readonly memoryBytes: number
}

/** What runs out first when the rate grows beyond what was planned. */
export type Saturation =
  /** The cores of the machine, most of which a tier takes. */
  | { readonly kind: 'cores'; readonly role: Role; readonly server: string }
  /** A Python process computes one thing at a time: there are fewer of them than cores they would need. */
  | { readonly kind: 'interpreters' }
  /** All workers and threads wait, for a database, say. */
  | { readonly kind: 'threads' }

/** What a topology needs for a demand: identical machines, each with all of its tiers. */
export interface Size {
  /** Of the application's server, on each machine. */
  readonly workers: number
  readonly threads: number
  /** All machines, the spare ones included. */
  readonly machines: number
  /** Their number if every measured figure were at the good or the bad end of its 95 % interval. */
  readonly machinesWithin: Bounds | undefined
  /** Of one machine, at the peak, with the spare ones away. */
  readonly tiers: readonly SizedTier[]
  /** Requests per second of one machine then. */
  readonly rate: number
  /** Share of its cores in use then, 0 to 1. */
  readonly utilization: number
  readonly memoryBytes: number
  /** Predicted then, in milliseconds. */
  readonly p50: number
  readonly p99: number
  /** How many times the demanded peak these machines would bear before the limit of p99 breaks, the spare ones away. */
  readonly headroom: number
  readonly saturatesFirst: Saturation
  /** Of all machines, per month; undefined where no prices were named. */
  readonly cost: number | undefined
}

/** One topology's answer to a demand. */
export interface PlannedTopology {
  readonly result: Result
  /** Its name among the run's results. */
  readonly name: string
  /** Undefined where no number of machines keeps the limits, or too little was measured. */
  readonly size: Size | undefined
  /** Why there is no size, and what it would take: one or two sentences. */
  readonly because: string | undefined
  /** What is to be known about the size: what could not be measured and how it is planned, each as a sentence. */
  readonly notes: readonly string[]
}

/** What a model says of a closed loop. */
export interface ClosedPrediction {
  /** Right responses per second. */
  readonly throughput: number
  /** Milliseconds. */
  readonly mean: number
  readonly p50: number
}

/** What a model says of an open loop that the servers keep up with. */
export interface OpenPrediction {
  readonly p50: number
  readonly p99: number
  /** Share of the services' CPUs in use, 0 to 1. */
  readonly utilization: number
}

/** A parameter with its 95 % interval, bootstrapped over rounds. */
export interface Estimate {
  readonly value: number
  readonly within: Bounds | undefined
}

/** The Universal Scalability Law, X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)) (Gunther 2007). */
export interface ScalabilityFit {
  /** Right responses per second of one connection. */
  readonly lambda: Estimate
  /** Contention: the share of the work that is done one after the other. */
  readonly sigma: Estimate
  /** Coherency: what each pair has to agree on. */
  readonly kappa: Estimate
  /**
   * What the law says of a number of connections; undefined where the fit does not carry it: beyond twice the greatest measured
   * load, or where its 95 % interval is wider than 25 % either way.
   */
  throughput(load: number): number | undefined
}

/** The model of one topology as it was measured: its size and its CPUs. */
export interface TopologyModel {
  readonly result: Result
  readonly name: string
  /** CPU time per request and tier, in microseconds, by class; at the highest fitted load. */
  readonly demands: Partial<Record<RequestClass, Partial<Record<Role, number>>>>
  /** Requests that the application's server can have in hand at once: workers times threads. */
  readonly slots: number
  /**
   * How requests come to threads: `any`, whichever is free; `sticky`, a connection stays with the worker that accepted it, so that
   * some workers are crowded while others idle; `unlimited`, there are as many threads as requests.
   */
  readonly sharing: 'any' | 'sticky' | 'unlimited'
  closed(connections: number): ClosedPrediction
  /** Undefined where it would fall behind. */
  open(rate: number): OpenPrediction | undefined
  /** Asymptotes of a closed loop (Denning and Buzen 1978): throughput is below both N / `alone` and `most`. */
  readonly bounds: { readonly alone: number; readonly most: number }
  readonly scalability: ScalabilityFit | undefined
}

/** One figure of a held-out load, as the model says it and as it was measured. */
export interface Check {
  readonly result: Result
  readonly name: string
  readonly loop: 'closed' | 'open'
  /** Connections, or requests per second. */
  readonly load: number
  readonly figure: 'throughput' | 'p50' | 'p99'
  readonly predicted: number
  readonly measured: number
  /** 95 % interval of what was measured. */
  readonly within: Bounds | undefined
  /** Predicted over measured, less 1. */
  readonly error: number
}

/** How a model did at loads it was not fitted on. */
export interface Validation {
  readonly checks: readonly Check[]
  /** Of closed loops: absolute errors as fractions; undefined without a check. */
  readonly throughput: { readonly median: number; readonly worst: number } | undefined
  readonly p50: { readonly median: number; readonly worst: number } | undefined
  /** Of open loops. */
  readonly p99: { readonly median: number; readonly worst: number } | undefined
  /**
   * Open loops that a model says the servers cannot keep up with: no latency is predicted of them. With what was measured: right
   * responses per second, and the 99th percentile in milliseconds.
   */
  readonly behind: readonly {
    readonly name: string
    readonly rate: number
    readonly answered: number
    readonly p99: number | undefined
  }[]
  /** Whether throughput is within 10 % (median) and 20 % (worst), and p50 within 25 % (median). */
  readonly holds: boolean
}

/** A whole plan. */
export interface Planned {
  readonly demand: Demand
  /** Requests per second that are planned for: average x peak, grown. */
  readonly rate: number
  /** Those with a size first, the recommended one foremost. */
  readonly topologies: readonly PlannedTopology[]
  readonly models: readonly TopologyModel[]
  readonly validation: Validation
  /** Undefined where none meets the demand. */
  readonly recommended: PlannedTopology | undefined
}
