import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Event, Hop, Target } from '../../topologies/index.ts'
import { describe, type Answer } from '../judging/answer.ts'
import { connect } from '../judging/wire.ts'
import { FORM, type Breach, type Place } from './index.ts'
import type { Answered } from './in-process.ts'

/** Longest time for the application to come to the end of its answer. */
const APPLICATION_MS = 6000
/** Time for what is left on the wire once the application has come to its end. */
const WIRE_MS = 1000
/** Bytes after the end of an answer come at once, if at all. */
const SURPLUS_MS = 100

interface Ask {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'OPTIONS'
  readonly path: string
  /** The client goes away as soon as it has heard something. */
  readonly leaves?: boolean
  /** What is special about it, in words. */
  readonly situation?: string
}

/** What every path is asked for: no method that changes or deletes what the application keeps, but for the POST. */
const asks = (path: string): readonly Ask[] => [
  { method: 'GET', path },
  { method: 'GET', path: `${path}${path.includes('?') ? '&' : '?'}lab=lint` },
  { method: 'HEAD', path },
  { method: 'POST', path },
  { method: 'OPTIONS', path },
  { method: 'GET', path, leaves: true, situation: 'the client went away' },
  { method: 'GET', path, situation: 'after a client that went away' },
]

/** Asks the application behind a server, with `apps/lint.py` mounted in it, and gathers what both ends saw. */
export async function lintBehindServer(
  target: Target,
  where: string,
  paths: readonly string[],
  inProcess: ReadonlyMap<string, Answered>,
  signal: AbortSignal,
): Promise<Place> {
  const reached = new Set<string>()
  const broken: Breach[] = []
  const answers: { request: string; words: string }[] = []
  for (const ask of paths.flatMap(asks)) {
    const request = `${ask.method} ${ask.path}${ask.situation ? `, ${ask.situation}` : ''}`
    const { answer, words, events } = await exchange(target, ask, signal)
    const of = (kind: string) => events.filter(({ event }) => event === kind)
    for (const { rule } of of('reached')) reached.add(String(rule))
    const client = words ? { answer: words } : {}
    for (const { rule, saw } of of('broken'))
      broken.push({ rule: String(rule), sighting: { where, request, saw: String(saw), ...client } })
    if (!answer) continue
    if (!ask.situation) answers.push({ request, words })
    reached.add('app.portable')
    const expected = inProcess.get(`${ask.method} ${ask.path}`)
    const because = expected && difference(answer, expected, of('raised')[0])
    if (because) broken.push({ rule: 'app.portable', sighting: { where, request, saw: because, ...client } })
  }
  return { where, reached, broken, answers }
}

interface Exchanged {
  /** Absent when the client went away. */
  readonly answer?: Answer
  readonly words: string
  readonly events: readonly Event[]
}

async function exchange({ hops, events: eventsOf }: Target, ask: Ask, signal: AbortSignal): Promise<Exchanged> {
  const hop = hops[0]
  const nonce = randomUUID()
  using connection = await connect(hop.url, signal)
  connection.send(bytes(hop, ask, nonce))
  const seen = async (wait: number) => finished(() => eventsOf!(nonce), wait, signal)
  if (ask.leaves) {
    await connection.heard(APPLICATION_MS / 2)
    connection[Symbol.dispose]()
    return { words: '', events: await seen(APPLICATION_MS / 2) }
  }
  // The application's end first: an answer that is too short leaves the client waiting on some servers.
  const events = await seen(APPLICATION_MS)
  const answer = await connection.answer({ method: ask.method, wait: WIRE_MS })
  const surplus = answer.ending === 'complete' ? (await connection.rest(SURPLUS_MS)).length : 0
  const words = `${describe(answer)}${surplus > 0 ? `, then ${surplus} bytes too many` : ''}`
  return { answer, words, events }
}

function bytes(hop: Hop, { method, path }: Ask, nonce: string): string {
  const form = [`Content-Type: application/x-www-form-urlencoded`, `Content-Length: ${FORM.length}`]
  return [
    `${method} ${hop.url.pathname.replace(/\/$/, '')}${path} HTTP/1.1`,
    // Applications that serve named hosts only know this one best.
    'Host: localhost',
    'User-Agent: gateway-lab',
    'Accept: */*',
    `X-Lab-Nonce: ${nonce}`,
    ...(method === 'POST' ? form : []),
    '',
    method === 'POST' ? FORM : '',
  ].join('\r\n')
}

/** The checker's events once the application is done with the request, or all there are when the wait is over. */
async function finished(
  read: () => Promise<readonly Event[]>,
  wait: number,
  signal: AbortSignal,
): Promise<readonly Event[]> {
  for (const deadline = performance.now() + wait; ;) {
    signal.throwIfAborted()
    const events = await read()
    if (events.some(({ event }) => event === 'left' || event === 'raised') || performance.now() > deadline)
      return events
    await sleep(20)
  }
}

/** How an answer through a server differs from the one in process, where it should not. */
function difference(answer: Answer, expected: Answered, raised: Event | undefined): string | undefined {
  if (expected.failed) return undefined
  if (raised) return `the application raised ${String(raised['saw'])}; in process it answered ${expected.status}`
  const status = answer.head?.status ?? 0
  if (answer.head && status >= 500) return `${status} behind this server; in process ${expected.status}`
  if (expected.whole && answer.ending !== 'complete') return `no whole answer; in process ${expected.status}`
  return undefined
}
