import type { z } from 'zod'
import { Blocked, demand, type Experiment } from '../conformance/index.ts'
import { describe } from './answer.ts'
import { ask, data, Reads, type Exchange, type Shape } from './probe.ts'

/**
 * How an experiment sends a request with a body, framed as it likes, and learns what the application read of it.
 */

/** The clause without which clauses about chunks mean nothing: a plain chunked request body is delivered. */
export const PLAIN_CHUNKED = 'pep3333-http/hop-by-hop.inbound-decoded'
/** A body "hello" in one chunk. */
export const HELLO = '5\r\nhello\r\n0\r\n\r\n'
const ANSWER_WAIT = 1500

/** POSTs these bytes as a body that these fields frame, to an application that reads it to its end. */
export async function post(
  experiment: Experiment,
  fields: readonly string[],
  body: string,
  shape: Shape = {},
): Promise<Exchange> {
  return ask(experiment, { do: 'read', op: 'body' }, { wait: ANSWER_WAIT, ...shape, method: 'POST', fields, body })
}

/** POSTs a body in chunks as they stand. */
export async function chunked(experiment: Experiment, body: string, shape: Shape = {}): Promise<Exchange> {
  return post(experiment, ['Transfer-Encoding: chunked'], body, shape)
}

/** What the application's read gave, a value or an error; undefined when the probe did not answer in full. */
export function bodyRead(asked: Exchange): z.infer<typeof Reads>[number] | undefined {
  return asked.proven && asked.answer.ending === 'complete' ? data(Reads, asked)[0] : undefined
}

/** What the application's read gave, in words. */
export function told(asked: Exchange): string {
  const read = bodyRead(asked)
  if (read === undefined) return describe(asked.answer)
  return read.raised === undefined ? JSON.stringify(read.value) : `an error (${read.raised})`
}

/** Demands that the application was given the body "hello" and no other. */
export function demandHello(asked: Exchange, what: string): void {
  demand(bodyRead(asked)?.value === 'hello', `of ${what}, with the body "hello", the application read ${told(asked)}`)
}

/** Throws `Blocked` where no plain chunked body arrives, for a run in which the clause that asks it is not selected. */
export async function requireChunked(experiment: Experiment): Promise<void> {
  const plain = await chunked(experiment, HELLO)
  if (bodyRead(plain)?.value !== 'hello')
    throw new Blocked(`even a plain chunked request body is not delivered here: ${describe(plain.answer)}`)
}
