import { describe } from '../judging/answer.ts'
import { held, type Held } from '../judging/held.ts'
import { byName, demandAll } from '../judging/inputs.ts'
import { response, type Reply } from '../judging/origin.ts'
import type { Received } from '../judging/received.ts'
import { atCache, FRESH, PLAIN_STORED, visits, type Asking } from '../judging/visits.ts'
import { Blocked, demand, type Experiment, type Suite } from './index.ts'

const INVALIDATE =
  'A cache MUST invalidate the target URI (Section 7.1 of [HTTP]) when it receives a non-error status code in ' +
  'response to an unsafe request method (including methods whose safety is unknown).'

/** Requests that are not safe. The last has a method that nobody knows. */
const UNSAFE: Readonly<Record<string, Asking>> = {
  POST: { method: 'POST', body: 'x' },
  PUT: { method: 'PUT', body: 'x' },
  DELETE: { method: 'DELETE' },
  PATCH: { method: 'PATCH', body: 'x' },
  'an unknown method': { method: 'LAB' },
}

/** What became of a stored response after a request: whether the next GET for it was answered from the store. */
type Fate = 'invalid' | 'kept'

/** An origin that answers GET with something fresh, and every other method with this. */
const answering =
  (status: string, ...fields: readonly string[]) =>
  ({ method }: Received): Reply =>
    method === 'GET'
      ? response('200 OK', [FRESH], 'stored')
      : response(status, fields, status.startsWith('204') ? '' : 'done')

/** What a request makes of a stored response; undefined when it was not passed on: a server may refuse a method. */
async function fate({ page }: Held, asking: Asking, again: Asking = {}): Promise<Fate | undefined> {
  const { method } = asking
  await page.ask(asking)
  const before = await page.requests()
  if (before.at(-1)?.method !== method) return undefined
  await page.ask(again)
  return (await page.requests()).length > before.length ? 'invalid' : 'kept'
}

/** What became of a stored response when the answer to a POST to another URI names it in these fields. */
async function named(experiment: Experiment, name: string, absolute: boolean): Promise<Fate | undefined> {
  let uri = ''
  const found = await held(experiment, () => answering('201 Created', `${name}: ${uri}`))
  uri = `${absolute ? experiment.hop.url.origin : ''}/${found.page.nonce}`
  return fate(found, { suffix: '?other', method: 'POST', body: 'x' })
}

export default {
  name: 'rfc9111-invalidation',
  title: 'RFC 9111: what makes stored responses invalid',
  alone: true,
  clauses: {
    'cache.invalidate-unsafe': {
      level: 'MUST',
      cites: 'RFC 9111 §4.4',
      says: INVALIDATE,
      experiment:
        'Sends POST, PUT, DELETE, PATCH and an unknown method for a stored response, to each of which the origin ' +
        'says 200, and expects the next GET to reach it; POST with 201, 204 and 303 too.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const with200 = Object.entries(UNSAFE).map(([name, asking]) => [name, { asking, status: '200 OK' }] as const)
        const posts = ['201 Created', '204 No Content', '303 See Other']
        const others = posts.map((status) => [`POST with ${status}`, { asking: UNSAFE['POST']!, status }] as const)
        const inputs = Object.fromEntries([...with200, ...others])
        await demandAll(experiment, inputs, async (own, { asking, status }, what) => {
          const after = await fate(await held(own, answering(status)), asking)
          demand(after !== 'kept', `the stored response was still used after ${what}`)
        })
      },
    },

    'cache.invalidate-variants': {
      level: 'MUST',
      cites: 'RFC 9111 §4.4',
      says:
        `${INVALIDATE} [...] Invalidate means that the cache will either remove all stored responses whose target ` +
        'URI matches the given URI or mark them as "invalid" and in need of a mandatory validation before they can ' +
        'be sent in response to a subsequent request.',
      experiment: 'Has two responses stored for one URI, with Vary, and sends a POST that matches one of them.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const [one, two] = [{ fields: ['X-Lab: one'] }, { fields: ['X-Lab: two'] }]
        const varied = ({ method }: Received): Reply =>
          method === 'GET' ? response('200 OK', [FRESH, 'Vary: X-Lab'], 'stored') : response('200 OK', [], 'done')
        const { page, ask } = await held(experiment, varied, one)
        // The first request for the other one must reach the origin, and both must be in the store then.
        if ((await ask(two)) || !(await ask(two)) || !(await ask(one)))
          return { saw: 'keeps one response for a URI at a time' }
        await page.ask({ method: 'POST', body: 'x', ...one })
        if (await ask(one)) throw new Blocked('not even the response that the POST matches is invalid after it')
        demand(
          !(await ask(two)),
          'after a POST the stored response for another value of the field that Vary names was still used',
        )
      },
    },

    'cache.invalidate-location': {
      level: 'MAY',
      cites: 'RFC 9111 §4.4',
      says:
        'A cache MAY invalidate other URIs when it receives a non-error status code in response to an unsafe request ' +
        'method (including methods whose safety is unknown). In particular, the URI(s) in the Location and ' +
        'Content-Location response header fields (if present) are candidates for invalidation',
      experiment:
        'Sends POST to another URI, lets the answer name the stored one, and looks whether the next GET reaches the ' +
        'origin.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const invalid: string[] = []
        for (const name of ['Location', 'Content-Location'])
          for (const absolute of [false, true])
            if ((await named(experiment, name, absolute)) === 'invalid')
              invalid.push(`${name} as ${absolute ? 'a URI' : 'a path'}`)
        if (invalid.length === 0) return { saw: 'invalidates nothing that Location or Content-Location names' }
        return { saw: `invalidates what is named by ${invalid.join(', ')}` }
      },
    },

    'cache.invalidate-other-origin': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §4.4',
      says:
        'However, a cache MUST NOT trigger an invalidation under these conditions if the origin (Section 4.3.1 of ' +
        '[HTTP]) of the URI to be invalidated differs from that of the target URI (Section 7.1 of [HTTP]). This ' +
        'helps prevent denial-of-service attacks.',
      experiment:
        'Lets the answer to a POST at one host name what is stored for another, in Location and Content-Location.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        await demandAll(experiment, byName(['Location', 'Content-Location']), async (own, name) => {
          const victim = { host: 'victim.example' }
          let uri = ''
          const found = await held(own, () => answering('201 Created', `${name}: ${uri}`), victim)
          uri = `http://${victim.host}/${found.page.nonce}`
          const after = await fate(
            found,
            { suffix: '?other', method: 'POST', body: 'x', host: 'attacker.example' },
            victim,
          )
          demand(after !== 'invalid', `the ${name} of a POST to another host invalidated a stored response`)
        })
      },
    },

    'cache.not-invalidate-on-error': {
      level: 'RECORD',
      cites: 'RFC 9111 §4.4',
      says: 'A "non-error response" is one with a 2xx (Successful) or 3xx (Redirection) status code.',
      experiment:
        'Sends POST, PUT and DELETE for a stored response, answers them with 403, 404 and 500, and looks whether the ' +
        'next GET reaches the origin.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const errors = { POST: '403 Forbidden', PUT: '500 Internal Server Error', DELETE: '404 Not Found' }
        const dropped: string[] = []
        for (const [method, status] of Object.entries(errors)) {
          const after = await fate(await held(experiment, answering(status)), UNSAFE[method]!)
          if (after === 'invalid') dropped.push(`${method} with ${status}`)
        }
        if (dropped.length === 0)
          return { saw: 'keeps what is stored when the answer to an unsafe request is an error' }
        return { saw: `drops what is stored after ${dropped.join(', ')}` }
      },
    },

    'cache.write-through': {
      level: 'MUST',
      cites: 'RFC 9111 §4',
      says:
        'A cache MUST write through requests with methods that are unsafe (Section 9.2.1 of [HTTP]) to the origin ' +
        'server; i.e., a cache is not allowed to generate a reply to such a request before having forwarded the ' +
        'request and having received a corresponding response.',
      experiment:
        'Sends POST, PUT, DELETE, PATCH and an unknown method twice each, with answers that say they are fresh for ' +
        'an hour, and expects both to reach the origin.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        await demandAll(experiment, UNSAFE, async (own, asking, what) => {
          const { nonce, ask, requests } = visits(own, (_, number) =>
            response('200 OK', ['Cache-Control: max-age=3600', `Content-Location: /${nonce}`], `answer ${number}`),
          )
          for (const number of [1, 2]) {
            const asked = await ask(asking)
            const reached = (await requests()).length
            // A server may refuse a method.
            if (reached === 0 && (asked.answer.head?.status ?? 0) >= 400) return
            demand(reached === number, `${number === 1 ? 'a' : 'the second'} request with ${what} was not passed on`)
            demand(
              asked.number === number,
              `a request with ${what} got ${describe(asked.answer)} that is not the answer to it`,
            )
          }
        })
      },
    },
  },
} satisfies Suite
