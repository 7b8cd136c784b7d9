import { setTimeout as sleep } from 'node:timers/promises'
import { ask, exchange, request, type Query } from '../judging/probe.ts'
import { describe } from '../judging/answer.ts'
import { atApp, demand, type Experiment, type Suite } from './index.ts'

const ERROR_HANDLING = 'PEP 3333, Error Handling'
const TRAP_AND_LOG =
  'Servers should trap and log any exception that aborts an application or the iteration of its return value.'
const CUT_WAIT = 2000
const LOG_WAIT = 1500
// What the server adds comes with the end of the response; one without an end is not waited for.
const APPEND_WAIT = 1500
// So that the first block is on its way through every tier when the application fails.
const FAIL_PAUSE = 0.1

/** When the application fails, as a query and in words. */
const BEFORE_OUTPUT = [
  ['when it is called', { fail: 'call' }],
  ['in the first iteration', { fail: 0, item: 'one' }],
] as const

/** Has the probe fail, and makes sure that it did. */
async function failing(experiment: Experiment, query: Query) {
  const asked = await ask(experiment, { do: 'respond', ...query }, { wait: CUT_WAIT })
  if (experiment.target.events) {
    const hasFailed = (events: readonly { readonly event: string }[]) => events.some(({ event }) => event === 'raising')
    const events = await experiment.events(asked.nonce, hasFailed)
    if (!hasFailed(events)) throw new Error('no proof that the application failed')
  }
  return asked
}

type Sight = 'cut' | 'refused' | 'left open' | 'ended as if whole' | 'ended by the close'

/** How a response looks whose application fails after its first block, without a Content-Length. */
async function failedStream(experiment: Experiment, hop = experiment.hop): Promise<Sight> {
  // Not text/*, to which a server may append a message (Error Handling).
  const header = ['Content-Type: application/octet-stream', 'Cache-Control: no-store']
  const query = { do: 'respond', bare: 1, uncounted: 1, header, item: ['one', 'two'], fail: 1, pause: FAIL_PAUSE }
  const nonce = experiment.nonce()
  const connection = await experiment.connect(hop)
  connection.send(request(hop, nonce, query))
  const { answer } = await exchange(nonce, connection, { wait: CUT_WAIT })
  if (answer.ending === 'silent') return 'left open'
  if (answer.ending !== 'complete') return 'cut'
  if (answer.head!.status >= 500) return 'refused'
  return answer.framing === 'close' ? 'ended by the close' : 'ended as if whole'
}

/** What a server adds to the block "one" of this type when the application fails after it; undefined if it refuses. */
async function appended(experiment: Experiment, type: string): Promise<string | undefined> {
  const header = [`Content-Type: ${type}`, 'Cache-Control: no-store']
  const query = { do: 'respond', bare: 1, uncounted: 1, header, item: ['one', 'two'], fail: 1 }
  const { answer, proven } = await ask(experiment, query, { wait: APPEND_WAIT })
  if (!proven && answer.ending === 'complete' && answer.head!.status >= 500) return undefined
  demand(proven, `a failure after the first block of ${type} gave ${describe(answer)}`)
  const body = answer.body.toString('latin1')
  const begins = body.startsWith('one') || 'one'.startsWith(body)
  demand(begins, `of the block "one" and a failure after it came ${JSON.stringify(body.slice(0, 80))}`)
  return body.slice('one'.length)
}

export default {
  name: 'pep3333-errors',
  title: 'PEP 3333: errors of the application',
  clauses: {
    'error.before-output': {
      level: 'PROSE',
      cites: ERROR_HANDLING,
      says: TRAP_AND_LOG,
      experiment:
        'Has the application raise an error when it is called and in its first iteration, looks for a whole response of ' +
        '5xx, and asks once more.',
      async check(experiment) {
        for (const [when, query] of BEFORE_OUTPUT) {
          const { answer } = await failing(experiment, query)
          const told = answer.ending === 'complete' && answer.head!.status >= 500
          demand(told, `an exception of the application ${when}, before any output, gave ${describe(answer)}`)
        }
        const next = await ask(experiment, { do: 'respond', item: 'body' })
        demand(next.proven, `after an exception the next request got ${describe(next.answer)}`)
      },
    },

    'error.trap-and-log': {
      level: 'SHOULD',
      cites: ERROR_HANDLING,
      says: TRAP_AND_LOG,
      experiment:
        "Has the application raise an error when it is called and in an iteration, and looks for the exception in the server's log.",
      needs: 'logs',
      applies: atApp,
      async check(experiment) {
        for (const [when, query] of [...BEFORE_OUTPUT, ['after output', { fail: 1, item: ['one', 'two'] }] as const]) {
          const logged = async () => (await experiment.hop.logs!()).split(/ProbeError|asked to fail/).length
          const before = await logged()
          await failing(experiment, query)
          const deadline = performance.now() + LOG_WAIT
          while ((await logged()) === before) {
            const line = `an exception of the application ${when} is not in the server's log after ${LOG_WAIT / 1000} s`
            demand(performance.now() < deadline, line)
            await sleep(30, undefined, { signal: experiment.signal })
          }
        }
      },
    },

    'error.after-output': {
      level: 'PROSE',
      cites: ERROR_HANDLING,
      says: 'The server or gateway can then trap this (fatal) exception and abort the response.',
      experiment:
        'Has the application fail after 300 of 1000 bytes, and after the first block of a stream without a length, and ' +
        'looks whether the client can tell.',
      async check(experiment) {
        const header = ['Content-Type: application/octet-stream', 'Content-Length: 1000', 'Cache-Control: no-store']
        const query = { do: 'respond', bare: 1, header, item: ['one', 'two'], repeat: 100, fail: 1, pause: FAIL_PAUSE }
        const { answer } = await ask(experiment, query, { wait: CUT_WAIT })
        const aborted = answer.ending === 'cut' || (answer.ending === 'complete' && answer.head!.status >= 500)
        demand(aborted, `a failure after 300 of 1000 bytes left the client with ${describe(answer)}`)

        const sight = await failedStream(experiment)
        demand(sight !== 'left open', 'a failure in a stream without a length left the connection open')
        if (sight === 'cut' || sight === 'refused') return
        const saw = 'without a length the failure cannot be told from an end'
        if (experiment.hop.role === 'app') {
          demand(sight === 'ended by the close', 'a failure in a stream without a length was ended like a whole body')
          return { saw }
        }
        // What the application's server had not shown cannot be passed on.
        const { hops } = experiment.target
        const inner = await failedStream(experiment, hops.at(-1)!)
        demand(inner !== 'cut' && inner !== 'refused', `${saw}, although ${hops.at(-1)!.server} shows it`)
        return { saw }
      },
    },

    'error.append-text': {
      level: 'MAY',
      cites: ERROR_HANDLING,
      says:
        'If a partial response has already been written to the browser when an application error occurs, the server or ' +
        'gateway may attempt to add an error message to the output, if the already-sent headers indicate a text/* ' +
        'content type that the server knows how to modify cleanly.',
      experiment:
        'Has the application fail after a block of text/plain and after one of application/octet-stream, and looks at ' +
        'what follows the block.',
      applies: atApp,
      async check(experiment) {
        const other = await appended(experiment, 'application/octet-stream')
        const shown = JSON.stringify(other?.slice(0, 80))
        demand((other ?? '') === '', `an error message was added to an application/octet-stream: ${shown}`)
        const text = await appended(experiment, 'text/plain; charset=utf-8')
        if (text === undefined) return { saw: 'an application that fails after its first block gets a 5xx' }
        return { saw: text === '' ? 'no error message is added to text' : 'an error message is added to text' }
      },
    },
  },
} satisfies Suite
