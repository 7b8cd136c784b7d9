import { gotValues } from '../judging/answer.ts'
import { listed, those } from '../judging/inputs.ts'
import { sentValues } from '../judging/received.ts'
import { isReusedIfAny } from '../judging/reuse.ts'
import { atCache, FRESH, PLAIN_STORED, visits, type Asking } from '../judging/visits.ts'
import { type Experiment, type Suite } from './index.ts'

const COOKIE = { fields: ['Cookie: session=one'] }

/** Fields from which applications take what belongs in the target: none of them is part of a cache key. */
const TAKEN_FOR_TARGET = [
  'X-Forwarded-Host',
  'X-Forwarded-Server',
  'X-Host',
  'X-HTTP-Host-Override',
  'Forwarded',
  'X-Forwarded-Scheme',
  'X-Forwarded-Proto',
  'X-Forwarded-Port',
  'X-Forwarded-Prefix',
  'X-Forwarded-For',
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-HTTP-Method-Override',
]

/** Paths of somebody's account that a cache may take for a style sheet, and an application for the account. */
const LURES = [
  '.css',
  ';x.css',
  '/x.css',
  '%2Fx.css',
  '%0Ax.css',
  '%00x.css',
  '%3Fx.css',
  '%23x.css',
  '?x.css',
  '/..%2Fx.css',
  '%2F..%2Fx.css',
]

/** Two paths that somebody on the way may take for one. */
const LOOKALIKES: readonly (readonly [one: string, other: string])[] = [
  ['/b', '/a/../b'],
  ['/b', '/a/..%2Fb'],
  ['/b', '/./b'],
  ['/b', '//b'],
  ['/b', '/%62'],
  ['/b', '/%2562'],
  ['/b', '\\b'],
  ['/b', '/B'],
  ['/a/b', '/a%2Fb'],
  ['/b', '/b/'],
  ['/b', '/b;x'],
  ['/b', '/b%00'],
  ['/b', '/b%0A'],
  ['/b', '/b%20'],
  ['/b', '/b#x'],
  ['/b', '/b%23x'],
  ['/b', '/b?'],
  ['/b?x', '/b%3Fx'],
  ['/b?x=1&y=2', '/b?y=2&x=1'],
]

/** What becomes of a page that sets a cookie when the next client asks for it. */
async function cookieOfAnother(experiment: Experiment, fields: readonly string[]): Promise<string> {
  const { ask, again } = visits(experiment, [...fields, 'Set-Cookie: session=one'])
  const { number } = await ask()
  const next = await again(number)
  if (next.number !== number) return 'not stored'
  const given = gotValues(next.answer, 'set-cookie').length > 0
  return given ? 'stored, and its cookie given to others' : 'stored without its cookie'
}

export default {
  name: 'caching-security',
  title: 'Shared caches: what of one client reaches another',
  alone: true,
  clauses: {
    'cache.set-cookie-policy': {
      level: 'RECORD',
      cites: 'RFC 9111 §7.3',
      says:
        'Note that the Set-Cookie response header field [...] does not inhibit caching; a cacheable response with a ' +
        'Set-Cookie header field can be (and often is) used to satisfy subsequent requests to caches.',
      experiment: 'One client gets a page with Set-Cookie; another asks for it, and may get the cookie of the first.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const labelled = await cookieOfAnother(experiment, [FRESH])
        const isPublic = await cookieOfAnother(experiment, ['Cache-Control: public, max-age=60'])
        const unlabelled = await cookieOfAnother(experiment, [])
        return {
          saw: `a page with Set-Cookie: max-age=60 ${labelled}; public, max-age=60 ${isPublic}; no lifetime ${unlabelled}`,
        }
      },
    },

    'cache.cookie-request-policy': {
      level: 'RECORD',
      cites: 'RFC 9111 §4',
      says:
        'When presented with a request, a cache MUST NOT reuse a stored response unless: [...] request header fields ' +
        'nominated by the stored response (if any) match those presented [...]',
      experiment:
        'Asks with a cookie for a page that is stored, and for pages that are not, of which the next client asks without it.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const hit = await isReusedIfAny(experiment, [FRESH], {}, COOKIE)
        const stored = await isReusedIfAny(experiment, [FRESH], COOKIE, {})
        const unlabelled = await isReusedIfAny(experiment, [], COOKIE, {})
        const said = [
          `a request with a cookie is answered by the ${hit ? 'store' : 'origin'}`,
          `what it gets is ${stored ? 'stored for others' : 'not stored'} when fresh`,
          `${unlabelled ? 'stored for others' : 'not stored'} when nothing is said`,
        ]
        return { saw: said.join(', ') }
      },
    },

    'cache.poison-unkeyed': {
      level: 'RECORD',
      cites: 'RFC 9111 §7.1',
      says: 'Storing malicious content in a cache can extend the reach of an attacker to affect multiple users.',
      experiment:
        'Asks with fields from which applications take host, scheme or path; what the origin answers, if it is told of ' +
        'the field, is poison for the next client who gets it.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const told = new Set<string>()
        const shared = await those(TAKEN_FOR_TARGET, async (field) => {
          const { ask, again, requests } = visits(experiment, [FRESH])
          const { number } = await ask({ fields: [`${field}: evil`] })
          const [received] = await requests()
          const isTold = received !== undefined && sentValues(received, field).some((value) => value.includes('evil'))
          if (isTold) told.add(field)
          return isTold && (await again(number)).number === number
        })
        const kept = TAKEN_FOR_TARGET.filter((field) => !told.has(field))
        return { saw: `poisonous by: ${listed(shared)}; not passed to the origin: ${listed(kept)}` }
      },
    },

    'cache.poison-body': {
      level: 'RECORD',
      cites: 'RFC 9110 §9.3.1',
      says:
        'Although request message framing is independent of the method used, content received in a GET request has no ' +
        'generally defined semantics, cannot alter the meaning or target of the request, and might lead some implementations ' +
        'to reject the request and close the connection because of its potential as a request smuggling attack [...]',
      experiment:
        'Sends GET with content, counted and chunked, and looks whether the origin sees it and who gets its answer.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const seen = async (asking: Asking): Promise<string> => {
          const { ask, again, requests } = visits(experiment, [FRESH])
          const { number } = await ask(asking)
          const [received] = await requests()
          if (received === undefined || number === undefined) return 'is refused'
          const stored =
            (await again(number)).number === number ? 'and the answer stored for others' : 'and the answer not stored'
          return `${received.body.toString().includes('evil') ? 'reaches the origin' : 'is dropped'}, ${stored}`
        }
        const counted = await seen({ body: 'evil' })
        const chunked = await seen({ fields: ['Transfer-Encoding: chunked'], body: '4\r\nevil\r\n0\r\n\r\n' })
        return {
          saw: counted === chunked ? `content of GET ${counted}` : `content of GET ${counted}; chunked it ${chunked}`,
        }
      },
    },

    'cache.deception': {
      level: 'RECORD',
      cites: 'RFC 9111 §7.3',
      says:
        'Implementation and deployment flaws [...] might lead to the caching of sensitive information (e.g., authentication ' +
        'credentials) that is thought to be private, exposing it to unauthorized parties.',
      experiment:
        'A client with a cookie is lured to its account under paths that look like a style sheet; another asks for the same ' +
        'path. Then asks for paths that are easily taken for a stored one, and looks which path the origin saw.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const leaks = (fields: readonly string[], first: Asking): Promise<readonly string[]> =>
          those(LURES, (suffix) => isReusedIfAny(experiment, fields, { ...first, suffix }, { suffix }))
        const isPrivate = await leaks(['Cache-Control: private'], COOKIE)
        const unlabelled = await leaks([], COOKIE)
        const cookieless = await leaks([], {})
        const changed = new Set<string>()
        const shared = await those(LOOKALIKES, async ([one, other]) => {
          const { nonce, ask, again, requests } = visits(experiment, [FRESH])
          await ask({ suffix: one })
          const { number } = await again(1, { suffix: other })
          const received = (await requests())[1]
          if (received !== undefined && received.target !== `/${nonce}${other}`) changed.add(other)
          return number === 1
        })
        const all = (leaked: readonly string[]): string => (leaked.length === LURES.length ? 'all' : listed(leaked))
        return {
          saw:
            `given to others: of private pages ${all(isPrivate)}, of unlabelled ones ${all(unlabelled)}, without a cookie ` +
            `${all(cookieless)}; one page for two paths: ${listed(shared.map((pair) => pair.join(' and ')))}; changed for the ` +
            `origin: ${listed(LOOKALIKES.map(([, other]) => other).filter((other) => changed.has(other)))}`,
        }
      },
    },
  },
} satisfies Suite
