import type { z } from 'zod'
import { demand, type Experiment } from '../conformance/index.ts'
import { describe } from './answer.ts'
import { data, Environ, exchange, request, type Exchange, type Shape } from './probe.ts'
import { isTurnedAway } from './refusal.ts'

/**
 * How an experiment sends a request that is written otherwise than it should be, and looks at what of it reached the
 * application.
 */

/** How long an answer to what should be refused is waited for. */
export const REFUSAL_WAIT = 1500

type Values = z.infer<typeof Environ>['values']

/** Asks for the environ by a request that is made of an ordinary one; what is asked for stands in a field as well. */
export async function askRewritten(
  experiment: Experiment,
  rewrite: (message: string) => string,
  shape: Shape = {},
): Promise<Exchange> {
  const nonce = experiment.nonce()
  const connection = await experiment.connect()
  const fields = [`X-Lab-Query: nonce=${nonce}&do=environ`, ...(shape.fields ?? [])]
  connection.send(rewrite(request(experiment.hop, nonce, { do: 'environ' }, { ...shape, fields })))
  return exchange(nonce, connection, { wait: REFUSAL_WAIT, ...shape })
}

/** Asks for the environ with a request-target that is made of an ordinary one. */
export async function askTarget(experiment: Experiment, rewrite: (target: string) => string): Promise<Exchange> {
  return askRewritten(experiment, (message) => {
    const [method, written, ...rest] = message.split(' ')
    return [method, rewrite(written!), ...rest].join(' ')
  })
}

/** The environ of a request that must be turned away or reach the application in order; undefined when it was. */
export function environUnlessTurnedAway(asked: Exchange, what: string): Values | undefined {
  if (isTurnedAway(asked)) return undefined
  demand(asked.proven, `${what} got ${describe(asked.answer)}`)
  return data(Environ, asked).values
}

/** Names of the variables in which a text occurs. */
export function holding(values: Values, text: string): string {
  return Object.keys(values)
    .filter((name) => values[name]!.includes(text))
    .toSorted()
    .join(', ')
}
