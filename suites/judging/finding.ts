import type { Verdict } from '../../reports/run.ts'
import type { Event, Hop, Target } from '../../topologies/index.ts'
import {
  Blocked,
  Deviation,
  type Clause,
  type Observation,
  type Passed,
  type TestableClause,
} from '../conformance/index.ts'
import { alone, experiment, listen, type Traces } from './experiment.ts'
import { probeAbsent, RECOVERY_WAIT } from './presence.ts'
import { readable } from './transcript.ts'

/** What came of a clause at a hop. */
export type Finding = Pick<Verdict, 'outcome' | 'because' | 'evidence' | 'events'>

const ATTEMPTS = 3
const EVIDENCE_CONNECTIONS = 3
const EVIDENCE_EVENTS = 40
/** Of what passed at each tap. */
const EVIDENCE_EXCHANGES = 2
const BECAUSE_LENGTH = 600

/**
 * What the experiment found. Only what is found twice is held against a server: servers and chains have races of their
 * own, and so has a busy machine. What cannot be repeated is an error.
 */
export async function find(
  clause: Clause,
  hop: Hop,
  target: Target,
  signal: AbortSignal,
  limit: number,
): Promise<Finding> {
  if ('untestable' in clause) return { outcome: 'inapplicable', because: `not testable: ${clause.untestable}` }
  if (clause.applies?.(hop, target) === false) return { outcome: 'inapplicable' }
  const lacks = await missing(clause, hop, target)
  if (lacks !== undefined) return { outcome: 'inapplicable', because: lacks }
  signal.throwIfAborted()

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
  if (needs === 'taps') return target.taps ? undefined : NO_TAPS
  if (!target.redeployed) return `needs the server once more with the setting ${needs} (--also ${needs}=URL)`
  // A server that does not come up with that setting is for the experiment to judge.
  const offered = await target.redeployed(needs).catch(() => true)
  return offered ? undefined : `no ${hop.server} with the setting ${needs} is to be had`
}

const NO_TAPS =
  'needs taps between the tiers, which neither a private network of containers nor a gateway the lab did not start has'

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
  const traces: Traces = { connections: [], nonces: [], events: new Map(), passed: listen(hop, target) }
  const time = AbortSignal.timeout(limit)
  const both = AbortSignal.any([signal, time])
  try {
    const observation = await untilAborted(clause.check(experiment(hop, target, both, traces)), both)
    const good: Finding = observation ? { outcome: 'observed', because: shorten(observation.saw) } : { outcome: 'pass' }
    return { ...good, ...left(traces, hop, target) }
  } catch (error) {
    signal.throwIfAborted()
    return { ...broken(error, time, limit), ...left(traces, hop, target) }
  } finally {
    for (const { connection } of traces.connections) connection[Symbol.dispose]()
  }
}

/** The last conversations and the events that were looked at: what convinces whoever does not believe the verdict. */
function left(traces: Traces, hop: Hop, target: Target): Pick<Finding, 'evidence' | 'events'> {
  const { connections, nonces, events } = traces
  const outside = connections
    .slice(-EVIDENCE_CONNECTIONS)
    .map(({ connection, to }) => ({ ...connection.transcript(), ...(to === undefined ? {} : { to }) }))
  // The same message behind the hop.
  const behind = nonces.flatMap((nonce) => alone(target)?.origin.transcripts(nonce) ?? [])
  const inside = behind.slice(-EVIDENCE_CONNECTIONS).map((each) => ({ ...each, from: hop.server, to: 'the origin' }))
  const evidence = [...outside, ...inside, ...between(traces)]
  const seen = [...events].flatMap(([nonce, all]) => all.map((event) => told(nonce, event))).slice(-EVIDENCE_EVENTS)
  return { ...(evidence.length > 0 ? { evidence } : {}), ...(seen.length > 0 ? { events: seen } : {}) }
}

/** The last exchanges at each tap, those about the experiment's own requests if there are any. */
function between({ nonces, passed }: Traces): NonNullable<Finding['evidence']> {
  const isOwn = ({ sent }: Passed): boolean => nonces.some((nonce) => sent.includes(nonce))
  return [...Map.groupBy(passed(), ({ from, to }) => `${from} ${to}`).values()].flatMap((all) => {
    const own = all.filter(isOwn)
    return (own.length > 0 ? own : all).slice(-EVIDENCE_EXCHANGES).map(({ from, to, ...each }) => ({
      sent: readable(each.sent, each.sentBytes),
      received: readable(each.received, each.receivedBytes),
      from,
      to,
    }))
  })
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
    // First of all: a rejection that nobody takes would end the lab.
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
  })
}

function shorten(text: string): string {
  return text.length > BECAUSE_LENGTH ? `${text.slice(0, BECAUSE_LENGTH)} ...` : text
}
