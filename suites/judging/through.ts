import type { Experiment } from '../conformance/index.ts'
import type { Answer } from './answer.ts'
import type { Connection } from './wire.ts'

/**
 * How an experiment sends requests through an intermediary that is judged alone: the nonce is the path, so that the origin
 * knows its script and a cache has a key of its own for every experiment.
 */

/** How a request differs from a plain GET of the nonce's own path. */
export interface Sent {
  readonly method?: string
  /** The request-target; `/NONCE` when absent. */
  readonly target?: string
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

/** One request through the intermediary, and the answer. */
export interface Passage {
  readonly connection: Connection
  readonly answer: Answer
}

/** The bytes of a request, as Latin-1 text. */
export function message(experiment: Experiment, nonce: string, sent: Sent = {}): string {
  const { method = 'GET', target = `/${nonce}`, version = '1.1', fields = [], body = '' } = sent
  const host = sent.host === undefined ? experiment.hop.url.host : sent.host
  const framed = fields.some((field) => /^(content-length|transfer-encoding)\s*:/i.test(field))
  return [
    `${method} ${target} HTTP/${version}`,
    ...(host === null ? [] : [`Host: ${host}`]),
    'User-Agent: gateway-lab',
    ...fields,
    ...(body === '' || framed ? [] : [`Content-Length: ${body.length}`]),
    '',
    body,
  ].join('\r\n')
}

/** Sends a request through the intermediary, on a new connection or on one that is open, and reads one answer. */
export async function through(
  experiment: Experiment,
  nonce: string,
  sent: Sent = {},
  connection?: Connection,
): Promise<Passage> {
  const on = connection ?? (await experiment.connect())
  on.send(message(experiment, nonce, sent))
  const { method = 'GET', wait } = sent
  return { connection: on, answer: await on.answer({ method, ...(wait === undefined ? {} : { wait }) }) }
}
