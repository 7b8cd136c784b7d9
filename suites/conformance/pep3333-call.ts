import { ask, data, Environ, exchange, proven, request } from '../judging/probe.ts'
import { atApp, demand, type Experiment, type Suite } from './index.ts'
import type { Query, Shape } from '../judging/probe.ts'

const ANSWER_WAIT = 1500
const CALLING = 'PEP 3333, Specification Details'
const CLOSE_SAYS =
  'If the iterable returned by the application has a close() method, the server or gateway must call that method upon ' +
  'completion of the current request, whether the request was completed normally, or terminated early due to an ' +
  'application error during iteration or an early disconnect of the browser.'

/** Asks, whatever the answer is, and demands that the iterable was closed. */
async function demandClose(experiment: Experiment, when: string, query: Query, shape: Shape = {}): Promise<void> {
  const all = { do: 'respond', item: ['one', 'two'], uncounted: 1, ...query }
  // The client's view does not matter here, so that a response without an end is not waited for.
  const { nonce } = await ask(experiment, all, { ...shape, wait: ANSWER_WAIT })
  const events = await experiment.events(nonce, (seen) => seen.some(({ event }) => event === 'close'))
  if (!events.some(({ event }) => event === 'started')) throw new Error('no proof that the application was called')
  demand(
    events.some(({ event }) => event === 'close'),
    `close() was not called ${when}`,
  )
}

export default {
  name: 'pep3333-call',
  title: 'PEP 3333: calling the application, and its result',
  clauses: {
    'call.once-per-request': {
      level: 'PROSE',
      cites: 'PEP 3333, The Server/Gateway Side',
      says:
        'The server or gateway invokes the application callable once for each request it receives from an HTTP client, ' +
        'that is directed at the application.',
      needs: 'events',
      async check(experiment) {
        const requests: readonly (readonly [string, Query, Shape])[] = [
          ['a GET', { do: 'respond', item: 'one' }, {}],
          ['a POST', { do: 'respond', item: 'one' }, { method: 'POST', body: 'hello' }],
          // The one that a proxy would be tempted to send again.
          ['a GET whose application raised an error', { do: 'respond', fail: 'call' }, {}],
        ]
        for (const [what, query, shape] of requests) {
          const { nonce } = await ask(experiment, query, shape)
          const events = await experiment.events(nonce, (seen) => seen.length > 0)
          const calls = events.filter(({ event }) => event === 'called').length
          if (calls === 0) throw new Error(`no proof that the application was called for ${what}`)
          demand(calls === 1, `${what} called the application ${calls} times`)
        }
      },
    },

    'environ.builtin-dict': {
      level: 'MUST',
      cites: CALLING,
      says:
        'This object must be a builtin Python dictionary (not a subclass, UserDict or other dictionary emulation), and ' +
        'the application is allowed to modify the dictionary in any way it desires.',
      applies: atApp,
      async check(experiment) {
        const environ = data(Environ, await ask(experiment, { do: 'environ' }))
        demand(environ.exact, 'the type of environ is not dict itself')
      },
    },

    'iter.late-start-response': {
      level: 'MUST NOT',
      cites: CALLING,
      says:
        "However, this invocation may be performed by the iterable's first iteration, so servers must not assume that " +
        'start_response() has been called before they begin iterating over the iterable.',
      applies: atApp,
      async check(experiment) {
        const query = { do: 'respond', late: 1, status: '299 Late', item: 'body' }
        const { answer } = await ask(experiment, query)
        demand(
          answer.head?.status === 299 && answer.ending === 'complete' && answer.body.toString() === 'body',
          'start_response() in the first iteration was not accepted',
        )
      },
    },

    'iter.close-normal': {
      level: 'MUST',
      cites: CALLING,
      says: CLOSE_SAYS,
      needs: 'events',
      applies: atApp,
      check: (experiment) => demandClose(experiment, 'after a complete response', {}),
    },

    'iter.close-head-and-bodyless': {
      level: 'MUST',
      cites: CALLING,
      says: CLOSE_SAYS,
      dependsOn: 'iter.close-normal',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        await demandClose(experiment, 'after a response to HEAD', {}, { method: 'HEAD' })
        await demandClose(experiment, 'after a 204', { status: '204 No Content', bare: 1 })
        await demandClose(experiment, 'after a 304', { status: '304 Not Modified', bare: 1 })
      },
    },

    'iter.close-app-error': {
      level: 'MUST',
      cites: CALLING,
      says: CLOSE_SAYS,
      dependsOn: 'iter.close-normal',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        await demandClose(experiment, 'when the first iteration raised an error', { fail: 0 })
        await demandClose(experiment, 'when the second iteration raised an error', { fail: 1 })
      },
    },

    'iter.close-disconnect': {
      level: 'MUST',
      cites: CALLING,
      says: CLOSE_SAYS,
      needs: 'events',
      async check(experiment) {
        const nonce = experiment.nonce()
        const connection = await experiment.connect()
        // A megabyte in a second: more than the sockets between the client and the application can hold.
        const blocks = Array.from({ length: 16 }, () => 'x')
        const query = { do: 'respond', item: blocks, repeat: 65536, pause: 0.06 }
        connection.send(request(experiment.hop, nonce, query))
        if (!(await connection.heard(4000))) proven(await exchange(nonce, connection, { wait: 0 }))
        connection[Symbol.dispose]()
        // A server may go on to the end of the response before it calls close(): the rule says when, not how soon.
        const events = await experiment.events(nonce, (seen) => seen.some(({ event }) => event === 'close'), 6000)
        if (!events.some(({ event }) => event === 'started'))
          throw new Error('no proof that the application was called')
        demand(
          events.some(({ event }) => event === 'close'),
          'close() was not called within 6 s of the client going away',
        )
      },
    },
  },
} satisfies Suite
