import { describe, gotValues } from '../judging/answer.ts'
import { ETAG, evaluates, held, hold, LAST_MODIFIED, MODIFIED, page, TAG, type Held } from '../judging/held.ts'
import { httpDate } from '../judging/head.ts'
import { demandAll } from '../judging/inputs.ts'
import { sentValues } from '../judging/received.ts'
import { relayed, requireAsked } from '../judging/relay.ts'
import { atCache, FRESH, PLAIN_STORED } from '../judging/visits.ts'
import { demand, type Observation, type Suite } from './index.ts'

const OTHER_TAG = '"other"'
const EARLIER = 'Sat, 05 Nov 1994 08:49:37 GMT'

const SHOULD_EVALUATE =
  'If a cache receives a request that can be satisfied by reusing a stored 200 (OK) or 206 (Partial Content) ' +
  'response, as per Section 4, the cache SHOULD evaluate any applicable conditional header field preconditions received in ' +
  'that request with respect to the corresponding validators contained within the stored response.'

/** Entity tags that match for If-None-Match: what is stored, and what the client names. */
const WEAK: Readonly<Record<string, readonly [stored: string, named: string]>> = {
  'W/"lab" against the stored "lab"': ['"lab"', 'W/"lab"'],
  '"lab" against the stored W/"lab"': ['W/"lab"', '"lab"'],
  'W/"lab" against the stored W/"lab"': ['W/"lab"', 'W/"lab"'],
}

/** Values of If-None-Match, as lines, that name the stored entity tag, or all. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  'a list that begins with the stored entity tag': [`If-None-Match: ${TAG}, ${OTHER_TAG}`],
  'a list that ends with it': [`If-None-Match: ${OTHER_TAG}, ${TAG}`],
  'a list without spaces': [`If-None-Match: ${OTHER_TAG},${TAG}`],
  'two lines of which the second has it': [`If-None-Match: ${OTHER_TAG}`, `If-None-Match: ${TAG}`],
  '"*"': ['If-None-Match: *'],
}

/** If-Modified-Since fields that are no HTTP-date; lenient readers take most of them for the stored one. */
const NO_DATES: Readonly<Record<string, readonly string[]>> = {
  'a word': ['If-Modified-Since: never'],
  'no value': ['If-Modified-Since:'],
  'a number': ['If-Modified-Since: 784111777'],
  'an ISO date': ['If-Modified-Since: 1994-11-06T08:49:37Z'],
  'a date without its zone': ['If-Modified-Since: Sun, 06 Nov 1994 08:49:37'],
  'a date with another zone': ['If-Modified-Since: Sun, 06 Nov 1994 08:49:37 EST'],
  'a date and more': [`If-Modified-Since: ${MODIFIED}; length=6`],
  'a list of two dates': [`If-Modified-Since: ${MODIFIED}, ${MODIFIED}`],
  'two lines': [`If-Modified-Since: ${MODIFIED}`, `If-Modified-Since: ${MODIFIED}`],
}

/** The date of the stored response in the two formats that nobody should send and everybody must read. */
const OLD_FORMATS: Readonly<Record<string, string>> = {
  'the RFC 850 format': 'Sunday, 06-Nov-94 08:49:37 GMT',
  'the asctime format': 'Sun Nov  6 08:49:37 1994',
}

/** Fields that a 304 must have when a 200 has them. */
const KEPT_IN_304 = ['Cache-Control', 'Content-Location', 'Date', 'ETag', 'Expires', 'Vary']

/** Conditions of all kinds, as clients send them; an origin that ignores them answers 200. */
const CONDITIONS: Readonly<Record<string, readonly string[]>> = {
  'If-None-Match': [`If-None-Match: ${TAG}`, `If-Modified-Since: ${MODIFIED}`],
  'If-Modified-Since': [`If-Modified-Since: ${MODIFIED}`],
  'If-Match': [`If-Match: ${OTHER_TAG}`],
  'If-Unmodified-Since': [`If-Unmodified-Since: ${EARLIER}`],
  'If-Range': [`If-Range: ${TAG}`, 'Range: bytes=0-3'],
}

/** What is told of a cache that does not evaluate conditions: then there is nothing to get wrong. */
const NOT_EVALUATED: Observation = { saw: 'leaves conditions to the origin, or ignores them' }

/** Demands this status of the stored response for a request with these fields, unless the origin was asked. */
async function demandStatus(
  { ask, answer }: Held,
  fields: readonly string[],
  status: number,
  what: string,
): Promise<void> {
  const got = await ask({ fields })
  if (got === undefined) return
  demand(got.ending === 'complete' && got.head?.status === status, `${what} got ${describe(got)} instead of ${status}`)
  demand(status === 304 || got.body.equals(answer.body), `${what} got ${status} with a body that is not the stored one`)
}

export default {
  name: 'rfc9111-conditions',
  title: 'RFC 9110 and 9111: the client’s conditions at intermediaries',
  alone: true,
  clauses: {
    'cache.evaluates-conditions': {
      level: 'SHOULD',
      cites: 'RFC 9111 §4.3.2',
      says: SHOULD_EVALUATE,
      experiment: 'Asks for a fresh stored response with its own entity tag, and with its own date, and expects 304.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const conditions = { 'If-None-Match': TAG, 'If-Modified-Since': MODIFIED }
        await demandAll(experiment, conditions, async (own, value, what) => {
          const stored = await held(own, page([FRESH, what === 'If-None-Match' ? ETAG : LAST_MODIFIED]))
          await demandStatus(stored, [`${what}: ${value}`], 304, what)
        })
      },
    },

    'cache.ims-by-date': {
      level: 'SHOULD',
      cites: 'RFC 9111 §4.3.2',
      says:
        'If a request contains an If-Modified-Since header field and the Last-Modified header field is not present ' +
        "in a stored response, a cache SHOULD use the stored response's Date field value (or, if no Date field is " +
        'present, the time that the stored response was received) to evaluate the conditional.',
      experiment:
        'Asks for a fresh stored response that has no Last-Modified, with its own Date in If-Modified-Since, and ' +
        'expects 304.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const stored = await held(experiment, page([FRESH]))
        const [date] = gotValues(stored.answer, 'Date')
        if (date === undefined) throw new Error('the stored response has no Date')
        await demandStatus(
          stored,
          [`If-Modified-Since: ${date}`],
          304,
          'If-Modified-Since with the Date of the stored response',
        )
      },
    },

    'inm.before-ims': {
      level: 'MUST',
      cites: 'RFC 9110 §13.1.3',
      says: 'A recipient MUST ignore If-Modified-Since if the request contains an If-None-Match header field',
      experiment:
        'Asks for a fresh stored response with both fields of which only one is met, and expects what If-None-Match ' +
        'says.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const stored = await held(experiment, page([FRESH, ETAG, LAST_MODIFIED]))
        if (!(await evaluates(stored, `If-None-Match: ${TAG}`))) return NOT_EVALUATED
        const both = (tag: string, date: string): readonly string[] => [
          `If-None-Match: ${tag}`,
          `If-Modified-Since: ${date}`,
        ]
        await demandStatus(stored, both(OTHER_TAG, MODIFIED), 200, 'another entity tag with the stored date')
        await demandStatus(stored, both(TAG, EARLIER), 304, 'the stored entity tag with an earlier date')
      },
    },

    'inm.weak-compare': {
      level: 'MUST',
      cites: 'RFC 9110 §13.1.2',
      says: 'A recipient MUST use the weak comparison function when comparing entity tags for If-None-Match',
      experiment:
        'Asks for fresh stored responses with entity tags that match but for W/ and expects 304, and with another.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const strong = await held(experiment, page([FRESH, ETAG]))
        if (!(await evaluates(strong, `If-None-Match: ${TAG}`))) return NOT_EVALUATED
        await demandStatus(strong, [`If-None-Match: W/${OTHER_TAG}`], 200, `W/${OTHER_TAG} against the stored ${TAG}`)
        await demandStatus(strong, ['If-None-Match: "LAB"'], 200, `"LAB" against the stored ${TAG}`)
        await demandAll(experiment, WEAK, async (own, [tag, named], what) => {
          await demandStatus(await held(own, page([FRESH, `ETag: ${tag}`])), [`If-None-Match: ${named}`], 304, what)
        })
      },
    },

    'inm.list': {
      level: 'SHOULD',
      cites: 'RFC 9111 §4.3.2',
      says:
        `${SHOULD_EVALUATE} [...] A request containing an If-None-Match header field [...] indicates that the client ` +
        'wants to validate one or more of its own stored responses in comparison to the stored response chosen by ' +
        'the cache',
      experiment:
        'Asks for a fresh stored response with lists that name its entity tag, and with "*", and expects 304.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const stored = await held(experiment, page([FRESH, ETAG]))
        if (!(await evaluates(stored, `If-None-Match: ${TAG}`))) return NOT_EVALUATED
        await demandStatus(stored, ['If-None-Match: "a", "b"'], 200, 'a list of other entity tags')
        await demandAll(experiment, LISTS, async (own, fields, what) => {
          await demandStatus(await held(own, page([FRESH, ETAG])), fields, 304, what)
        })
      },
    },

    'ims.invalid-ignored': {
      level: 'MUST',
      cites: 'RFC 9110 §13.1.3',
      says:
        'A recipient MUST ignore the If-Modified-Since header field if the received field value is not a valid ' +
        'HTTP-date, the field value has more than one member, or if the request method is neither GET nor HEAD.',
      experiment: 'Asks for a fresh stored response with dates that are none, and with two, and expects 200.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const stored = await held(experiment, page([FRESH, LAST_MODIFIED]))
        if (!(await evaluates(stored, `If-Modified-Since: ${MODIFIED}`))) return NOT_EVALUATED
        await demandAll(experiment, NO_DATES, async (own, fields, what) => {
          const stored = await held(own, page([FRESH, LAST_MODIFIED]))
          // The field may not be repeated, and what is no valid request may be refused.
          if (fields.length > 1 && (await stored.ask({ fields }))?.head?.status === 400) return
          await demandStatus(stored, fields, 200, `If-Modified-Since with ${what}`)
        })
      },
    },

    'ims.date-formats': {
      level: 'MUST',
      cites: 'RFC 9110 §5.6.7',
      says: 'A recipient that parses a timestamp value in an HTTP field MUST accept all three HTTP-date formats.',
      experiment: 'Asks for a fresh stored response with its own date in the two obsolete formats, and expects 304.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const stored = await held(experiment, page([FRESH, LAST_MODIFIED]))
        if (!(await evaluates(stored, `If-Modified-Since: ${MODIFIED}`))) return NOT_EVALUATED
        await demandAll(experiment, OLD_FORMATS, async (own, date, what) => {
          const stored = await held(own, page([FRESH, LAST_MODIFIED]))
          await demandStatus(stored, [`If-Modified-Since: ${date}`], 304, `If-Modified-Since in ${what}`)
        })
      },
    },

    '304.fields': {
      level: 'MUST',
      cites: 'RFC 9110 §15.4.5',
      says:
        'The server generating a 304 response MUST generate any of the following header fields that would have been ' +
        'sent in a 200 (OK) response to the same request: Content-Location, Date, ETag, and Vary [...] Cache-Control ' +
        'and Expires',
      experiment: 'Compares the 304 from the store with the 200 from the store.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const expires = `Expires: ${httpDate(3600)}`
        const fields = [FRESH, ETAG, expires, 'Content-Location: /lab', 'Vary: X-Lab']
        const { answer, ask } = await held(experiment, page(fields))
        const bare = await ask({ fields: [`If-None-Match: ${TAG}`] })
        if (bare?.head?.status !== 304) return NOT_EVALUATED
        const whole = KEPT_IN_304.filter((name) => gotValues(answer, name).length > 0)
        const lacking = whole.filter((name) => gotValues(bare, name).length === 0)
        demand(lacking.length === 0, `the 200 from the store has ${lacking.join(', ')}, the 304 has not`)
        // A server may date each of its answers.
        const same = (name: string): boolean =>
          name === 'Date' || gotValues(bare, name).join() === gotValues(answer, name).join()
        const others = whole.filter((name) => !same(name))
        demand(others.length === 0, `the 304 has another ${others.join(', ')} than the 200 from the store`)
      },
    },

    '304.no-other-metadata': {
      level: 'SHOULD NOT',
      cites: 'RFC 9110 §15.4.5',
      says:
        'Since the goal of a 304 response is to minimize information transfer when the recipient already has one or ' +
        'more cached representations, a sender SHOULD NOT generate representation metadata other than the above ' +
        'listed fields unless said metadata exists for the purpose of guiding cache updates',
      experiment: 'Looks for Content-Type, Content-Language and Content-Encoding in a 304 from the store.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const metadata = ['Content-Type', 'Content-Language', 'Content-Encoding']
        const fields = ['Content-Type: text/plain', 'Content-Language: en', 'Content-Encoding: lab']
        const { ask } = await held(experiment, page([FRESH, ETAG, ...fields]))
        const bare = await ask({ fields: [`If-None-Match: ${TAG}`] })
        if (bare?.head?.status !== 304) return NOT_EVALUATED
        const there = metadata.filter((name) => gotValues(bare, name).length > 0)
        demand(there.length === 0, `the 304 has ${there.join(', ')}`)
      },
    },

    'conditions.origin-only': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §4.3.2',
      says:
        'A cache MUST NOT evaluate conditional header fields that only apply to an origin server [...] the If-Match ' +
        'and If-Unmodified-Since conditional header fields are not applicable to a cache',
      experiment: 'Asks for a fresh stored response with If-Match and If-Unmodified-Since that it does not meet.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const conditions = { 'If-Match': OTHER_TAG, 'If-Unmodified-Since': EARLIER }
        await demandAll(experiment, conditions, async (own, value, what) => {
          const stored = await held(own, page([FRESH, ETAG, LAST_MODIFIED]))
          await demandStatus(stored, [`${what}: ${value}`], 200, what)
        })
      },
    },

    'conditions.only-2xx': {
      level: 'MUST',
      cites: 'RFC 9110 §13.2.1',
      says:
        'A server MUST ignore all received preconditions if its response to the same request without those ' +
        'conditions, prior to processing the request content, would have been a status code other than a 2xx ' +
        '(Successful) or 412 (Precondition Failed).',
      experiment:
        'Asks for stored errors and redirections with their own entity tag, and expects their own status again.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const statuses = { '404 Not Found': 404, '410 Gone': 410, '301 Moved Permanently': 301 }
        let stored = 0
        await demandAll(experiment, statuses, async (own, status, what) => {
          const found = await hold(own, page([FRESH, ETAG, 'Location: /lab'], 'stored', what))
          if (!found) return
          stored += 1
          await demandStatus(found, [`If-None-Match: ${TAG}`], status, `If-None-Match for a stored ${status}`)
        })
        return stored === 0 ? { saw: 'stores neither errors nor redirections' } : undefined
      },
    },

    'conditions.forwarded': {
      level: 'MUST',
      cites: 'RFC 9110 §13.2.1',
      says:
        'A server that is not the origin server for the target resource and cannot act as a cache for requests on ' +
        'the target resource MUST NOT evaluate the conditional request header fields defined by this specification, ' +
        'and it MUST forward them if the request is forwarded',
      experiment: 'Sends conditions of every kind to an origin that ignores them, and looks for them and for its 200.',
      applies: ({ role }) => role === 'proxy',
      async check(experiment) {
        const { steps } = page([ETAG, LAST_MODIFIED])()
        // All at once: whether a server looks at a body may hang on whether it is there with the head.
        const whole = { steps: [steps.join('')] }
        await demandAll(experiment, CONDITIONS, async (own, fields, what) => {
          const passage = await relayed(own, whole, { fields })
          const received = requireAsked(passage)
          const lost = fields.filter((line) => {
            const [name, value] = line.split(': ') as [string, string]
            return sentValues(received, name).join() !== value
          })
          demand(lost.length === 0, `${what}: ${lost.join(', ')} was not forwarded as sent`)
          const { answer } = passage
          const isWhole = answer.head?.status === 200 && answer.body.toString() === 'stored'
          demand(isWhole, `${what}: the origin’s 200 became ${describe(answer)}`)
        })
      },
    },
  },
} satisfies Suite
