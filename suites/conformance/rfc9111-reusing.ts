import { describe, gotValues } from '../judging/answer.ts'
import { httpDate } from '../judging/head.ts'
import { byName, demandAll } from '../judging/inputs.ts'
import { isReused } from '../judging/reuse.ts'
import {
  atCache,
  content,
  FRESH,
  PLAIN_STORED,
  requireFirst,
  visits,
  type Asked,
  type Asking,
} from '../judging/visits.ts'
import { Blocked, demand, type Experiment, type Suite } from './index.ts'

/** Requests for something else than what was stored: by what they differ, the request that is stored, and the other. */
const OTHERS: Readonly<Record<string, readonly [stored: Asking, other: Asking]>> = {
  'another query': [{ suffix: '?a=1' }, { suffix: '?a=2' }],
  'a query': [{}, { suffix: '?a=1' }],
  'no query': [{ suffix: '?a=1' }, {}],
  // RFC 3986 §6.2.3: it cannot be assumed to be equivalent to no query.
  'an empty query': [{}, { suffix: '?' }],
  'a path in other case': [{ suffix: '/a' }, { suffix: '/A' }],
  'a slash at the end': [{}, { suffix: '/' }],
  'two slashes': [{ suffix: '/a' }, { suffix: '//a' }],
  '%2F in its path': [{ suffix: '/a/b' }, { suffix: '/a%2Fb' }],
  'a parameter in its path': [{}, { suffix: ';a' }],
  'another host': [{ host: 'a.example' }, { host: 'b.example' }],
  'another port of the host': [{ host: 'a.example:8001' }, { host: 'a.example:8002' }],
  'the method POST': [{}, { method: 'POST', body: 'x' }],
  'the method PUT': [{}, { method: 'PUT', body: 'x' }],
  'the method DELETE': [{}, { method: 'DELETE' }],
  'the method OPTIONS': [{}, { method: 'OPTIONS' }],
  'an unknown method': [{}, { method: 'LAB' }],
}

/** What the second client gets of a fresh page with these fields; `Blocked` where it is not. */
async function fromStore(experiment: Experiment, ...fields: readonly string[]): Promise<Asked> {
  const { ask, again } = visits(experiment, [FRESH, ...fields])
  requireFirst(await ask())
  const second = await again(1)
  if (second.number !== 1) throw new Blocked('a fresh response with these fields is not stored')
  return second
}

/** Statuses that caches know and some that nobody does. */
const STATUSES = [
  '200 OK',
  '203 Lab',
  '204 No Content',
  '299 Lab',
  '301 Lab',
  '302 Lab',
  '404 Lab',
  '410 Lab',
  '499 Lab',
  '599 Lab',
]

export default {
  name: 'rfc9111-reusing',
  title: 'RFC 9111: what a shared cache answers from what it has stored',
  alone: true,
  clauses: {
    'cache.key-method-uri': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §4',
      says:
        'When presented with a request, a cache MUST NOT reuse a stored response unless: the presented target URI [...] and ' +
        'that of the stored response match, and the request method associated with the stored response allows it to be used ' +
        'for the presented request, [...]',
      experiment:
        'Has a page stored, then asks for others whose URI differs in query, path, host or port, and with other methods; ' +
        'also after HEAD, which must not leave an empty answer to GET.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        await demandAll(experiment, OTHERS, async (own, [stored, other], what) => {
          const reused = await isReused(own, [FRESH], stored, other)
          demand(!reused, `a request with ${what} was answered with what is stored for the one without`)
        })
        const { ask } = visits(experiment, [FRESH])
        await ask({ method: 'HEAD' })
        const { number, answer: got } = await ask()
        const isWhole = got.ending === 'complete' && got.body.toString() === content(number ?? 0)
        demand(isWhole, `after a HEAD request, GET got ${describe(got)} with ${got.body.length} bytes of content`)
      },
    },

    'cache.key-authority': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §4',
      says:
        'When presented with a request, a cache MUST NOT reuse a stored response unless: the presented target URI [...] and ' +
        'that of the stored response match, [...]',
      experiment:
        'Asks for http://b.example/ in absolute form with "Host: a.example", then for the page of a.example, and the other ' +
        'way round: neither may be given what the other got.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const absolute = { host: 'a.example', authority: 'b.example' }
        const plain = { host: 'a.example' }
        await demandAll(
          experiment,
          { 'the page of a.example': [absolute, plain], 'http://b.example/ with "Host: a.example"': [plain, absolute] },
          async (own, [stored, other], what) => {
            const reused = await isReused(own, [FRESH], stored, other)
            demand(!reused, `a request for ${what} was answered with what was stored for the other host`)
          },
        )
      },
    },

    'cache.fields-stored': {
      level: 'MUST',
      cites: 'RFC 9111 §3.1',
      says:
        'Caches MUST include all received response header fields — including unrecognized ones — when storing a response; ' +
        'this assures that new HTTP header fields can be successfully deployed.',
      experiment:
        'Has a page stored that has known, unknown and repeated fields, and looks for each in the stored answer.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const fields = [
          'Content-Type: text/plain;charset=utf-8',
          'Content-Language: de',
          'Content-Location: /lab',
          'ETag: "lab"',
          'Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT',
          'Link: </lab>; rel=next',
          'Strict-Transport-Security: max-age=1',
          'WWW-Authenticate: Basic realm="lab"',
          'X-Lab: unknown',
          'X-Repeated: a',
          'X-Repeated: b',
        ]
        const { answer: got } = await fromStore(experiment, ...fields)
        const names = [...new Set(fields.map((field) => field.split(':')[0]!))]
        const lost = names.filter((name) => {
          const sent = fields
            .filter((field) => field.startsWith(`${name}: `))
            .map((field) => field.slice(name.length + 2))
          return gotValues(got, name).join(', ') !== sent.join(', ')
        })
        demand(lost.length === 0, `a stored answer came without, or with other values of: ${lost.join(', ')}`)
      },
    },

    'cache.date-kept': {
      level: 'MUST',
      cites: 'RFC 9111 §3.1',
      says:
        'Caches MUST include all received response header fields — including unrecognized ones — when storing a response; ' +
        'this assures that new HTTP header fields can be successfully deployed.',
      experiment:
        'Has a page stored whose Date is 20 s ago, and looks at the Date of the stored answer: with a newer one it would look ' +
        'younger than it is to the caches behind.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const date = httpDate(-20)
        const { answer: got } = await fromStore(experiment, `Date: ${date}`)
        const told = gotValues(got, 'date').join(', ')
        demand(told === date, 'a stored answer came with another Date than the one it was stored with')
      },
    },

    'cache.status-kept': {
      level: 'PROSE',
      cites: 'RFC 9111 §2',
      says:
        'Proper cache operation preserves the semantics of HTTP transfers while reducing the transmission of information ' +
        'already held in the cache.',
      experiment:
        'Asks twice for fresh responses with common statuses and with such that nobody knows: none may change.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        await demandAll(experiment, byName(STATUSES), async (own, status, what) => {
          const { ask, again } = visits(own, { status, fields: [FRESH] })
          const first = await ask()
          const second = await again(first.number)
          const changed = first.answer.head?.status !== second.answer.head?.status
          demand(!changed, `a stored answer ${what} was served as ${describe(second.answer)}`)
        })
      },
    },

    'cache.hop-fields-not-stored': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §3.1',
      says:
        'Header fields that are specific to the proxy that a cache uses when forwarding a request MUST NOT be stored, unless ' +
        'the cache incorporates the identity of the proxy into the cache key. Effectively, this is limited to ' +
        'Proxy-Authenticate [...], Proxy-Authentication-Info [...], and Proxy-Authorization [...].',
      experiment: 'Asks twice for a page that has these fields, and looks for them in the stored answer.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const fields = [
          'Proxy-Authenticate: Basic realm="lab"',
          'Proxy-Authentication-Info: nextnonce="lab"',
          'Proxy-Authorization: Basic YTph',
        ]
        const { ask, again } = visits(experiment, [FRESH, ...fields])
        await ask()
        const { number, answer: got } = await again(1)
        const names = fields.map((field) => field.split(':')[0]!)
        const kept = number === 1 ? names.filter((name) => gotValues(got, name).length > 0) : []
        demand(kept.length === 0, `a stored answer came with ${kept.join(', ')}`)
      },
    },

    'cache.connection-listed-not-stored': {
      level: 'PROSE',
      cites: 'RFC 9111 §3.1',
      says:
        'The Connection header field and fields whose names are listed in it are required by Section 7.6.1 of [HTTP] to be ' +
        'removed before forwarding the message. This MAY be implemented by doing so before storage.',
      experiment:
        'Asks twice for a page whose Connection field names another field, and looks for that in the stored answer.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const { ask, again } = visits(experiment, [FRESH, 'Connection: X-Hop', 'X-Hop: for one connection'])
        await ask()
        const { number, answer: got } = await again(1)
        const leaks = number === 1 && gotValues(got, 'x-hop').length > 0
        demand(!leaks, 'a stored answer came with the field that Connection had named')
      },
    },

    'cache.trailers-not-merged': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §3.1',
      says:
        'Caches MAY either store trailer fields separate from header fields or discard them. Caches MUST NOT combine trailer ' +
        'fields with header fields.',
      experiment: 'Asks twice for a chunked page with a trailer field, and looks for that among the header fields.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const head = `HTTP/1.1 200 OK\r\n${FRESH}\r\nTrailer: X-Trailer\r\nTransfer-Encoding: chunked\r\n\r\n`
        const { ask, again } = visits(experiment, (_, number) => ({
          steps: [`${head}8\r\n${content(number)}\r\n0\r\nX-Trailer: lab\r\n\r\n`],
        }))
        for (const [what, { answer: got }] of [
          ['from the origin', await ask()],
          ['from the store', await again(1)],
        ] as const) {
          const merged = gotValues(got, 'x-trailer').length > 0
          demand(!merged, `an answer ${what} came with the trailer field among the header fields`)
        }
      },
    },
  },
} satisfies Suite
