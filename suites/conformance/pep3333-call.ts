import { z } from 'zod'
import { ask, data, Environ } from '../judging/probe.ts'
import { describe } from '../judging/answer.ts'
import { atApp, demand, type Experiment, type Setting, type Suite } from './index.ts'
import type { Exchange, Query, Shape } from '../judging/probe.ts'

const CALLING = 'PEP 3333, Specification Details'
/** The kinds of callable beside the function. */
const KINDS = {
  method: 'a bound method',
  class: 'a class',
  instance: 'an instance with __call__',
  partial: 'a functools.partial',
} as const satisfies Partial<Record<Setting, string>>
/** Enough for two requests to meet in one of a few worker processes. */
const MEETINGS = 8
const ERROR_LINES = 4

const Given = z.object({ positional: z.number(), named: z.array(z.string()) })
const Left = z.object({ left: z.array(z.string()), missing: z.array(z.string()), pid: z.number() })

/** Demands that the probe answered, in full, with this body; says what came instead. */
function demandBody(what: string, { answer, proven: fromProbe }: Exchange, body: string): void {
  demand(fromProbe && answer.ending === 'complete', `${what} got ${describe(answer)}`)
  const got = answer.body.toString('latin1')
  demand(got === body, `${what} got the body ${JSON.stringify(got)}, not ${JSON.stringify(body)}`)
}

/** What a request found in its environ, which must be nothing of what an earlier one did to its own. */
function untouched(asked: Exchange, later: boolean): z.infer<typeof Left> {
  const { answer, proven: fromProbe } = asked
  demand(fromProbe || !later, `after an application had changed its environ, the next request got ${describe(answer)}`)
  const found = data(Left, asked)
  demand(
    found.left.length === 0,
    `what one request put into its environ was in a later one's: ${found.left.join(', ')}`,
  )
  demand(found.missing.length === 0, `what one request deleted was missing later: ${found.missing.join(', ')}`)
  return found
}

/** The server with its application as another kind of callable; undefined when nobody set that up. */
async function withCallable(experiment: Experiment, kind: keyof typeof KINDS): Promise<Experiment | undefined> {
  try {
    if ((await experiment.target.redeployed!(kind)) === undefined) return undefined
  } catch (error) {
    experiment.signal.throwIfAborted()
    // With a function it came up, so that the kind of callable is what it could not do with.
    const said = error instanceof Error ? error.message : String(error)
    demand(false, `with ${KINDS[kind]} as application: ${said.split('\n').slice(0, ERROR_LINES).join('\n')}`)
  }
  return experiment.redeployed(kind)
}

export default {
  name: 'pep3333-call',
  title: 'PEP 3333: calling the application, and what it is given',
  clauses: {
    'call.positional-args': {
      level: 'MUST',
      cites: CALLING,
      says:
        'A server or gateway must invoke the application object using positional (not keyword) arguments. (E.g. by ' +
        'calling result = application(environ, start_response) as shown above.)',
      experiment: 'The application takes any arguments and answers with how many it was given, and which by name.',
      applies: atApp,
      async check(experiment) {
        const { positional, named } = data(Given, await ask(experiment, { do: 'given' }))
        const shown = named.length > 0 ? ` and ${named.join(', ')} by name` : ''
        demand(
          positional === 2 && named.length === 0,
          `called with ${positional} positional arguments${shown}, instead of two positional ones`,
        )
      },
    },

    'call.any-callable': {
      level: 'MUST NOT',
      cites: 'PEP 3333, Specification Overview',
      says:
        'Throughout this specification, we will use the term "a callable" to mean "a function, method, class, or an ' +
        'instance with a __call__ method". [...] Conversely, a server, gateway, or application that is invoking a ' +
        'callable must not have any dependency on what kind of callable was provided to it.',
      experiment:
        'Starts the server with the application as a bound method, a class, an instance and a functools.partial, and asks ' +
        'each for a response, which must be the one that the function gives.',
      needs: 'method',
      applies: atApp,
      async check(experiment) {
        const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[]
        const started = await Promise.all(kinds.map(async (kind) => withCallable(experiment, kind)))
        const untried: string[] = []
        for (const [index, kind] of kinds.entries()) {
          const there = started[index]
          if (there === undefined) untried.push(KINDS[kind])
          else {
            const asked = await ask(there, { do: 'respond', status: '299 Called', item: ['one', 'two'] })
            const what = `with ${KINDS[kind]} as application, a request`
            demandBody(what, asked, 'onetwo')
            demand(asked.answer.head!.status === 299, `${what} got ${describe(asked.answer)} instead of 299`)
          }
        }
        return untried.length > 0 ? { saw: `not started with ${untried.join(', ')}` } : undefined
      },
    },

    'call.once-per-request': {
      level: 'PROSE',
      cites: 'PEP 3333, The Server/Gateway Side',
      says:
        'The server or gateway invokes the application callable once for each request it receives from an HTTP client, ' +
        'that is directed at the application.',
      experiment:
        'Sends a GET, a POST and a GET whose application raises an error, and counts how often each called the application.',
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
      experiment: 'The application tells whether the type of its environ is dict itself.',
      applies: atApp,
      async check(experiment) {
        const environ = data(Environ, await ask(experiment, { do: 'environ' }))
        demand(environ.exact, 'the type of environ is not dict itself')
      },
    },

    'environ.mutable-isolated': {
      level: 'PROSE',
      cites: CALLING,
      says:
        'This object must be a builtin Python dictionary [...], and the application is allowed to modify the dictionary ' +
        'in any way it desires.',
      experiment:
        'The application adds keys to its environ and deletes others until one of its processes is met again, on one ' +
        'connection and on several; no later request may see that. Then it empties its environ and answers.',
      applies: atApp,
      async check(experiment) {
        const pids = new Set<number>()
        for (let met = false, count = 0; !met && count < MEETINGS; count += 1) {
          const first = await ask(experiment, { do: 'leave' })
          const { pid } = untouched(first, pids.size > 0)
          met = pids.has(pid)
          pids.add(pid)
          const second = await ask(experiment, { do: 'leave' }, {}, first.connection)
          // Many servers close after each response.
          if (second.answer.head !== undefined || second.answer.ending !== 'cut') untouched(second, true)
          first.connection[Symbol.dispose]()
        }
        demandBody('an application that emptied its environ', await ask(experiment, { do: 'clear' }), 'cleared\n')
      },
    },

    'start-response.two-or-three-args': {
      level: 'PROSE',
      cites: CALLING,
      says: 'The start_response parameter is a callable accepting two required positional arguments, and one optional argument.',
      experiment:
        'The application calls start_response with two arguments, with None as the third, and with exc_info as the third ' +
        'of a first call; each time its 299 must arrive.',
      applies: atApp,
      async check(experiment) {
        const ways = {
          absent: 'two arguments',
          none: 'None as the third argument',
          error: 'exc_info in the first call',
        }
        for (const [third, what] of Object.entries(ways)) {
          const asked = await ask(experiment, { do: 'begin', third })
          demandBody(`start_response with ${what}`, asked, 'begun\n')
          const { status } = asked.answer.head!
          demand(status === 299, `start_response with ${what} and the status 299 gave ${status}`)
        }
      },
    },

    'start-response.returns-write': {
      level: 'PROSE',
      cites: CALLING,
      says:
        'The start_response callable must return a write(body_data) callable that takes one positional parameter: a ' +
        'bytestring to be written as part of the HTTP response body.',
      experiment:
        'The application writes a block through what start_response returns and returns another one; both must arrive.',
      applies: atApp,
      async check(experiment) {
        const asked = await ask(experiment, { do: 'writer' })
        demandBody('an application that calls what start_response returned', asked, 'written returned')
      },
    },
  },
} satisfies Suite
