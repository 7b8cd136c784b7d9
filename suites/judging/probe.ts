import { z } from 'zod'
import type { Event, Hop } from '../../topologies/index.ts'
import type { Experiment } from '../conformance/index.ts'
import { values } from './head.ts'
import { describe, type Answer } from './answer.ts'
import type { Connection } from './wire.ts'

/**
 * How an experiment speaks to `apps/probe.py`: its routes as queries, and the proof that the probe answered.
 */

/** The parameters of a probe's route; an array repeats a parameter. */
export type Query = Readonly<Record<string, string | number | readonly string[]>>

/** How a request to the probe differs from a plain GET. */
export interface Shape {
  readonly method?: string
  /** Path below the hop's URL, as sent, without the leading slash. */
  readonly path?: string
  readonly version?: '1.0' | '1.1'
  /** Field lines beside Host and User-Agent, without line ends. */
  readonly fields?: readonly string[]
  /** Value of the Host field; null leaves it out. */
  readonly host?: string | null
  /** Sent after the head; a Content-Length is added unless a field frames the body already. */
  readonly body?: string
  /** How long the answer is waited for, in milliseconds. */
  readonly wait?: number
}

/** One request to the probe and what came back. */
export interface Exchange {
  readonly nonce: string
  readonly connection: Connection
  readonly answer: Answer
  /** Whether the answer carries the probe's proof: the nonce in `X-Probe`. */
  readonly proven: boolean
}

/** The path of the hop's URL, ending in a slash: where the probe is mounted as the client sees it. */
export function mount(hop: Hop): string {
  return hop.url.pathname.replace(/\/?$/, '/')
}

/** The request-target that asks the probe for a route, below the path of the hop's URL. */
export function target(hop: Hop, nonce: string, query: Query, path = ''): string {
  const parameters = Object.entries({ nonce, ...query }).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each) => `${name}=${encodeURIComponent(String(each))}`),
  )
  return `${mount(hop)}${path}?${parameters.join('&')}`
}

/** The bytes of a request to the probe, as Latin-1 text. */
export function request(hop: Hop, nonce: string, query: Query, shape: Shape = {}): string {
  const { method = 'GET', version = '1.1', fields = [], host = hop.url.host, body = '' } = shape
  const framed = fields.some((field) => /^(content-length|transfer-encoding)\b/i.test(field))
  return [
    `${method} ${target(hop, nonce, query, shape.path)} HTTP/${version}`,
    ...(host === null ? [] : [`Host: ${host}`]),
    'User-Agent: gateway-lab',
    ...fields,
    ...(body === '' || framed ? [] : [`Content-Length: ${body.length}`]),
    '',
    body,
  ].join('\r\n')
}

/** Asks the probe on a new connection, or on one that is open, and reads one answer. */
export async function ask(
  experiment: Experiment,
  query: Query,
  shape: Shape = {},
  connection?: Connection,
): Promise<Exchange> {
  const nonce = experiment.nonce()
  const on = connection ?? (await experiment.connect())
  on.send(request(experiment.hop, nonce, query, shape))
  return exchange(nonce, on, shape)
}

/** Reads the answer to a request that was sent by hand. */
export async function exchange(nonce: string, connection: Connection, shape: Shape = {}): Promise<Exchange> {
  const { method = 'GET', wait } = shape
  const answer = await connection.answer({ method, ...(wait === undefined ? {} : { wait }) })
  return { nonce, connection, answer, proven: isProven(answer, nonce) }
}

/** Asks for the environ of a request whose target is exactly this one: what is asked for stands in a field. */
export async function askAt(experiment: Experiment, nonce: string, target: string): Promise<Exchange> {
  const connection = await experiment.connect()
  const lines = [
    `GET ${target} HTTP/1.1`,
    `Host: ${experiment.hop.url.host}`,
    'User-Agent: gateway-lab',
    `X-Lab-Query: nonce=${nonce}&do=environ`,
  ]
  connection.send(`${lines.join('\r\n')}\r\n\r\n`)
  return exchange(nonce, connection)
}

/** Whether an answer carries the probe's proof. */
export function isProven(answer: Answer, nonce: string): boolean {
  return answer.head !== undefined && values(answer.head, 'x-probe').includes(nonce)
}

/** Whether a server answered with an error of its own, instead of letting the probe answer. */
export function refused({ proven: answered, answer }: Exchange): boolean {
  return !answered && answer.ending === 'complete' && answer.head!.status >= 400
}

/** The exchange itself, once the probe is known to have answered it in full; throws the lab's own error otherwise. */
export function proven(exchange: Exchange): Exchange {
  if (exchange.proven && exchange.answer.ending === 'complete') return exchange
  throw new Error(`no proof that the probe answered: ${describe(exchange.answer)}`)
}

/** How each call of start_response ended, in order, `started` or `start-raised`: as soon as there are so many. */
export async function starts(experiment: Experiment, nonce: string, calls: number): Promise<readonly Event[]> {
  const ended = (events: readonly Event[]): readonly Event[] =>
    events.filter(({ event }) => event === 'started' || event === 'start-raised')
  const events = await experiment.events(nonce, (seen) => ended(seen).length >= calls)
  const made = events.filter(({ event }) => event === 'start').length
  if (made < calls) throw new Error(`no proof that start_response was called${calls === 1 ? '' : ` ${calls} times`}`)
  return ended(events)
}

/** What the probe's route `environ` shows. */
export const Environ = z.object({
  exact: z.boolean(),
  values: z.record(z.string(), z.string()),
  types: z.record(z.string(), z.string()),
})

/** What one operation on `wsgi.input` gave. */
export const Reads = z.array(
  z.object({
    op: z.string(),
    type: z.string().optional(),
    value: z.string().optional(),
    raised: z.string().optional(),
  }),
)

/** The probe's answer as data of a known shape; anything else is the lab's own error. */
export function data<T>(shape: z.ZodType<T>, exchange: Exchange): T {
  return shape.parse(JSON.parse(proven(exchange).answer.body.toString('latin1')))
}

/** Asks the probe for the environ of a request of this shape. */
export async function environ(experiment: Experiment, shape: Shape = {}): Promise<z.infer<typeof Environ>> {
  return data(Environ, await ask(experiment, { do: 'environ' }, shape))
}

/** The environ of a request that a server may refuse; undefined when it did. */
export async function environUnlessRefused(
  experiment: Experiment,
  shape: Shape,
): Promise<z.infer<typeof Environ> | undefined> {
  const asked = await ask(experiment, { do: 'environ' }, shape)
  return refused(asked) ? undefined : data(Environ, asked)
}
