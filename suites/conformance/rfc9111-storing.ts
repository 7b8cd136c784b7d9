import { setTimeout as sleep } from 'node:timers/promises'
import { describe, gotValues } from '../judging/answer.ts'
import { httpDate } from '../judging/head.ts'
import { ETAG, TAG } from '../judging/held.ts'
import { byName, demandAll, listed, those } from '../judging/inputs.ts'
import { sentValues } from '../judging/received.ts'
import { isReused, isReusedIfAny } from '../judging/reuse.ts'
import { atCache, FRESH, PLAIN_STORED, visits, type Asking, type Says } from '../judging/visits.ts'
import { demand, type Experiment, type Suite } from './index.ts'

const NEW_YEAR = 'Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT'
const ERRORS = ['403', '404', '405', '410', '414', '500', '501', '502', '503', '504']
/** How long is waited, in milliseconds, to see whether an error is kept. */
const KEPT = 1500

/** Demands that none of these responses, by the field lines they have, is ever used again. */
async function demandNeverReused(experiment: Experiment, pages: readonly (readonly string[])[]): Promise<void> {
  const name = (line: string): string => `"${line.replace(/^(Expires: ).*/, '$1in a minute')}"`
  const inputs = Object.fromEntries(pages.map((fields) => [fields.map(name).join(' and '), fields]))
  await demandAll(experiment, inputs, async (own, fields, what) => {
    const reused = await isReused(own, fields)
    demand(!reused, `a response with ${what} was served from the store to the next client`)
  })
}

/** Whether a response is served from the store some time later. */
async function isKept(experiment: Experiment, says: Says): Promise<boolean> {
  const { ask } = visits(experiment, says)
  const { number } = await ask()
  await sleep(KEPT, undefined, { signal: experiment.signal })
  return number !== undefined && (await ask()).number === number
}

/** What a cache may not store, whatever it says about how long it lives: the request, and how the origin answers it. */
const UNSTORABLE: Readonly<Record<string, Asking>> = {
  'an unknown method': { method: 'LAB' },
  OPTIONS: { method: 'OPTIONS' },
  PUT: { method: 'PUT', body: 'x' },
  DELETE: { method: 'DELETE' },
  POST: { method: 'POST', body: 'x' },
}

/** Statuses that may not be stored unless the response says so (RFC 9110 §15.1). */
const NOT_HEURISTIC = [
  '201 Created',
  '202 Accepted',
  '302 Found',
  '303 See Other',
  '307 Temporary Redirect',
  '400 Bad Request',
  '403 Forbidden',
  '500 Internal Server Error',
  '502 Bad Gateway',
  '503 Service Unavailable',
  '599 Lab',
]

export default {
  name: 'rfc9111-storing',
  title: 'RFC 9111: what a shared cache may store',
  alone: true,
  clauses: {
    'cache.store-conditions': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §3',
      says:
        'A cache MUST NOT store a response to a request unless: the request method is understood by the cache; [...] the ' +
        'response contains at least one of the following: a public response directive [...]; an Expires header field [...]; ' +
        'a max-age response directive [...]; if the cache is shared: an s-maxage response directive [...]; a cache extension ' +
        'that allows it to be cached [...]; or a status code that is defined as heuristically cacheable [...].',
      experiment:
        'Asks twice with methods whose responses cannot be stored, though they say max-age=60; then for responses with ' +
        'statuses that are not heuristically cacheable and nothing but Last-Modified.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        await demandAll(experiment, UNSTORABLE, async (own, asking, what) => {
          const { ask, again } = visits(own, [FRESH])
          const { number } = await ask(asking)
          if (number === undefined) return
          demand((await again(number, asking)).number !== number, `the answer to ${what} was served from the store`)
          demand((await again(number)).number !== number, `the answer to ${what} was served to a GET request`)
        })
        await demandAll(experiment, byName(NOT_HEURISTIC), async (own, status, what) => {
          const reused = await isReusedIfAny(own, { status, fields: [NEW_YEAR] })
          demand(!reused, `an answer ${what} without a word on caching was served from the store`)
        })
      },
    },

    'cache.store-304': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §3',
      says:
        'A cache MUST NOT store a response to a request unless: [...] if the response status code is 206 or 304, or the ' +
        'must-understand cache directive [...] is present: the cache understands the response status code; [...]',
      experiment:
        'A client that has the page already asks with If-None-Match, which the origin answers with 304 and max-age=60; the ' +
        'next client, who has nothing, expects the page.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const fields = [FRESH, ETAG]
        const { ask } = visits(experiment, (received) =>
          sentValues(received, 'if-none-match').length > 0 ? { status: '304 Not Modified', fields } : fields,
        )
        await ask({ fields: [`If-None-Match: ${TAG}`] })
        const { answer: got } = await ask()
        demand(got.head?.status === 200 && got.body.length > 0, `a client without conditions got ${describe(got)}`)
      },
    },

    'cache.no-store': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §5.2.2.5',
      says:
        'The no-store response directive indicates that a cache MUST NOT store any part of either the immediate request or ' +
        'the response and MUST NOT use the response to satisfy any other request.',
      experiment:
        'Asks twice for pages that say no-store: before and after other directives, in any case, in a line of its own, and ' +
        'beside Expires.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      check: (experiment) =>
        demandNeverReused(experiment, [
          ['Cache-Control: no-store'],
          ['Cache-Control: no-store, max-age=60'],
          ['Cache-Control: max-age=60, no-store'],
          ['Cache-Control: max-age=60,no-store'],
          ['Cache-Control: s-maxage=60, No-Store'],
          ['Cache-Control: public, max-age=60', 'Cache-Control: no-store'],
          ['Cache-Control: no-store', 'Cache-Control: public, max-age=60'],
          ['Cache-Control: no-store', `Expires: ${httpDate(60)}`],
        ]),
    },

    'cache.request-no-store': {
      level: 'RECORD',
      cites: 'RFC 9111 §5.2.1',
      says:
        'This section defines cache request directives. They are advisory; caches MAY implement them, but are not required ' +
        'to.',
      experiment: 'Asks with "Cache-Control: no-store", then without, and looks whether the first answer was stored.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const reused = await isReused(experiment, [FRESH], { fields: ['Cache-Control: no-store'] }, {})
        return { saw: `the answer to a request with no-store is ${reused ? 'stored all the same' : 'not stored'}` }
      },
    },

    'cache.private': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §5.2.2.7',
      says:
        'The unqualified private response directive indicates that a shared cache MUST NOT store the response (i.e., the ' +
        'response is intended for a single user).',
      experiment:
        'Asks twice for pages that say private: before and after other directives, in any case, in a line of its own.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      check: (experiment) =>
        demandNeverReused(experiment, [
          ['Cache-Control: private'],
          ['Cache-Control: private, max-age=60'],
          ['Cache-Control: max-age=60, private'],
          ['Cache-Control: max-age=60,private'],
          ['Cache-Control: max-age=60, s-maxage=60, Private'],
          ['Cache-Control: max-age=60', 'Cache-Control: private'],
          ['Cache-Control: private', 'Cache-Control: max-age=60'],
          ['Cache-Control: private', `Expires: ${httpDate(60)}`],
        ]),
    },

    'cache.private-fields': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §5.2.2.7',
      says:
        'If a qualified private response directive is present, with an argument that lists one or more field names, then ' +
        'only the listed header fields are limited to a single user: a shared cache MUST NOT store the listed header fields ' +
        'if they are present in the original response [...]',
      experiment:
        'Asks twice for a page that says private="X-Secret" and has that field: nobody else may get the field.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        await demandAll(
          experiment,
          byName([
            'Cache-Control: private="X-Secret", max-age=60',
            'Cache-Control: max-age=60, private="x-other, x-secret"',
          ]),
          async (own, line, what) => {
            const { ask, again } = visits(own, [line, 'X-Secret: for one user'])
            await ask()
            const { number, answer: got } = await again(1)
            const leaks = number === 1 && gotValues(got, 'x-secret').length > 0
            demand(!leaks, `with ${what} the next client got the field X-Secret from the store`)
          },
        )
      },
    },

    'cache.authorization': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §3.5',
      says:
        'A shared cache MUST NOT use a cached response to a request with an Authorization header field [...] to satisfy any ' +
        'subsequent request unless the response contains a Cache-Control field with a response directive [...] that allows ' +
        'it to be stored by a shared cache, and the cache conforms to the requirements of that directive for that response.',
      experiment:
        'Asks with Authorization for a page that is fresh but not public, then without it, with other credentials, and with ' +
        'the same.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const first = { fields: ['Authorization: Basic YTph'] }
        const expires = `Expires: ${httpDate(60)}`
        await demandAll(
          experiment,
          {
            'a client without credentials': [[FRESH], {}],
            'a client with other credentials': [[FRESH], { fields: ['Authorization: Basic YjpiCg=='] }],
            'a client with the same credentials': [[FRESH], first],
            'a client without credentials (of a response with Expires alone)': [[expires], {}],
          } satisfies Record<string, [string[], Asking]>,
          async (own, [fields, next], what) => {
            const reused = await isReused(own, fields, first, next)
            demand(!reused, `the stored answer to a request with Authorization was served to ${what}`)
          },
        )
      },
    },

    'cache.authorization-shared': {
      level: 'RECORD',
      cites: 'RFC 9111 §3.5',
      says:
        'In this specification, the following response directives have such an effect: must-revalidate [...], public [...], ' +
        'and s-maxage [...].',
      experiment: 'Asks with Authorization for pages that may be shared all the same, then without it.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const shared = await those(['public, max-age=60', 's-maxage=60', 'must-revalidate, max-age=60'], (directives) =>
          isReused(experiment, [`Cache-Control: ${directives}`], { fields: ['Authorization: Basic YTph'] }, {}),
        )
        return {
          saw:
            shared.length === 0
              ? 'answers to requests with Authorization are shared with no directive'
              : `answers to requests with Authorization are shared with: ${shared.join('; ')}`,
        }
      },
    },

    'cache.must-understand': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §3',
      says:
        'A cache MUST NOT store a response to a request unless: [...] if the response status code is 206 or 304, or the ' +
        'must-understand cache directive [...] is present: the cache understands the response status code; [...]',
      experiment:
        'Asks twice for responses with the statuses 299 and 599, which mean nothing to anybody, and must-understand.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        await demandAll(experiment, byName(['299 Lab', '599 Lab']), async (own, status, what) => {
          const page = { status, fields: ['Cache-Control: max-age=60, must-understand'] }
          const reused = await isReusedIfAny(own, page)
          demand(!reused, `an answer ${what} was served from the store`)
        })
      },
    },

    'cache.must-understand-stores': {
      level: 'RECORD',
      cites: 'RFC 9111 §5.2.2.3',
      says:
        'When a cache that implements the must-understand directive receives a response that includes it, the cache SHOULD ' +
        "ignore the no-store directive if it understands and implements the status code's caching requirements.",
      experiment: 'Asks twice for a page with status 200 that says must-understand, no-store and max-age=60.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const fields = ['Cache-Control: must-understand, no-store, max-age=60']
        const reused = await isReused(experiment, fields)
        return { saw: reused ? 'must-understand overrides no-store' : 'must-understand does not override no-store' }
      },
    },

    'cache.cdn-cache-control': {
      level: 'MUST NOT',
      cites: 'RFC 9213 §2.2',
      says:
        "Targeted fields that are not on a cache's target list MUST NOT change that cache's behavior and MUST be passed " +
        'through.',
      experiment:
        'Asks for pages whose CDN-Cache-Control contradicts Cache-Control, one way and the other, and so with a field that ' +
        'no cache knows: a cache follows one of them always.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const unlisted = await isReused(experiment, ['Cache-Control: no-store', 'Lab-Cache-Control: max-age=60'])
        demand(!unlisted, 'Lab-Cache-Control: max-age=60 had a response with Cache-Control: no-store stored')
        const kept = await isReused(experiment, [FRESH, 'Lab-Cache-Control: no-store'])
        demand(kept, `Lab-Cache-Control: no-store kept a response with ${FRESH} from being stored`)
        const byMaxAge = await isReused(experiment, ['Cache-Control: no-store', 'CDN-Cache-Control: max-age=60'])
        const byNoStore = !(await isReused(experiment, [FRESH, 'CDN-Cache-Control: no-store']))
        demand(
          byMaxAge === byNoStore,
          byMaxAge
            ? 'CDN-Cache-Control: max-age=60 overrode Cache-Control: no-store, but its no-store was not obeyed'
            : `CDN-Cache-Control: no-store overrode ${FRESH}, but its max-age was not obeyed`,
        )
        if (byMaxAge) return { saw: 'CDN-Cache-Control is followed' }
        const { ask } = visits(experiment, [FRESH, 'CDN-Cache-Control: max-age=5'])
        for (const what of ['from the origin', 'from the store']) {
          const { answer: got } = await ask()
          const passed = gotValues(got, 'cdn-cache-control')
          demand(
            passed.join() === 'max-age=5',
            `an answer ${what} lacks the CDN-Cache-Control that nobody follows here`,
          )
        }
      },
    },

    'cache.error-caching': {
      level: 'RECORD',
      cites: 'RFC 9111 §4.2.2',
      says:
        'Since origin servers do not always provide explicit expiration times, a cache MAY assign a heuristic expiration ' +
        'time when an explicit time is not specified [...]',
      experiment:
        'Asks twice, 1.5 s apart, for error responses that say nothing of how long they live, and for such that say a minute.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const stored = async (fields: readonly string[]): Promise<string> => {
          const kept = await those(ERRORS, (status) => isKept(experiment, { status: `${status} Lab`, fields }))
          return kept.length === ERRORS.length ? 'all' : listed(kept)
        }
        const [unlabelled, dated, labelled] = await Promise.all([stored([]), stored([NEW_YEAR]), stored([FRESH])])
        return {
          saw:
            `of ${ERRORS.join(', ')} kept for 1.5 s or more: without a lifetime ${unlabelled}; with Last-Modified alone ` +
            `${dated}; with max-age=60 ${labelled}`,
        }
      },
    },
  },
} satisfies Suite
