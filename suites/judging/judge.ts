import { setTimeout as sleep } from 'node:timers/promises'
import type { Verdict } from '../../reports/run.ts'
import type { Event, Hop, Target } from '../../topologies/index.ts'
import { describe } from './answer.ts'
import {
  Blocked,
  Deviation,
  type Clause,
  type Observation,
  type Suite,
  type TestableClause,
} from '../conformance/index.ts'
import { eventsOf, experiment, nonce, type Traces } from './experiment.ts'
import { isProven, request } from './probe.ts'
import { connect } from './wire.ts'

/** How judging may differ from the default. */
export interface JudgeOptions {
  /** Milliseconds an experiment may take before it counts as broken. */
  readonly limit?: number
  /** Which hops are judged; all when absent. */
  readonly at?: (hop: Hop) => boolean
  /** Told of each verdict as it is reached, so that a caller can show or save it. */
  readonly onVerdict?: (verdict: Verdict) => void
}

const CLAUSE_LIMIT = 15_000
const RECOVERY_WAIT = 5000
const ATTEMPTS = 3
const EVIDENCE_CONNECTIONS = 3
const EVIDENCE_EVENTS = 40
const BECAUSE_LENGTH = 600

type Finding = Pick<Verdict, 'outcome' | 'because' | 'evidence' | 'events'>

function verdict(id: string, clause: Clause, { role, server }: Hop, found: Finding): Verdict {
  const { level, cites, says } = clause
  const did = 'experiment' in clause ? { experiment: clause.experiment } : {}
  return { clause: id, level, cites, says, ...did, role, server, ...found }
}

/** Judges one clause at one hop. Resolves with a verdict whatever happens, unless the signal interrupts the lab. */
export async function judge(
  id: string,
  clause: Clause,
  hop: Hop,
  target: Target,
  signal: AbortSignal,
  limit = CLAUSE_LIMIT,
): Promise<Verdict> {
  return verdict(id, clause, hop, await find(clause, hop, target, signal, limit))
}

/**
 * What the experiment found. Only what is found twice is held against a server: servers and chains have races of their
 * own, and so has a busy machine. What cannot be repeated is an error.
 */
async function find(clause: Clause, hop: Hop, target: Target, signal: AbortSignal, limit: number): Promise<Finding> {
  if ('untestable' in clause) return { outcome: 'inapplicable', because: `not testable: ${clause.untestable}` }
  if (clause.applies?.(hop, target) === false) return { outcome: 'inapplicable' }
  const lacks = await missing(clause, hop, target)
  if (lacks !== undefined) return { outcome: 'inapplicable', because: lacks }

  const found: Finding[] = []
  for (;;) {
    const began = performance.now()
    const finding = await attempt(clause, hop, target, signal, limit)
    const before = found.at(-1)
    found.push(finding)
    if (found.some(({ outcome }) => outcome === 'fail') && isGood(finding)) return unrepeatable(found)
    if (isGood(finding) || finding.outcome === before?.outcome) return finding
    if (found.length === ATTEMPTS) return unrepeatable(found)
    if (performance.now() - began >= limit) return finding
    // What one experiment left behind must not be blamed on the rule of the next.
    const absent = await probeAbsent(hop, target, signal, RECOVERY_WAIT)
    if (absent) return finding.outcome === 'error' ? finding : absent
  }
}

/** What an experiment cannot do without and does not have here, as a sentence; undefined when it has all. */
async function missing({ needs }: TestableClause, hop: Hop, target: Target): Promise<string | undefined> {
  if (needs === undefined) return undefined
  if (needs === 'events') return target.events ? undefined : "needs the probe's event log (--events FILE)"
  if (needs === 'logs') return hop.logs ? undefined : "needs the server's own log (--log FILE)"
  if (!target.redeployed) return `needs the server once more with the setting ${needs} (--also ${needs}=URL)`
  // A server that does not come up with that setting is for the experiment to judge.
  const offered = await target.redeployed(needs).catch(() => true)
  return offered ? undefined : `no ${hop.server} with the setting ${needs} is to be had`
}

function isGood({ outcome }: Finding): boolean {
  return outcome === 'pass' || outcome === 'observed'
}

function unrepeatable(found: readonly Finding[]): Finding {
  const told = found.map(({ outcome, because }) => (because === undefined ? outcome : `${outcome} (${because})`))
  const evidence = found.flatMap((finding) => finding.evidence ?? []).slice(-EVIDENCE_CONNECTIONS)
  return { outcome: 'error', because: shorten(`not repeatable: ${told.join(', then ')}`), evidence }
}

async function attempt(
  clause: TestableClause,
  hop: Hop,
  target: Target,
  signal: AbortSignal,
  limit: number,
): Promise<Finding> {
  const traces: Traces = { connections: [], events: new Map() }
  const time = AbortSignal.timeout(limit)
  const both = AbortSignal.any([signal, time])
  try {
    const observation = await untilAborted(clause.check(experiment(hop, target, both, traces)), both)
    const good: Finding = observation ? { outcome: 'observed', because: shorten(observation.saw) } : { outcome: 'pass' }
    return { ...good, ...left(traces) }
  } catch (error) {
    signal.throwIfAborted()
    return { ...broken(error, time, limit), ...left(traces) }
  } finally {
    for (const { connection } of traces.connections) connection[Symbol.dispose]()
  }
}

/** The last conversations and the events that were looked at: what convinces whoever does not believe the verdict. */
function left({ connections, events }: Traces): Pick<Finding, 'evidence' | 'events'> {
  const evidence = connections
    .slice(-EVIDENCE_CONNECTIONS)
    .map(({ connection, to }) => ({ ...connection.transcript(), ...(to === undefined ? {} : { to }) }))
  const seen = [...events].flatMap(([nonce, all]) => all.map((event) => told(nonce, event))).slice(-EVIDENCE_EVENTS)
  return { ...(evidence.length > 0 ? { evidence } : {}), ...(seen.length > 0 ? { events: seen } : {}) }
}

/** What differs from run to run and says nothing about the rule. */
const INCIDENTAL = ['nonce', 'event', 'at', 'pid', 'thread']

/** An event as a line: its nonce, name and details. */
function told(nonce: string, event: Event): string {
  const details = Object.entries(event).filter(([name]) => !INCIDENTAL.includes(name))
  return [nonce, event.event, ...details.map(([name, value]) => `${name}=${JSON.stringify(value)}`)].join(' ')
}

function broken(error: unknown, time: AbortSignal, limit: number): Finding {
  if (error instanceof Deviation) return { outcome: 'fail', because: shorten(error.message) }
  if (error instanceof Blocked) return { outcome: 'blocked', because: shorten(error.message) }
  if (time.aborted) return { outcome: 'error', because: `the experiment did not end within ${limit / 1000} s` }
  return { outcome: 'error', because: shorten(error instanceof Error ? error.message : String(error)) }
}

// An experiment that forgets its signal must not hold up the lab.
function untilAborted(work: Promise<void | Observation>, signal: AbortSignal): Promise<void | Observation> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

function shorten(text: string): string {
  return text.length > BECAUSE_LENGTH ? `${text.slice(0, BECAUSE_LENGTH)} ...` : text
}

/**
 * Judges every clause of the suites at every hop, from the application outwards, in that order. The verdicts that come
 * back hold evidence only for clauses that somebody broke; `onVerdict` is told all of it.
 */
export async function judgeAll(
  suites: readonly Suite[],
  target: Target,
  signal: AbortSignal,
  options: JudgeOptions = {},
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = []
  for (const hop of target.hops.toReversed().filter(options.at ?? (() => true))) {
    let absent = await probeAbsent(hop, target, signal)
    const outcomes = new Map<string, Verdict['outcome']>()
    for (const suite of suites) {
      for (const [id, clause] of Object.entries(suite.clauses)) {
        const name = `${suite.name}/${id}`
        const found = absent ?? unmet(clause, suite, outcomes)
        const judged = found
          ? verdict(name, clause, hop, found)
          : await judge(name, clause, hop, target, signal, options.limit)
        outcomes.set(name, judged.outcome)
        verdicts.push(judged)
        options.onVerdict?.(judged)
        if (!found && ['fail', 'error', 'blocked'].includes(judged.outcome))
          absent = await probeAbsent(hop, target, signal, RECOVERY_WAIT)
      }
    }
  }
  return worthwhile(verdicts)
}

/** Drops what shows nothing but that a rule is kept: it would be most of a run. */
function worthwhile(verdicts: readonly Verdict[]): readonly Verdict[] {
  const notKept = new Set(
    verdicts.filter(({ outcome }) => ['fail', 'error', 'blocked'].includes(outcome)).map(({ clause }) => clause),
  )
  return verdicts.map((each) => {
    if (notKept.has(each.clause)) return each
    const bare = { ...each }
    delete bare.evidence
    delete bare.events
    return bare
  })
}

type Outcomes = ReadonlyMap<string, Verdict['outcome']>

function unmet(clause: Clause, suite: Suite, outcomes: Outcomes): Finding | undefined {
  const dependsOn = 'untestable' in clause ? undefined : clause.dependsOn
  if (dependsOn === undefined) return undefined
  const outcome = outcomes.get(dependsOn.includes('/') ? dependsOn : `${suite.name}/${dependsOn}`)
  if (outcome !== 'fail' && outcome !== 'blocked' && outcome !== 'error') return undefined
  return { outcome: 'blocked', because: `${dependsOn} is not kept here (${outcome})` }
}

/** Why nothing can be judged at this hop: undefined as soon as the probe has proven that it answers there. */
async function probeAbsent(hop: Hop, target: Target, signal: AbortSignal, wait = 0): Promise<Finding | undefined> {
  const deadline = performance.now() + wait
  for (;;) {
    const because = await askReady(hop, target, signal)
    if (because === undefined) return undefined
    if (performance.now() >= deadline) return { outcome: 'error', because }
    await sleep(50, undefined, { signal })
  }
}

async function askReady(hop: Hop, target: Target, signal: AbortSignal): Promise<string | undefined> {
  const of = nonce()
  const what = `no proof that the probe answered at ${hop.url.href}`
  try {
    using connection = await connect(hop.url, signal)
    connection.send(request(hop, of, {}, { path: 'ready', fields: ['Connection: close'] }))
    const answer = await connection.answer()
    if (answer.head?.status !== 200 || !isProven(answer, of)) return `${what}: ${describe(answer)}`
  } catch (error) {
    signal.throwIfAborted()
    return `${what}: ${error instanceof Error ? error.message : String(error)}`
  }
  if (!target.events) return undefined
  const events = await eventsOf(target.events, of, signal, (seen) => seen.length > 0)
  return events.length > 0 ? undefined : `the probe answered at ${hop.url.href}, but its event log shows nothing of it`
}
