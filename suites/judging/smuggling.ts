import { setTimeout as sleep } from 'node:timers/promises'
import { demand, Deviation, type Experiment } from '../conformance/index.ts'
import type { Hop } from '../../topologies/index.ts'
import { describe, type Answer } from './answer.ts'
import { nonce as freshNonce } from './experiment.ts'
import { exchange, isProven, request, type Query } from './probe.ts'
import { connect, type Connection } from './wire.ts'

/**
 * Request smuggling: a message that carries a whole request in a part of which two hops may not agree whether it belongs to
 * it. What the edge took for requests are those that it answers; what the application took for requests it logs. A hidden
 * request that the application saw, and whose answer the client did not get, was smuggled.
 */

/** What a payload is written with. */
export interface Writing {
  readonly hop: Hop
  /** The nonce of the message itself. */
  readonly outer: string
  /** The hidden request. So many bytes of the message that come after it are its body. */
  hidden(tail?: number): string
}

/** A message on whose end hops may disagree. */
export interface Payload {
  readonly name: string
  /** Its method, where that says how an answer is read. */
  readonly method?: string
  write(writing: Writing): string
}

/** The probe reads the whole body, as far as its server lets it. */
export const READ = { do: 'read', op: 'body' }

/** How long an answer may take: a hop that waits for more than there is waits for ever. */
const ANSWER_WAIT = 500
/** The same where a verdict hangs on it. */
const SURE_WAIT = 2000
/** How long the application may take to see what is still on its way. */
const SETTLE_WAIT = 150
/** How long a further answer is waited for, when all is settled. */
const FURTHER_WAIT = 250
/** How many payloads are shown alone beside the first. */
const SHOWN_ALONE = 3
/** How many bytes of another client's request the hidden one takes for its body. */
const SWALLOWED = 40
// Not so many that a server closes connections for their number (cheroot keeps ten).
const OTHER_CLIENTS = 4
/** Chance decides which connection another client's request takes. */
const EXPLOITS = 3
const CALMING_ROUNDS = 5

/** A payload that was sent. */
interface Sent {
  readonly payload: Payload
  readonly outer: string
  readonly hidden: string
  readonly connection: Connection
  /** The final responses of the edge, as far as they were read. */
  readonly answers: Answer[]
}

/** Demands that the hops agree where each of these messages ends. */
export async function demandAgreement(experiment: Experiment, payloads: readonly Payload[]): Promise<void> {
  const all: Sent[] = []
  for (const payload of payloads) all.push(await send(experiment, payload))
  await settle(experiment)
  const [first, ...others] = await asyncFilter(all, (sent) => isSmuggled(experiment, sent))
  if (first === undefined) return

  // One may have hit upon what another one left behind, so they are shown alone; the first comes last, as evidence.
  const { payload } = first
  const also = await asyncFilter(
    others.slice(0, SHOWN_ALONE),
    async (each) => (await alone(experiment, each.payload)) !== undefined,
  )
  const consequence = await exploited(experiment, payload)
  const counts = await alone(experiment, payload)
  await calm(experiment)
  if (counts === undefined) throw new Error(`${payload.name}: the hidden request reached the application only once`)
  const names = also.map((each) => each.payload.name).concat(others.length > SHOWN_ALONE ? ['others'] : [])
  const with_ = names.length > 0 ? `; also with ${names.join(', ')}` : ''
  throw new Deviation(`${payload.name}: ${counts}; ${consequence}${with_}`)
}

/** Demands that behind each of these messages another request is seen, and no other, as often as it is answered. */
export async function demandClarity(
  experiment: Experiment,
  messages: Readonly<Record<string, (writing: Writing) => string>>,
  following: Query,
): Promise<void> {
  const { hop } = experiment
  const all = []
  for (const [name, write] of Object.entries(messages)) {
    const [outer, hidden, next] = [experiment.nonce(), experiment.nonce(), experiment.nonce()]
    const connection = await experiment.connect()
    const message = write({ hop, outer, hidden: hiddenRequest(hop, hidden) })
    connection.send(message + request(hop, next, following))
    await exchange(outer, connection, { method: message.slice(0, message.indexOf(' ')), wait: SURE_WAIT })
    all.push({ name, hidden, next, answered: await exchange(next, connection, { wait: ANSWER_WAIT }) })
  }
  await settle(experiment)
  for (const { name, hidden, next, answered } of all) {
    demand(!(await wasCalled(experiment, hidden)), `the application was called for the content of ${name}`)
    if (answered.proven || !(await wasCalled(experiment, next))) continue
    const { proven, answer } = await exchange(next, answered.connection, { wait: SURE_WAIT })
    demand(proven, `the application was called for a GET behind ${name}, the client got ${describe(answer)}`)
  }
}

/** Writes the hidden request, whose body is so many bytes of what comes after it. */
function hiddenRequest(hop: Hop, nonce: string, swallowed = 0): Writing['hidden'] {
  return (tail = 0) => request(hop, nonce, READ, { method: 'POST', fields: [`Content-Length: ${tail + swallowed}`] })
}

async function send(
  experiment: Experiment,
  payload: Payload,
  { swallowed = 0, wait = ANSWER_WAIT } = {},
): Promise<Sent> {
  const { hop } = experiment
  const [outer, hidden] = [experiment.nonce(), experiment.nonce()]
  const connection = await experiment.connect()
  connection.send(payload.write({ hop, outer, hidden: hiddenRequest(hop, hidden, swallowed) }))
  const sent: Sent = { payload, outer, hidden, connection, answers: [] }
  // What hangs would keep a worker of the application from the next one.
  if (!(await hear(sent, wait))) connection[Symbol.dispose]()
  return sent
}

/** Reads one more final response; false when there is none. */
async function hear({ payload, connection, answers }: Sent, wait: number): Promise<boolean> {
  const method = answers.length === 0 ? (payload.method ?? 'POST') : 'POST'
  const answer = await connection.answer({ method, wait })
  if (answer.head !== undefined) answers.push(answer)
  return answer.ending === 'complete'
}

/** Whether the application saw the hidden request, and the client not its answer. */
async function isSmuggled(experiment: Experiment, sent: Sent): Promise<boolean> {
  if (!(await wasCalled(experiment, sent.hidden))) return false
  while (!sent.answers.some((answer) => isProven(answer, sent.hidden)))
    if (!(await hear(sent, FURTHER_WAIT))) return true
  return false
}

async function wasCalled(experiment: Experiment, nonce: string): Promise<boolean> {
  return (await experiment.events(nonce)).some(({ event }) => event === 'called')
}

/** Sends a payload when nothing else is on its way: who counted how much, when it is smuggled again. */
async function alone(experiment: Experiment, payload: Payload): Promise<string | undefined> {
  await calm(experiment)
  const sent = await send(experiment, payload, { wait: SURE_WAIT })
  await settle(experiment)
  if (!(await isSmuggled(experiment, sent))) return undefined
  const calls = (await wasCalled(experiment, sent.outer)) ? 2 : 1
  const counts = `${counted(sent.answers.length, 'response')} for the client, ${counted(calls, 'call')} of the application`
  return [counts, ...forwarded(experiment, sent)].join('; ')
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** What each tier told the next about the end of the message. */
function forwarded(experiment: Experiment, { outer }: Sent): readonly string[] {
  return experiment.passed().flatMap(({ from, to, sent }) => {
    const text = sent.toString('latin1')
    const start = text.indexOf(outer)
    if (start === -1) return []
    const lines = text.slice(start, text.indexOf('\r\n\r\n', start)).split(/[\r\n]+/)
    const framing = lines.filter((line) => /^\s*(content|transfer).(length|encoding)/i.test(line))
    const said = framing.map((line) => JSON.stringify(line)).join(' and ')
    return [`${from} sent ${to} ${said === '' ? 'neither length nor coding' : said}`]
  })
}

/** Whether other clients are reached by the hidden request. */
async function exploited(experiment: Experiment, payload: Payload): Promise<string> {
  let reached = ''
  for (let attempt = 0; attempt < EXPLOITS && !reached.startsWith('exploitable'); attempt++)
    reached = await exploitedOnce(experiment, payload)
  return reached
}

/** Lets the hidden request take what comes after it on its connection for its body, and looks at what others get. */
async function exploitedOnce(experiment: Experiment, payload: Payload): Promise<string> {
  await calm(experiment)
  const { hidden } = await send(experiment, payload, { swallowed: SWALLOWED })
  // An intermediary keeps the connection for others when it has seen that nothing more comes on it.
  await settle(experiment)
  const others = await otherClients(experiment)
  const events = await experiment.events(hidden, (seen) => seen.some(({ event }) => event === 'read'), SETTLE_WAIT)
  const read = events.find(({ event }) => event === 'read')
  if (others.some(({ answer }) => answer !== undefined && isProven(answer, hidden)))
    return "exploitable: another client's request was answered with the response to the hidden one"
  if (Number(read?.['bytes'] ?? 0) >= SWALLOWED)
    return "exploitable: another client's request was taken for the body of the hidden one"
  if (others.some(({ isWell }) => !isWell)) return 'exploitable: it spoils the answers to other clients'
  const { server } = experiment.target.hops.at(-1)!
  return read === undefined
    ? `not exploitable here: no other client's request comes behind it on its connection to ${server}`
    : `not exploitable here: its connection to ${server} is closed`
}

/** What a client got that did nothing wrong, and whether it is what it asked for. */
export interface Other {
  readonly answer: Answer | undefined
  readonly isWell: boolean
}

/** Ordinary requests of so many clients at once that every connection between the tiers is used. */
export function otherClients(experiment: Experiment): Promise<readonly Other[]> {
  return Promise.all(Array.from({ length: OTHER_CLIENTS }, () => otherClient(experiment)))
}

// Leaves no trace: it is not what is looked at.
async function otherClient({ hop, signal }: Experiment): Promise<Other> {
  const nonce = freshNonce()
  try {
    using connection = await connect(hop.url, signal)
    connection.send(request(hop, nonce, { do: 'respond', item: 'another client' }))
    const answer = await connection.answer({ wait: SURE_WAIT })
    return { answer, isWell: answer.ending === 'complete' && isProven(answer, nonce) }
  } catch {
    signal.throwIfAborted()
    return { answer: undefined, isWell: false }
  }
}

/** Sends ordinary requests until nothing is left on any connection between the tiers. */
export async function calm(experiment: Experiment): Promise<void> {
  for (let round = 0; round < CALMING_ROUNDS; round++)
    if ((await otherClients(experiment)).every(({ isWell }) => isWell)) return
  throw new Error('ordinary requests are not answered any more')
}

async function settle({ signal }: Experiment): Promise<void> {
  await sleep(SETTLE_WAIT, undefined, { signal })
}

async function asyncFilter<T>(all: readonly T[], holds: (each: T) => Promise<boolean>): Promise<readonly T[]> {
  const kept: T[] = []
  for (const each of all) if (await holds(each)) kept.push(each)
  return kept
}
