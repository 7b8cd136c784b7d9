import { z } from 'zod'

/**
 * The Run: what one use of the lab found, and the only thing reports know.
 * Shapes of findings are defined here once; suites, runtimes and scripts take their types from here.
 */

const count = z.int().nonnegative()
const positive = z.number().nonnegative()

const Role = z.enum(['app', 'proxy', 'cache', 'balancer'])
/** What a server does in its tier. */
export type Role = z.infer<typeof Role>

/** How binding a clause is; `PROSE` is normative text without a keyword, `RECORD` has no right answer. */
const Level = z.enum(['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'MAY', 'PROSE', 'RECORD'])
export type Level = z.infer<typeof Level>

/**
 * A clause's outcome at a hop. `observed`: a RECORD or MAY clause, with what was seen. `blocked`: a clause it
 * depends on failed. `error`: the experiment broke; never counted as `fail`, never hidden.
 */
const Outcome = z.enum(['pass', 'fail', 'observed', 'inapplicable', 'blocked', 'error'])
export type Outcome = z.infer<typeof Outcome>

const Verdict = z.strictObject({
  /** `suite/id` */
  clause: z.string(),
  level: Level,
  cites: z.string(),
  says: z.string(),
  /** What was done and looked at, in one sentence; absent in runs of before 0.2. */
  experiment: z.string().optional(),
  role: Role,
  server: z.string(),
  outcome: Outcome,
  /** Why it failed, was blocked or broke; or what was observed. */
  because: z.string().optional(),
  /**
   * The conversations of the experiment: bytes sent and received at this hop, made readable. Kept for clauses that were
   * not kept somewhere on the chain, at every hop, so that a message can be compared before and after the guilty one.
   */
  evidence: z
    .array(
      z.strictObject({
        sent: z.string(),
        received: z.string(),
        /** Who was spoken to, where that was not the hop itself. */
        to: z.string().optional(),
        /** Who spoke, where that was not the lab: the same message further in. */
        from: z.string().optional(),
      }),
    )
    .optional(),
  /** What the probe logged meanwhile, one line per event, where the experiment looked at it. */
  events: z.array(z.string()).optional(),
})
/** A clause judged at one hop. */
export type Verdict = z.infer<typeof Verdict>

const Latency = z.strictObject({
  mean: positive,
  p50: positive,
  p90: positive.nullable(),
  p99: positive.nullable(),
  p999: positive.nullable(),
  max: positive,
})
/** Latencies in milliseconds. A percentile beyond which not a single request lay is null: it would be the maximum. */
export type Latency = z.infer<typeof Latency>

/** Kinds of reasons for which a measurement must not be ranked or compared. */
const Reason = z.enum([
  'unanswered',
  'errors',
  'too-few',
  /** The figures break Little's law. */
  'inconsistent',
  /** The throughput is a lower bound: the services had CPU time left, the generator had none. */
  'generator-bound',
  'shared-cpus',
  /** Others used the CPUs meanwhile. */
  'disturbed',
  /** Open loop: requests were sent later than they were due, by more than the latencies bear. */
  'late-schedule',
  /** Open loop: the servers fell behind more and more, so latency says how long the window was. */
  'overloaded',
])
export type Reason = z.infer<typeof Reason>

const Validity = z.union([
  z.strictObject({ valid: z.literal(true) }),
  z.strictObject({
    valid: z.literal(false),
    reasons: z.array(Reason).min(1),
    /** The reasons as sentences with their figures, in the same order. */
    because: z.array(z.string()).min(1),
  }),
])
/** Whether a measurement may be ranked and compared, and if not, why not. */
export type Validity = z.infer<typeof Validity>

const TierUsage = z.strictObject({
  role: Role,
  server: z.string(),
  /** CPU time of the tier's processes per request answered by the edge. */
  cpuMicrosecondsPerRequest: positive,
  /** Share of the CPUs given to the services that this tier used, 0 to 1. */
  utilization: positive,
  pssBytes: positive.nullable(),
  /**
   * What the kernel charges the tier's cgroup with, only where PSS cannot be read. It counts page cache and shared
   * memory in full, so it is shown, never compared or ranked.
   */
  cgroupBytes: positive.optional(),
  processes: count,
  threads: count,
  /** How often its threads gave up a CPU or were taken off one, in the window; absent where that cannot be seen. */
  contextSwitches: count.optional(),
  /** CPUs that it did not share with other tiers; absent when all services shared theirs. `utilization` is of these. */
  ownCpus: z.int().positive().optional(),
})
/** What one tier used during a measurement. */
export type TierUsage = z.infer<typeof TierUsage>

/** Two ends of an interval, in the unit of what lies between them. */
const Ends = z.strictObject({ low: positive, high: positive })

const Within = z.strictObject({
  throughput: Ends,
  p50: Ends,
  p90: Ends.nullable(),
  p99: Ends.nullable(),
})
/**
 * 95 % intervals of one window's figures (throughput per second, latencies in milliseconds), bootstrapped over equal parts of
 * it (block bootstrap, Künsch 1989). They hold what changes within seconds, not what changes from one start to the next.
 */
export type Within = z.infer<typeof Within>

const ScheduleKept = z.strictObject({
  /** Requests that were due in the window. */
  due: count,
  /** How late they were sent, in milliseconds. */
  lateP50: positive,
  lateP99: positive,
  lateMax: positive,
  /** Requests that found no free connection and could open none. */
  queued: count,
})
/** How well the generator of an open loop kept its schedule. */
export type ScheduleKept = z.infer<typeof ScheduleKept>

const Pressure = z.strictObject({
  cpu: positive,
  io: positive,
  memory: positive,
})
/** Shares of the window in which some task waited for a CPU, all tasks for a disk, all for memory (Linux PSI). */
export type Pressure = z.infer<typeof Pressure>

const Measurement = z.strictObject({
  workload: z.string(),
  /** 1 for the first repeat. */
  repeat: z.int().positive(),
  generator: z.string(),
  loop: z.union([
    z.strictObject({ kind: z.literal('closed'), connections: z.int().positive() }),
    z.strictObject({ kind: z.literal('open'), rate: z.number().positive(), connections: z.int().positive() }),
  ]),
  /** Length of the measured window. */
  seconds: z.number().positive(),
  requests: count,
  errors: count,
  errorKinds: z.record(z.string(), count),
  timeouts: count,
  bytes: count,
  /** Right responses per second. */
  throughput: positive,
  /** Null when nothing was answered. */
  latency: Latency.nullable(),
  /** HDR histogram of latencies in microseconds, compressed, base64 (V2). */
  histogram: z.string(),
  usage: z.array(TierUsage),
  /** The generator itself: share of one CPU, and of its event loop's time. */
  generatorCpu: positive,
  generatorEventLoop: positive,
  /** CPUs burnt meanwhile by anything that was neither a service, the generator nor the lab; null where unknown. */
  foreignCpu: z.number().nullable(),
  /** throughput x mean latency / connections: 1 when the numbers are consistent (Little's law). */
  little: positive.nullable(),
  /** Connections opened in the window; absent where the generator does not tell. */
  connects: count.optional(),
  /** Share of the window in which the generator was ready to run and had no CPU; null where unknown. */
  generatorDelay: positive.nullable().optional(),
  /** Null where the kernel does not tell. */
  pressure: Pressure.nullable().optional(),
  /** Only of open loops. */
  schedule: ScheduleKept.optional(),
  /** Absent where the generator gives no parts of its window. */
  within: Within.optional(),
  /** Share of the cacheable answers that came out of a cache; only of loads that show it. */
  hitRatio: z.number().min(0).max(1).optional(),
  validity: Validity,
})
/** What one repeat of a workload showed. */
export type Measurement = z.infer<typeof Measurement>

const Tier = z.strictObject({
  role: Role,
  server: z.string(),
  title: z.string(),
  variant: z.string(),
  version: z.string(),
  argv: z.array(z.string()),
  /** Configuration files: path to text, as served. */
  configuration: z.record(z.string(), z.string()),
})

/**
 * What is asked for, as far as it costs the tiers differently: `dynamic`, which the application answers; `cached`, which a cache
 * has stored; `static`, files.
 */
const RequestClass = z.enum(['dynamic', 'cached', 'static'])
export type RequestClass = z.infer<typeof RequestClass>

const LoadRound = z.strictObject({
  /** Right responses per second. */
  throughput: positive,
  /** Mean latency in milliseconds; null when nothing was answered. */
  mean: positive.nullable(),
  /** Null with fewer than 100 answers. */
  p99: positive.nullable(),
  /** CPU time of each tier in microseconds per request, by its role. */
  cpu: z.partialRecord(Role, positive),
  /** Whether others used the CPUs meanwhile, or took the generator's: it counts for nothing then. */
  disturbed: z.boolean(),
})
/** One short window at one load, among windows at all the other loads. */
export type LoadRound = z.infer<typeof LoadRound>

const LoadPoint = z.strictObject({
  of: RequestClass,
  /** Open: requests come at random, independent of each other, and wait where all connections are taken. */
  loop: z.union([
    z.strictObject({ kind: z.literal('closed'), connections: z.int().positive() }),
    z.strictObject({ kind: z.literal('open'), rate: z.number().positive(), connections: z.int().positive() }),
  ]),
  /** Length of each window. */
  seconds: z.number().positive(),
  rounds: z.array(LoadRound).min(1),
  /** Right answers in all windows that were not disturbed. */
  requests: count,
  errors: count,
  /** Of all these answers together; null when there were none. */
  latency: Latency.nullable(),
  /** Share of one CPU that the generator used, at most. */
  generatorCpu: positive,
  /** Open loop: 99th percentile of how late requests were sent, in milliseconds. */
  lateP99: positive.optional(),
})
/** One load, measured in many short windows that take turns with those of the other loads, so that all meet the same machine. */
export type LoadPoint = z.infer<typeof LoadPoint>

const MeasuredSize = z.strictObject({
  workers: z.int().positive(),
  threads: z.int().positive(),
  tiers: z.array(z.strictObject({ role: Role, server: z.string(), pssBytes: positive.nullable(), processes: count })),
})
/** What the tiers of a deployment held after requests, with so many workers and threads of the application's server. */
export type MeasuredSize = z.infer<typeof MeasuredSize>

const Planning = z.strictObject({
  points: z.array(LoadPoint),
  sizes: z.array(MeasuredSize),
})
/** What was measured of a topology to plan with. */
export type Planning = z.infer<typeof Planning>

const Slo = z.strictObject({
  /** Longest latency at a percentile, in milliseconds. */
  limits: z.array(
    z.strictObject({ percentile: z.enum(['p50', 'p90', 'p99', 'p999']), milliseconds: z.number().positive() }),
  ),
  /** Largest share of requests that may go wrong. */
  errors: z.number().min(0).max(1),
})
/** A service level objective. */
export type Slo = z.infer<typeof Slo>

const CapacityStep = z.strictObject({
  /** Requests per second that were asked for. */
  rate: z.number().positive(),
  seconds: z.number().positive(),
  /** Right responses per second. */
  throughput: positive,
  latency: Latency.nullable(),
  /** Share of requests that went wrong. */
  errors: z.number().min(0).max(1),
  /** CPU time of each tier in microseconds per request, by its role. */
  cpu: z.partialRecord(Role, positive),
  /** Share of the services' CPUs in use, 0 to 1. */
  utilization: positive,
  /** How late requests were sent, in milliseconds: median and 99th percentile. */
  lateP50: positive,
  lateP99: positive,
  generatorCpu: positive,
  /** Whether others used the CPUs meanwhile, or took the generator's: it decides nothing then. */
  disturbed: z.boolean(),
  /** Whether the objective was kept. */
  kept: z.boolean(),
})
/** One rate that a search tried. */
export type CapacityStep = z.infer<typeof CapacityStep>

const CapacitySearch = z.strictObject({
  /** 1 for the first repeat, each with fresh servers. */
  repeat: z.int().positive(),
  /** In the order in which they were tried. */
  steps: z.array(CapacityStep),
})
/** One search for the highest rate that keeps an objective. */
export type CapacitySearch = z.infer<typeof CapacitySearch>

const Remedy = z.strictObject({
  role: Role,
  server: z.string(),
  /** As it is written into the configuration, or on the command line. */
  line: z.string(),
  says: z.string(),
  /** Clauses that were kept with it at its server. */
  mends: z.array(z.string()).min(1),
})
/** A line of configuration that mends what a server breaks. */
export type Remedy = z.infer<typeof Remedy>

const Result = z.strictObject({
  topology: z.string(),
  title: z.string(),
  says: z.string(),
  runtime: z.string(),
  /** Where its servers come from: a toolchain or images, with release and Python version. Empty if it never came up. */
  origin: z.string(),
  /**
   * `host`: each tier has a loopback address of this machine. `bridge`: a private network of containers; clauses were
   * judged through published ports, the load came from a container in that network.
   */
  network: z.enum(['host', 'bridge']),
  /** In the order a request meets them. */
  tiers: z.array(Tier),
  /** Seconds from the first server's start to the edge answering, one per bring-up. */
  bringUpSeconds: z.array(positive),
  verdicts: z.array(Verdict),
  measurements: z.array(Measurement),
  /** The same workloads at other loads (`--sweep`), which are no repeats of each other. */
  sweep: z.array(Measurement).optional(),
  /** What `plan` measured. */
  planning: Planning.optional(),
  /** What `capacity` found. */
  searches: z.array(CapacitySearch).optional(),
  /** What went wrong with this topology, with the end of the server's log. */
  problems: z.array(z.string()),
  /** Lines of configuration with which rules were kept that were broken without; tried in this run, each alone. */
  remedies: z.array(Remedy).optional(),
})
/** What a run found out about one topology on one runtime. */
export type Result = z.infer<typeof Result>

const Host = z.strictObject({
  os: z.string(),
  kernel: z.string(),
  architecture: z.string(),
  cpu: z.string(),
  cpus: z.int().positive(),
  memoryBytes: positive,
  virtualization: z.string().nullable(),
  governor: z.string().nullable(),
  node: z.string(),
  lab: z.string(),
  /** Share of time in which some task waited for a CPU, percent of the last 10 s, before the run (PSI). */
  cpuPressure: z.number().nullable(),
})
/** The machine a run was made on. */
export type Host = z.infer<typeof Host>

/** What a workload asks for, as far as readers choose by it, in the order reports show it. */
const Content = z.enum([
  /** The user's own application. */
  'own',
  'dynamic',
  'cacheable',
  'static',
  'mixed',
  'cold',
  'computing',
  'waiting',
  'streamed',
  'uploaded',
  'slow-clients',
  'framework',
])
export type Content = z.infer<typeof Content>
/** All contents, in the order reports show them. */
export const contents: readonly Content[] = Content.options

const WorkloadSummary = z.strictObject({
  name: z.string(),
  title: z.string(),
  says: z.string(),
  content: Content,
  connections: z.int().positive(),
  /** Requests per second, of an open loop. */
  rate: z.number().positive().optional(),
})

const StudyRow = z.strictObject({
  /**
   * `memory`: what interpreters weigh. `scaling`: threads against processes. `cost`: interpreter against proxy per request.
   * `clients`: kinds of workers against slow clients and new connections.
   */
  part: z.enum(['memory', 'scaling', 'cost', 'clients']),
  /** In the order a request meets them: `nginx/http11`, `gunicorn/gthread`. */
  servers: z.array(z.string()).min(1),
  application: z.string(),
  workers: z.int().positive(),
  threads: z.int().positive(),
  /** Whether the application was loaded once, before the workers were forked. */
  preloaded: z.boolean(),
  /** CPUs that its servers had, where those were not the ones of the run's placement. */
  cpus: z.int().positive().optional(),
  workload: z.string(),
  measurements: z.array(Measurement),
})
/** One configuration in a study, with one workload. */
export type StudyRow = z.infer<typeof StudyRow>

const Study = z.strictObject({
  name: z.literal('interpreter'),
  /** Where its servers and its Python come from, with release and version; absent when nothing came up. */
  origin: z.string().optional(),
  /** PSS of the interpreter alone, having loaded nothing but what it needs itself, in bytes; null where it cannot be read. */
  interpreterPssBytes: positive.nullable(),
  rows: z.array(StudyRow),
  /** What could not be studied, and why, each as a sentence. */
  problems: z.array(z.string()).optional(),
})
/** What decides between the architectures: what an interpreter costs, and what it can do at once. */
export type Study = z.infer<typeof Study>

const GatedMetric = z.enum(['cpu', 'throughput', 'p50', 'p99', 'memory'])
/**
 * What a gate compares: CPU time per request, latencies (median and 99th percentile) and memory at an equal offered rate;
 * throughput with both sides saturated.
 */
export type GatedMetric = z.infer<typeof GatedMetric>
/** All of them, in the order reports show them. */
export const gatedMetrics: readonly GatedMetric[] = GatedMetric.options

const GateFigures = z.strictObject({
  /** CPU time of all its services, in microseconds per request at the offered rate. */
  cpu: positive,
  /** Right responses per second, saturated. */
  throughput: positive,
  /** Milliseconds, counted from when each request was due. */
  p50: positive,
  /** Null where fewer than 100 requests were answered. */
  p99: positive.nullable(),
  /** PSS of all its services in bytes, after as many requests as the other side had; null where it cannot be read. */
  memory: positive.nullable(),
  /** Answered at the offered rate. */
  requests: count,
})
/** What one side of a gate showed in one round. */
export type GateFigures = z.infer<typeof GateFigures>

const GateRound = z.strictObject({
  /** 1: the first look. 2: the repeat that a suspicion or an open question asks for. */
  batch: z.union([z.literal(1), z.literal(2)]),
  /** Which side came up first. */
  first: z.enum(['base', 'head']),
  base: GateFigures,
  head: GateFigures,
  /** Median of how late requests were sent, in milliseconds. */
  lateness: positive,
  /** Share of the round in which the generator was ready to run and had no CPU; null where unknown. */
  generatorDelay: positive.nullable(),
  /** CPUs burnt meanwhile by anything that was neither a service, the generator nor the lab; null where unknown. */
  foreignCpu: z.number().nullable(),
})
/** Both sides, freshly started, side by side: one pair of every figure. */
export type GateRound = z.infer<typeof GateRound>

const GateSide = z.strictObject({
  /** `shop/wsgi.py:application`, as it was typed; the lab's own application when absent. */
  application: z.string().optional(),
  /** The git ref it was taken from, as it was typed, and the commit that was. */
  ref: z.strictObject({ name: z.string(), commit: z.string() }).optional(),
  tiers: z.array(Tier),
})
/** One of the two variants that a gate compares. */
export type GateSide = z.infer<typeof GateSide>

const Duet = z.strictObject({
  topology: z.string(),
  base: GateSide,
  head: GateSide,
  /** What was asked for. */
  path: z.string(),
  /** Requests per second that each side was offered. */
  rate: positive,
  /** Connections to each side when it is saturated. */
  connections: z.int().positive(),
  /** `together`: at the same time. `in-turn`: one side after the other, because they do not have equally many processes. */
  saturated: z.enum(['together', 'in-turn']),
  /** Seconds of each round at the offered rate, and saturated. */
  seconds: z.strictObject({ offered: positive, saturated: positive }),
  /** The largest change for the worse that passes, as a fraction: 0.02 is 2 %. Only these metrics are gated. */
  tolerances: z.partialRecord(GatedMetric, z.number().positive()),
  rounds: z.array(GateRound),
  /** Rounds in which others used the CPUs, and in whose place others were measured; they count for nothing. */
  disturbed: z.array(GateRound).optional(),
})
/** Two variants measured side by side (Bulej et al., Duet benchmarking, ICPE 2020). */
export type Duet = z.infer<typeof Duet>

const GateChange = z.strictObject({
  /**
   * `breach`: it was kept and is broken. `tightened`: it was broken and is kept. `known`: it was broken and is not kept now.
   * `undecided`: it was kept and now nobody can tell. `added`, `removed`: it is judged now and was not, or the other
   * way round.
   */
  kind: z.enum(['breach', 'tightened', 'known', 'undecided', 'added', 'removed']),
  /** `suite/id` */
  clause: z.string(),
  level: Level,
  cites: z.string(),
  says: z.string(),
  /** The result it belongs to, by its name in this run. */
  result: z.string(),
  /** The hop at which it was judged. */
  role: Role,
  server: z.string(),
  was: Outcome.optional(),
  is: Outcome.optional(),
  /** What was seen. */
  because: z.string().optional(),
  /** Lines of that server's configuration or command line that differ from the baseline's: `+ proxy_buffering off;`. */
  lines: z.array(z.string()).optional(),
})
/** One clause at one hop that is to be said something about. */
export type GateChange = z.infer<typeof GateChange>

const GateConformance = z.strictObject({
  baseline: z.strictObject({ id: z.string(), startedAt: z.iso.datetime(), commit: z.string().nullable() }),
  /** How many verdicts were compared. */
  compared: count,
  changes: z.array(GateChange),
  /** What differs beside verdicts, each as a sentence: versions, the machine, topologies that one run lacks. */
  notes: z.array(z.string()),
})
/** Verdicts against those of a baseline. */
export type GateConformance = z.infer<typeof GateConformance>

const Gate = z.strictObject({ duet: Duet.optional(), conformance: GateConformance.optional() })
/** What a gate found. */
export type Gate = z.infer<typeof Gate>

const Application = z.strictObject({
  /** `shop/wsgi.py:application`, as it was typed. */
  name: z.string(),
  /** Folders of its modules, as they were typed. */
  pythonPath: z.array(z.string()).optional(),
  /** A file of packages for pip, as it was typed. */
  requirements: z.string().optional(),
  /** Folders of files, as they were typed, and the prefix of the paths below which they are served. */
  statics: z.array(z.strictObject({ directory: z.string(), prefix: z.string() })).optional(),
  /** Names of the variables that were set for it; their values may be secrets. */
  variables: z.array(z.string()).optional(),
})
/** A user's own application. */
export type Application = z.infer<typeof Application>

const Demand = z.strictObject({
  /** Requests per second today, on average over the busy hours. */
  rps: z.number().positive(),
  /** Requests per second at the peak, for each on average. */
  peak: z.number().min(1),
  /** Growth per year as a fraction: 0.3 is 30 %. */
  growth: z.number().min(0),
  /** How far ahead is planned. */
  years: z.number().min(0),
  /** Longest 99th percentile of latency, in milliseconds. */
  p99: z.number().positive(),
  /** Share of the cacheable requests that a cache answers, 0 to 1. */
  hitRatio: z.number().min(0).max(1),
  /** What a machine has. */
  cores: z.int().positive(),
  memoryBytes: z.number().positive(),
  /** Per month, in any currency: of a core and of a GB (10^9 bytes) of memory. */
  cost: z.strictObject({ core: positive, gb: positive }).optional(),
  /** Machines that may fail without anybody noticing. */
  spare: count,
})
/** What a plan is for. */
export type Demand = z.infer<typeof Demand>

const Plan = z.strictObject({
  demand: Demand,
  /** What was not said and is therefore assumed, each as a sentence. */
  assumed: z.array(z.string()),
  /** Shares of the requests of each class, which add up to 1; `cached` is what a cache may answer. */
  shares: z.strictObject({ dynamic: positive, cached: positive, static: positive }),
  /** Numbers of connections on which the model is fitted; the other points are held out to check it. */
  fitted: z.array(z.int().positive()),
})
/** What was asked of a plan. */
export type Plan = z.infer<typeof Plan>

export const Run = z.strictObject({
  schema: z.literal('lab.run/1'),
  id: z.string(),
  startedAt: z.iso.datetime(),
  /** Absent while the run goes on, and in a run that was cut short. */
  finishedAt: z.iso.datetime().optional(),
  /** What was typed after `npm run lab --`. */
  arguments: z.array(z.string()),
  /** The lab's own commit; null outside a git checkout. */
  commit: z.string().nullable(),
  profile: z.string(),
  repeats: z.int().nonnegative(),
  secondsPerMeasurement: positive,
  /** Seed of the order in which topologies were measured and of the bootstrap. */
  seed: z.int(),
  workersPerServer: z.int().positive(),
  threadsPerWorker: z.int().positive(),
  placement: z.strictObject({
    services: z.array(count),
    generator: z.array(count),
    /** CPUs of each tier by its role, where there were enough for each to have its own. */
    tiers: z.partialRecord(Role, z.array(count)).optional(),
  }),
  /** Why `--runtime auto` took the runtime it took; absent when a runtime was named. */
  runtimeBecause: z.string().optional(),
  /** Memory limit of every container; absent when there is none. */
  memoryLimitBytes: positive.optional(),
  host: Host,
  workloads: z.array(WorkloadSummary),
  results: z.array(Result),
  /**
   * Intermediaries judged alone, between the lab's own client and the lab's own origin: one tier each, nothing measured,
   * `topology` is `alone`. Absent in runs of before 0.3.
   */
  alone: z.array(Result).optional(),
  /** Which loads the workloads were measured at instead of their own, in order. */
  sweep: z.strictObject({ by: z.enum(['connections', 'rate']), values: z.array(z.number().positive()) }).optional(),
  study: Study.optional(),
  gate: Gate.optional(),
  /** Absent where the applications were the lab's own. */
  application: Application.optional(),
  plan: Plan.optional(),
  /** What `capacity` searched for: an objective, and limits of the 99th percentile in milliseconds for the critical rate. */
  capacity: z.strictObject({ slo: Slo, limits: z.array(z.number().positive()) }).optional(),
})
/** One use of the lab. */
export type Run = z.infer<typeof Run>
