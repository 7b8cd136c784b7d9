import { z } from 'zod'
import { ask, data, type Exchange, type Query } from '../judging/probe.ts'
import { values } from '../judging/head.ts'
import { describe } from '../judging/answer.ts'
import { atApp, demand, type Experiment, type Observation, type Suite } from './index.ts'

const FILES = 'PEP 3333, Optional Platform-Specific File Handling'
const CONTENT = '0123456789abcdefghij'
const ANSWER_WAIT = 1500
const EXTRA_WAIT = 200
/** The wrapper is optional, so that every clause about it is kept by a server without one. */
const NOT_OFFERED: Observation = { saw: 'does not offer wsgi.file_wrapper' }
/** What a file can be, in the probe's words and in ours. */
const KINDS = { file: 'a temporary file', memory: 'a BytesIO', bare: 'an object with nothing but read()' } as const
type Kind = keyof typeof KINDS

/** Has the application return what the wrapper makes of a file; undefined when the server offers none. */
async function wrapped(experiment: Experiment, kind: Kind, query: Query): Promise<Exchange | undefined> {
  // The connection is closed after it, so that bytes too many are seen without a wait.
  const shape = { fields: ['Connection: close'], wait: ANSWER_WAIT }
  const asked = await ask(experiment, { do: 'file', kind, content: CONTENT, ...query }, shape)
  const { head } = asked.answer
  return head !== undefined && values(head, 'x-wrapper').length > 0 ? undefined : asked
}

/** Demands this body of such a file; false when the server offers no wrapper. */
async function demandBody(
  experiment: Experiment,
  kind: Kind,
  how: string,
  query: Query,
  body: string,
): Promise<boolean> {
  const asked = await wrapped(experiment, kind, query)
  if (asked === undefined) return false
  const { answer } = asked
  const what = `${KINDS[kind]}${how}`
  demand(asked.proven && answer.ending === 'complete', `${what} got ${describe(answer)}`)
  const got = answer.body.toString('latin1')
  const short = (text: string): string => (text.length > 40 ? `${text.length} bytes` : JSON.stringify(text))
  demand(got === body, `${what} was sent as ${short(got)}, not ${short(body)}`)
  const extra = await asked.connection.rest(EXTRA_WAIT)
  demand(extra.length === 0, `${what} was followed by ${extra.length} bytes`)
  return true
}

/** Demands the right body of each case in turn. */
async function demandBodies(
  experiment: Experiment,
  cases: readonly (readonly [kind: Kind, how: string, query: Query, body: string])[],
): Promise<Observation | void> {
  for (const [kind, how, query, body] of cases)
    if (!(await demandBody(experiment, kind, how, query, body))) return NOT_OFFERED
}

export default {
  name: 'pep3333-file-wrapper',
  title: 'PEP 3333: wsgi.file_wrapper',
  clauses: {
    'file-wrapper.signature': {
      level: 'PROSE',
      cites: FILES,
      says:
        'If the server or gateway supplies wsgi.file_wrapper, it must be a callable that accepts one required positional ' +
        'parameter, and one optional positional parameter.',
      experiment:
        'The application calls wsgi.file_wrapper, if there is one, with a file, then with a block size as well.',
      applies: atApp,
      async check(experiment) {
        const Calls = z.object({
          offered: z.boolean(),
          calls: z.array(z.object({ arguments: z.number(), raised: z.string().nullable() })),
        })
        const { offered, calls } = data(Calls, await ask(experiment, { do: 'wrapper' }))
        if (!offered) return NOT_OFFERED
        for (const call of calls)
          demand(
            call.raised === null,
            `wsgi.file_wrapper called with ${call.arguments} arguments raised ${call.raised}`,
          )
      },
    },

    'file-wrapper.iterable': {
      level: 'MUST',
      cites: FILES,
      says: 'The callable must return an iterable object',
      experiment:
        'The application returns an iterable of its own, which gives in capitals what iterating over the wrapper of a ' +
        'temporary file gives, as middleware does.',
      dependsOn: 'file-wrapper.signature',
      applies: atApp,
      check: (experiment) =>
        demandBodies(experiment, [
          ['file', ', wrapped and iterated over by the application,', { instead: 'capitals' }, CONTENT.toUpperCase()],
        ]),
    },

    'file-wrapper.no-early-send': {
      level: 'MUST NOT',
      cites: FILES,
      says:
        'and must not perform any data transmission until and unless the server/gateway actually receives the iterable as ' +
        'a return value from the application.',
      experiment: 'The application wraps a temporary file, then returns another body; the client must get that alone.',
      dependsOn: 'file-wrapper.signature',
      applies: atApp,
      check: (experiment) =>
        demandBodies(experiment, [['file', ', wrapped but not returned,', { instead: 'other' }, 'other\n']]),
    },

    'file-wrapper.non-file': {
      level: 'MUST',
      cites: FILES,
      says:
        'Note that even if the object is not suitable for the platform API, the wsgi.file_wrapper must still return an ' +
        'iterable that wraps read() and close(), so that applications using file wrappers are portable across platforms.',
      experiment:
        'The application wraps a BytesIO and an object with nothing but read(); it returns the wrapper, then iterates over ' +
        'it itself; the content must arrive.',
      dependsOn: 'file-wrapper.signature',
      applies: atApp,
      check: (experiment) =>
        demandBodies(experiment, [
          ['memory', ', wrapped,', {}, CONTENT],
          ['bare', ', wrapped,', {}, CONTENT],
          ['memory', ', wrapped and iterated over by the application,', { instead: 'capitals' }, CONTENT.toUpperCase()],
          ['bare', ', wrapped and iterated over by the application,', { instead: 'capitals' }, CONTENT.toUpperCase()],
        ]),
    },

    'file-wrapper.close': {
      level: 'MUST',
      cites: FILES,
      says:
        'It may have a close() method, and if so, the iterable returned by wsgi.file_wrapper must have a close() method ' +
        "that invokes the original file-like object's close() method.",
      experiment:
        'The application returns the wrapper of a temporary file and of a BytesIO, or closes it itself; the events show ' +
        'whether the file was closed.',
      dependsOn: 'file-wrapper.signature',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const cases: readonly (readonly [Kind, string, Query])[] = [
          ['file', 'after its wrapper was returned', {}],
          ['memory', 'after its wrapper was returned', {}],
          ['file', 'by close() of its wrapper', { instead: 'capitals' }],
        ]
        for (const [kind, when, query] of cases) {
          const asked = await wrapped(experiment, kind, query)
          if (asked === undefined) return NOT_OFFERED
          const events = await experiment.events(asked.nonce, (seen) =>
            seen.some(({ event }) => event === 'file-close'),
          )
          if (!events.some(({ event }) => event === 'wrapped')) throw new Error('no proof that a file was wrapped')
          const closed = events.some(({ event }) => event === 'file-close')
          demand(closed, `${KINDS[kind]} was not closed ${when}`)
        }
      },
    },

    'file-wrapper.position': {
      level: 'PROSE',
      cites: FILES,
      says:
        'In other words, transmission should begin at the current position within the "file" at the time that transmission ' +
        'begins',
      experiment:
        'The application wraps a file that is not at its start: after seek(), after read(), and after a seek() that follows ' +
        'the wrapping; the rest of it must arrive.',
      dependsOn: 'file-wrapper.signature',
      applies: atApp,
      check: (experiment) =>
        demandBodies(experiment, [
          ['memory', ' from its byte 5', { seek: 5 }, CONTENT.slice(5)],
          ['file', ' from its byte 5', { seek: 5 }, CONTENT.slice(5)],
          ['file', ' from its byte 5, with Content-Length,', { seek: 5, length: 15 }, CONTENT.slice(5)],
          // What was read ahead into the file's buffer must not be left out.
          ['file', ' of which 5 bytes were read', { skip: 5 }, CONTENT.slice(5)],
          ['file', ' that was moved to byte 5 after the wrapping', { move: 5 }, CONTENT.slice(5)],
        ]),
    },

    'file-wrapper.bounded': {
      level: 'PROSE',
      cites: FILES,
      says: 'and continue until the end is reached, or until Content-Length bytes have been written.',
      experiment:
        'The application wraps 300 kB without a Content-Length, and 20 bytes with one of 10; all of the one and 10 bytes of ' +
        'the other must arrive.',
      dependsOn: 'file-wrapper.signature',
      applies: atApp,
      check: (experiment) =>
        demandBodies(experiment, [
          ['file', ' of 300 kB', { repeat: 15_000 }, CONTENT.repeat(15_000)],
          ['memory', ' of 300 kB', { repeat: 15_000, block: 1000 }, CONTENT.repeat(15_000)],
          ['file', ' of 20 bytes with a Content-Length of 10', { length: 10 }, CONTENT.slice(0, 10)],
          ['memory', ' of 20 bytes with a Content-Length of 10', { length: 10 }, CONTENT.slice(0, 10)],
        ]),
    },
  },
} satisfies Suite
