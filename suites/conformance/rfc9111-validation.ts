import { describe, gotValues } from '../judging/answer.ts'
import { ETAG, held, LAST_MODIFIED, MODIFIED, page, TAG } from '../judging/held.ts'
import { response } from '../judging/origin.ts'
import { sentValues } from '../judging/received.ts'
import { BRIEF, isConditional, NOT_VALIDATED, settled, validation } from '../judging/validation.ts'
import { atCache, FRESH, PLAIN_STORED, type Says } from '../judging/visits.ts'
import { demand, type Experiment, type Suite } from './index.ts'

const OTHER_TAG = '"other"'

/** An origin that answers what has this entity tag as a condition with this 304, and everything else with this page. */
const confirming =
  (confirmed: readonly string[], otherwise: Says): Says =>
  (received) =>
    sentValues(received, 'If-None-Match').join().includes(TAG) ? response('304 Not Modified', confirmed) : otherwise

const versions = (version: string): string => `X-Lab-Version: ${version}`

/**
 * What a cache makes of a 304 when it validates a response that has become stale: the answer that the next client gets;
 * undefined when it does not validate.
 */
async function afterNotModified(experiment: Experiment, confirmed: readonly string[], wanted: string) {
  const stored = page([ETAG, BRIEF, versions('old'), 'X-Lab-Kept: kept'])
  const { request, held } = await validation(experiment, stored, confirming(confirmed, stored))
  if (!isConditional(request)) return undefined
  const { answer } = held
  const got = await settled(held, (each) => gotValues(each, 'X-Lab-Version').join() === wanted)
  return { got, isStored: got.head?.status === 200 && got.body.equals(answer.body) }
}

export default {
  name: 'rfc9111-validation',
  title: 'RFC 9111: how caches validate what is stored',
  alone: true,
  clauses: {
    'cache.revalidate-etag': {
      level: 'MUST',
      cites: 'RFC 9111 §4.3.1',
      says:
        'When generating a conditional request for validation, a cache: MUST send the relevant entity tags (using ' +
        'If-Match, If-None-Match, or If-Range) if the entity tags were provided in the stored response(s) being ' +
        'validated.',
      experiment:
        'Asks for responses with an entity tag when they are stale, and looks for it in the request that reaches the ' +
        'origin.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const stored = {
          [ETAG]: [ETAG],
          [`ETag: W/${TAG}`]: [`ETag: W/${TAG}`],
          [`${ETAG} and Last-Modified`]: [ETAG, LAST_MODIFIED],
        }
        const asked = await Promise.all(
          Object.entries(stored).map(async ([what, fields]) => {
            const { request } = await validation(experiment, page([BRIEF, ...fields]))
            return { what, tag: fields[0]!.slice('ETag: '.length), request }
          }),
        )
        const conditional = asked.filter(({ request }) => isConditional(request))
        for (const { what, tag, request } of conditional) {
          const sent = ['If-None-Match', 'If-Match', 'If-Range'].flatMap((name) => sentValues(request, name))
          demand(
            sent.some((value) => value.includes(tag)),
            `a response with ${what} was validated without its entity tag`,
          )
        }
        return conditional.length === 0 ? NOT_VALIDATED : undefined
      },
    },

    'cache.revalidate-etag-lm': {
      level: 'SHOULD',
      cites: 'RFC 9111 §4.3.1',
      says:
        'When generating a conditional request for validation, a cache: [...] SHOULD send the Last-Modified value ' +
        '(using If-Modified-Since) if the request is not for a subrange, a single stored response is being ' +
        'validated, and that response contains a Last-Modified value.',
      experiment:
        'Asks for responses with Last-Modified when they are stale, and looks for it in the request that reaches the ' +
        'origin.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const stored = {
          'Last-Modified alone': [LAST_MODIFIED],
          'Last-Modified and an entity tag': [LAST_MODIFIED, ETAG],
        }
        const asked = await Promise.all(
          Object.entries(stored).map(async ([what, fields]) => ({
            what,
            ...(await validation(experiment, page([BRIEF, ...fields]))),
          })),
        )
        const conditional = asked.filter(({ request }) => isConditional(request))
        for (const { what, request } of conditional) {
          const sent = sentValues(request, 'If-Modified-Since').join()
          demand(sent === MODIFIED, `a response with ${what} was validated with If-Modified-Since: ${sent || '(none)'}`)
        }
        return conditional.length === 0 ? NOT_VALIDATED : undefined
      },
    },

    'cache.validates-with-own-condition': {
      level: 'MAY',
      cites: 'RFC 9111 §4.3.2',
      says:
        'When a cache decides to forward a request to revalidate its own stored responses for a request that ' +
        'contains an If-None-Match list of entity tags, the cache MAY combine the received list with a list of ' +
        'entity tags from its own stored set of responses (fresh or stale) and send the union of the two lists',
      experiment:
        'Asks for a stale response with an entity tag that the cache does not know, and looks at what reaches the ' +
        'origin.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const { request } = await validation(experiment, page([BRIEF, ETAG]), page([BRIEF, ETAG]), {
          fields: [`If-None-Match: ${OTHER_TAG}`],
        })
        const sent = sentValues(request, 'If-None-Match').join()
        const [own, theirs] = [sent.includes(TAG), sent.includes(OTHER_TAG)]
        if (own && theirs) return { saw: 'validates with its own entity tag and the client’s together' }
        if (own) return { saw: 'validates with its own entity tag alone' }
        return { saw: theirs ? 'validates with the client’s entity tag alone' : 'validates without an entity tag' }
      },
    },

    'cache.304-to-client': {
      level: 'MUST',
      cites: 'RFC 9111 §4.3.2',
      says:
        'If the response to the forwarded request is 304 (Not Modified) and has an ETag field value with an entity ' +
        "tag that is not in the client's list, the cache MUST generate a 200 (OK) response for the client by reusing " +
        'its corresponding stored response, as updated by the 304 response metadata',
      experiment:
        'Asks for a stale response without a condition, and with another entity tag, while the origin confirms the ' +
        'stored one with 304, and expects the whole 200.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const clients = {
          'a client without a condition': [],
          'a client with another entity tag': [`If-None-Match: ${OTHER_TAG}`],
        }
        const stored = page([BRIEF, ETAG])
        const confirms = confirming([ETAG, FRESH], stored)
        const asked = await Promise.all(
          Object.entries(clients).map(async ([who, fields]) => ({
            who,
            ...(await validation(experiment, stored, confirms, { fields })),
          })),
        )
        for (const { who, answer } of asked) {
          const isWhole = answer.ending === 'complete' && answer.head?.status === 200
          demand(isWhole, `${who} got ${describe(answer)} when the origin confirmed the stored response with 304`)
          demand(answer.body.toString() === 'stored', `${who} got 200 with a body that is not the stored one`)
        }
        return asked.some(({ request }) => isConditional(request)) ? undefined : NOT_VALIDATED
      },
    },

    'cache.304-updates': {
      level: 'MUST',
      cites: 'RFC 9111 §4.3.4',
      says:
        'For each stored response identified, the cache MUST update its header fields with the header fields ' +
        'provided in the 304 (Not Modified) response, as per Section 3.2.',
      experiment:
        'Lets the origin confirm a stale response with a 304 that has a field with a new value, a new field and a ' +
        'new lifetime, and looks at the answer to the next client.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const confirmed = [ETAG, FRESH, versions('new'), 'X-Lab-Added: added']
        const after = await afterNotModified(experiment, confirmed, 'new')
        if (after === undefined) return NOT_VALIDATED
        const { got, isStored } = after
        demand(isStored, `the next client got ${describe(got)} instead of the stored response`)
        const wanted = {
          'X-Lab-Version': 'new',
          'X-Lab-Added': 'added',
          'Cache-Control': 'max-age=60',
          'X-Lab-Kept': 'kept',
        }
        const wrong = Object.entries(wanted).filter(([name, value]) => gotValues(got, name).join() !== value)
        const told = wrong.map(
          ([name, value]) => `${name}: ${gotValues(got, name).join() || '(none)'} instead of ${value}`,
        )
        demand(wrong.length === 0, `after the 304 the stored response has ${told.join('; ')}`)
      },
    },

    'cache.304-of-other': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §4.3.4',
      says:
        'If the new response contains one or more strong validators [...], then each of those strong validators ' +
        'identifies a selected representation for update. [...] If none of the initial set contains at least one of ' +
        'the same strong validators, then the cache MUST NOT use the new response to update any stored responses.',
      experiment:
        'Lets the origin answer the validation of a stale response with a 304 about another entity tag, and looks ' +
        'for its fields in the answer to the next client.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const confirmed = [`ETag: ${OTHER_TAG}`, FRESH, versions('new')]
        const after = await afterNotModified(experiment, confirmed, 'new')
        if (after === undefined) return NOT_VALIDATED
        const { got, isStored } = after
        const isUpdated = isStored && gotValues(got, 'X-Lab-Version').join() === 'new'
        demand(!isUpdated, `the stored ${TAG} was given the fields of a 304 about ${OTHER_TAG}`)
      },
    },

    'cache.head-freshen': {
      level: 'SHOULD',
      cites: 'RFC 9111 §4.3.5',
      says:
        'When a cache makes an inbound HEAD request for a target URI and receives a 200 (OK) response, the cache ' +
        'SHOULD update or invalidate each of its stored GET responses that could have been chosen for that request',
      experiment:
        'Sends HEAD for a fresh response, with no-cache, and for a stale one; when it reaches the origin, which has ' +
        'another entity tag or confirms the stored one, looks at the answer to the next GET.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const [refuted, confirmed] = await Promise.all([afterOtherHead(experiment), afterSameHead(experiment)])
        demand(refuted !== 'kept', 'after a HEAD response with another entity tag the stored response was still used')
        demand(
          confirmed !== 'kept',
          'after a HEAD response with the same entity tag the stored response was not updated',
        )
        if (refuted === undefined && confirmed === undefined)
          return { saw: 'asks the origin for no HEAD of what it stores' }
      },
    },
  },
} satisfies Suite

/** What became of a fresh response when one to HEAD had another entity tag; undefined when the origin got no HEAD. */
async function afterOtherHead(experiment: Experiment): Promise<'invalid' | 'kept' | undefined> {
  const stored = await held(experiment, ({ method }) => page([FRESH, `ETag: ${method === 'HEAD' ? OTHER_TAG : TAG}`]))
  await stored.page.ask({ method: 'HEAD', fields: ['Cache-Control: no-cache', 'Pragma: no-cache'] })
  const requests = await stored.page.requests()
  if (requests.at(-1)?.method !== 'HEAD') return undefined
  return (await stored.ask({})) === undefined ? 'invalid' : 'kept'
}

/** What became of a stale response that a HEAD response confirmed; undefined when the origin got no HEAD. */
async function afterSameHead(experiment: Experiment): Promise<'updated' | 'kept' | undefined> {
  const [old, confirmed] = [page([ETAG, BRIEF, versions('old')]), page([ETAG, FRESH, versions('new')])]
  const then: Says = ({ method }) => (method === 'HEAD' ? confirmed : old)
  const { request, held } = await validation(experiment, old, then, { method: 'HEAD' })
  if (request.method !== 'HEAD' || isConditional(request)) return undefined
  const got = await settled(held, (each) => gotValues(each, 'X-Lab-Version').join() === 'new')
  return gotValues(got, 'X-Lab-Version').join() === 'new' ? 'updated' : 'kept'
}
