import type { Hop } from '../../topologies/index.ts'
import type { Experiment, Observation } from '../conformance/index.ts'
import { describe, type Answer } from './answer.ts'
import { values, type Head } from './head.ts'
import { isProven, target } from './probe.ts'

/**
 * How an experiment asks for a file that a server of the chain serves itself, out of `apps/static/`: no application is
 * called, so that what is said of it is the server's own word.
 */

/** A file as a plain GET gave it, and the means to ask for it in other ways. */
export interface StaticFile {
  readonly head: Head
  readonly body: Buffer
  /** The whole entity tag; undefined when the server gave none. */
  readonly etag: string | undefined
  readonly modified: string | undefined
  /** Asks for the same URL on a connection of its own. */
  ask(fields: readonly string[], method?: string): Promise<Answer>
}

/** Of the lab's application servers only mod_wsgi is a web server too; what somebody's own gateway is nobody knows. */
const APPLICATIONS_ALONE = ['cheroot', 'gunicorn', 'uwsgi', 'waitress', 'wsgiref']

/** For clauses about files: hops at which a server may stand that serves them itself. */
export function mayServeFiles({ role, server }: Hop): boolean {
  return role !== 'app' || !APPLICATIONS_ALONE.includes(server)
}

/** What is told where the files are the application's, or nobody's. */
export const NO_FILES: Observation = { saw: 'no server serves files of its own here' }

/** A file below `/static/` at this hop; undefined where no server serves it itself. */
export async function staticFile(experiment: Experiment, name: string): Promise<StaticFile | undefined> {
  const nonce = experiment.nonce()
  // The nonce makes the URL one that no cache knows yet.
  const url = target(experiment.hop, nonce, {}, `static/${name}`)
  async function ask(fields: readonly string[], method = 'GET'): Promise<Answer> {
    const connection = await experiment.connect()
    const lines = [
      `${method} ${url} HTTP/1.1`,
      `Host: ${experiment.hop.url.host}`,
      'User-Agent: gateway-lab',
      ...fields,
    ]
    connection.send(`${lines.join('\r\n')}\r\n\r\n`)
    return connection.answer({ method })
  }
  const plain = await ask([])
  if (plain.ending !== 'complete') throw new Error(`a file got ${describe(plain)}`)
  const { head } = plain
  if (isProven(plain, nonce) || head?.status !== 200) return undefined
  const [etag] = values(head, 'etag')
  const [modified] = values(head, 'last-modified')
  return { head, body: plain.body, etag, modified, ask }
}

/** A check that means something only where a server serves files itself. */
export function ofFile(
  check: (file: StaticFile, experiment: Experiment) => Promise<void | Observation>,
  name = 'lines.txt',
): (experiment: Experiment) => Promise<void | Observation> {
  return async (experiment) => {
    const file = await staticFile(experiment, name)
    return file ? check(file, experiment) : NO_FILES
  }
}
