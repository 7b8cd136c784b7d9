import { z } from 'zod'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask, data, exchange, proven, Reads, request } from '../judging/probe.ts'
import { describe } from '../judging/answer.ts'
import { atApp, demand, Deviation, type Experiment, type Suite } from './index.ts'
import type { Shape } from '../judging/probe.ts'

const STREAMS = 'PEP 3333, Input and Error Streams'
const VARIABLES = 'PEP 3333, environ Variables'
// A read that blocks does so until the client closes; one that does not answers in milliseconds.
const BLOCKED_WAIT = 1500
const LOG_WAIT = 2000

/** Has the probe read `wsgi.input`, and demands that these operations give these values without blocking. */
async function demandReads(experiment: Experiment, expected: Readonly<Record<string, string>>, shape: Shape) {
  const ops = Object.keys(expected).map((op) => op.replace(/#.*/, ''))
  const asked = await ask(experiment, { do: 'read', op: ops }, { ...shape, wait: BLOCKED_WAIT })
  if (asked.answer.ending === 'silent' && asked.answer.head === undefined) {
    const done = experiment.target.events ? await experiment.events(asked.nonce) : []
    const stuck = ops[done.filter(({ event }) => event === 'read').length] ?? ops.join(', ')
    throw new Deviation(
      `${shown(stuck)} blocked for ${BLOCKED_WAIT / 1000} s while the client kept the connection open`,
    )
  }
  const reads = data(Reads, asked)
  for (const [index, value] of Object.values(expected).entries()) {
    const read = reads[index]!
    const got = read.raised === undefined ? `returned ${JSON.stringify(read.value)}` : `raised ${read.raised}`
    const fits = read.type === 'bytes' && read.value === value
    demand(fits, `${shown(read.op)} ${got}${read.type === 'bytes' ? '' : ` (${read.type ?? 'no value'})`}`)
  }
}

function shown(op: string): string {
  const [name, size = ''] = op.split(':')
  return `${name}(${size})`
}

export default {
  name: 'pep3333-streams',
  title: 'PEP 3333: the input and error streams',
  clauses: {
    'input.eof-at-content-length': {
      level: 'SHOULD',
      cites: STREAMS,
      says:
        "The server is not required to read past the client's specified Content-Length, and should simulate an " +
        'end-of-file condition if the application attempts to read past that point.',
      applies: atApp,
      check: (experiment) =>
        demandReads(experiment, { 'read:5': 'hello', 'read:10': '' }, { method: 'POST', body: 'hello' }),
    },

    'input.read-no-arg': {
      level: 'SHOULD',
      cites: STREAMS,
      says:
        "A server should allow read() to be called without an argument, and return the remainder of the client's input " +
        'stream.',
      applies: atApp,
      check: (experiment) =>
        demandReads(experiment, { 'read:2': 'he', read: 'llo' }, { method: 'POST', body: 'hello' }),
    },

    'input.empty-when-exhausted': {
      level: 'SHOULD',
      cites: STREAMS,
      says: 'A server should return empty bytestrings from any attempt to read from an empty or exhausted input stream.',
      applies: atApp,
      async check(experiment) {
        await demandReads(experiment, { 'read:1': '', readline: '', 'read:1#2': '' }, {})
        const twice = { 'read:5': 'hello', 'read:1': '', readline: '', 'read:1#2': '' }
        await demandReads(experiment, twice, { method: 'POST', body: 'hello' })
      },
    },

    'input.readline-size': {
      level: 'SHOULD',
      cites: STREAMS,
      says: 'Servers should support the optional "size" argument to readline(), but as in WSGI 1.0, they are allowed to omit support for it.',
      applies: atApp,
      check: (experiment) =>
        demandReads(
          experiment,
          { 'readline:3': 'abc', 'readline:10': 'def\n' },
          { method: 'POST', body: 'abcdef\nghi' },
        ),
    },

    'input.unread-body-safe': {
      level: 'MUST',
      cites: 'RFC 9112 §9.3',
      says:
        'A server MUST read the entire request message body or close the connection after sending its response; ' +
        'otherwise, the remaining data on a persistent connection would be misinterpreted as the next request.',
      needs: 'events',
      async check(experiment) {
        const hidden = experiment.nonce()
        // The body is itself a request, so that taking it for one shows at the probe.
        const body = request(experiment.hop, hidden, {})
        const query = { do: 'respond', item: 'unread' }
        const first = proven(await ask(experiment, query, { method: 'POST', body }))
        const nonce = experiment.nonce()
        first.connection.send(request(experiment.hop, nonce, {}))
        const second = await exchange(nonce, first.connection, { wait: 1500 })
        const calls = (await experiment.events(hidden)).length
        demand(calls === 0, 'a body that the application did not read was taken for a request')
        const closed = second.answer.ending === 'cut' && second.answer.head === undefined
        demand(closed || second.proven, `after an unread body the next request got ${describe(second.answer)}`)
      },
    },

    'errors.unicode': {
      level: 'SHOULD',
      cites: VARIABLES,
      says:
        'On platforms where the str type is unicode, the error stream should accept and log arbitrary unicode without ' +
        "raising an error; it is allowed, however, to substitute characters that cannot be rendered in the stream's " +
        'encoding.',
      applies: atApp,
      async check(experiment) {
        const asked = await ask(experiment, { do: 'errors', text: 'lab \u00e9 \u20ac \u{1f600}' })
        const { raised } = data(z.object({ raised: z.string().nullable() }), asked)
        demand(raised === null, `writing Unicode to wsgi.errors raised ${raised}`)
      },
    },

    'errors.reaches-log': {
      level: 'PROSE',
      cites: VARIABLES,
      says:
        'An output stream (file-like object) to which error output can be written, for the purpose of recording program ' +
        'or other errors in a standardized and possibly centralized location.',
      needs: 'logs',
      applies: atApp,
      async check(experiment) {
        const text = `lab-${experiment.nonce()}`
        const asked = await ask(experiment, { do: 'errors', text })
        data(z.object({ raised: z.null() }), asked)
        const deadline = performance.now() + LOG_WAIT
        while (!(await experiment.hop.logs!()).includes(text)) {
          demand(performance.now() < deadline, "what was written to wsgi.errors is not in the server's log")
          await sleep(50, undefined, { signal: experiment.signal })
        }
      },
    },
  },
} satisfies Suite
