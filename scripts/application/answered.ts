import { setTimeout as sleep } from 'node:timers/promises'
import { describe, type Answer } from '../../suites/judging/answer.ts'
import { connect } from '../../suites/judging/wire.ts'
import type { Part } from '../../suites/load/index.ts'
import type { Deployment } from '../../topologies/runtimes/index.ts'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import { endOf } from '../../topologies/runtimes/service.ts'
import { usageError } from '../choices.ts'

/** Longest time for an answer: the first request may have to load what the application needs. */
const ANSWER_MS = 10_000
/** Time for a server to write what it has to say about an answer. */
const LOG_MS = 100

/**
 * The answer of a deployment to one request, asked for alone, before it is measured. Throws what it was where a generator would
 * take it for an error, with the end of the log of the application's server, which is who knows why.
 */
export async function answerTo(
  { target, services }: Pick<Deployment, 'target' | 'services'>,
  { path, expects }: Pick<Part, 'path' | 'expects'>,
  signal: AbortSignal,
): Promise<Answer> {
  const { url } = target.hops[0]
  using connection = await connect(url, signal)
  connection.send(`GET ${path} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`)
  const answer = await connection.answer({ wait: ANSWER_MS })
  const status = answer.head?.status ?? 0
  const isRight = expects ? status === expects.status : status >= 200 && status <= 399
  // How long a large one is does not matter here.
  if (isRight && (answer.ending === 'complete' || answer.ending === 'too large')) return answer
  await sleep(LOG_MS)
  const happened = `GET ${path} is answered with ${describe(answer)}${expects && status !== expects.status ? `, not with ${expects.status}` : ''}.`
  throw status >= 300 && status <= 499
    ? usageError(happened, 'Ask for something that it has: --path.')
    : new LabError(happened, `The end of its log:\n${endOf(await services.at(-1)!.logs())}`)
}

/** Asks a deployment for each kind of request alone, so that what is answered wrongly is told before anything is measured. */
export async function answerAll(
  deployment: Pick<Deployment, 'target' | 'services'>,
  requests: readonly Part[],
  signal: AbortSignal,
): Promise<void> {
  for (const each of requests) await answerTo(deployment, each, signal)
}
