import type { Event, Exchanged, Hop, Setting, Target } from '../../topologies/index.ts'
import type { Level, Outcome } from '../../reports/run.ts'
import type { Origin } from '../judging/origin.ts'
import type { Connection } from '../judging/wire.ts'

export type { Level, Outcome, Setting }

/** What two neighbouring tiers said to one another. */
export interface Passed extends Exchanged {
  /** The server that sent the request, and the one that answered. */
  readonly from: string
  readonly to: string
}

/** What an experiment has to work with: one hop of a target and the means to know who answered. */
export interface Experiment {
  readonly hop: Hop
  readonly target: Target
  /** Ends the experiment's waiting when the lab is interrupted or the clause's time is over. */
  readonly signal: AbortSignal
  /** A nonce that no other request has, in this run or any other. */
  nonce(): string
  /** The lab's own origin behind an intermediary that is judged alone; asking for it at a chain is the clause's fault. */
  readonly origin: Origin
  /** Opens a connection to the hop, or to another one. The judge closes it and keeps its transcript as evidence. */
  connect(hop?: Hop): Promise<Connection>
  /** The same experiment at the application's server brought up once more with one thing set otherwise. */
  redeployed(setting: Setting): Promise<Experiment>
  /**
   * What the probe saw of the request with this nonce: at once when nothing is said to be `enough`, else as soon as
   * it is, or all there is when `wait` milliseconds are over.
   */
  events(nonce: string, enough?: (events: readonly Event[]) => boolean, wait?: number): Promise<readonly Event[]>
  /** What has passed between the tiers further in since the experiment began; nothing where there are no taps. */
  passed(): readonly Passed[]
}

/** What a `RECORD` or `MAY` experiment saw, or any other where the rule leaves the choice: one short sentence. */
export interface Observation {
  readonly saw: string
}

/** One sentence of a specification. */
interface Rule {
  readonly level: Level
  /** Where the sentence stands: `PEP 3333, environ Variables` or `RFC 9112 §6.3`. */
  readonly cites: string
  /** The sentence itself, quoted. */
  readonly says: string
}

/** A sentence that binds a server and that nobody can check from outside, with the reason. */
export interface UntestableClause extends Rule {
  readonly untestable: string
}

/** One sentence of a specification and the experiment that shows whether it is kept. */
export interface TestableClause extends Rule {
  /** What is done and looked at, in one sentence, for readers of a report. */
  readonly experiment: string
  /**
   * An earlier clause without which this one means nothing: its id in the same suite, or `suite/id` in another.
   * When that one is not kept, this one is `blocked`.
   */
  readonly dependsOn?: string
  /** What the experiment cannot do without: the probe's event log, the hop's own logs, taps, or a redeployment. */
  readonly needs?: 'events' | 'logs' | 'taps' | Setting
  /** Whether nothing else may go on at this server meanwhile: the experiment takes the origin down, for instance. */
  readonly exclusive?: boolean
  /** Whether the experiment means something at this hop; everywhere when absent. */
  applies?(hop: Hop, target: Target): boolean
  /** Resolves when the rule is kept, throws a `Deviation` when it is broken. Anything else thrown is the lab's fault. */
  check(experiment: Experiment): Promise<void | Observation>
}

/** An entry of a suite. */
export type Clause = TestableClause | UntestableClause

/** The clauses of one part of a specification. Ids are never renamed: reports and baselines know them. */
export interface Suite {
  /** The file's name; a clause's full id is `suite/id`. */
  readonly name: string
  readonly title: string
  /**
   * Whether its clauses judge an intermediary alone, between the lab's own client and the lab's own origin, where every
   * byte on both sides is known. All others judge the hops of a chain that ends in the probe.
   */
  readonly alone?: boolean
  readonly clauses: Readonly<Record<string, Clause>>
}

/** A rule was seen to be broken. The message says what was expected and what was seen. */
export class Deviation extends Error {
  override name = 'Deviation'
}

/** Something the experiment builds upon does not work here, so that it shows nothing. The message says what. */
export class Blocked extends Error {
  override name = 'Blocked'
}

/** Throws a `Deviation` with this message unless the rule holds. */
export function demand(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Deviation(otherwise)
}

/** For clauses about what a server does to its application: the innermost hop. */
export function atApp(hop: Hop): boolean {
  return hop.role === 'app'
}

/** For clauses about what an intermediary does: every hop but the innermost. */
export function atIntermediary(hop: Hop): boolean {
  return hop.role !== 'app'
}
