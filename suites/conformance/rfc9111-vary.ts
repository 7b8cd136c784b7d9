import { demandAll, those } from '../judging/inputs.ts'
import { isReused } from '../judging/reuse.ts'
import { atCache, FRESH, PLAIN_STORED } from '../judging/visits.ts'
import { demand, type Suite } from './index.ts'

const MATCHING =
  'When a cache receives a request that can be satisfied by a stored response and that stored response contains a ' +
  'Vary header field [...], the cache MUST NOT use that stored response without revalidation unless all the ' +
  'presented request header fields nominated by that Vary field value match those fields in the original request'

/** Two requests that differ in what Vary names: its field lines, and the fields of both requests. */
type Pair = readonly [vary: readonly string[], stored: readonly string[], other: readonly string[]]

/** Requests that no stored response may answer, by how they differ from the one that it was stored for. */
const OTHERS: Readonly<Record<string, Pair>> = {
  'another value': [['Vary: X-Lab'], ['X-Lab: one'], ['X-Lab: two']],
  'a field left out': [['Vary: X-Lab'], ['X-Lab: one'], []],
  'a field more': [['Vary: X-Lab'], [], ['X-Lab: one']],
  'another value in a line more': [['Vary: X-Lab'], ['X-Lab: one'], ['X-Lab: one', 'X-Lab: two']],
  'a value in other case, which nobody knows to mean the same': [['Vary: X-Lab'], ['X-Lab: one'], ['X-Lab: ONE']],
  'another value of a field that Vary names in lower case': [['Vary: x-lab'], ['X-Lab: one'], ['X-Lab: two']],
  'another value of the second field that Vary names': [
    ['Vary: X-Lab, X-Other'],
    ['X-Lab: one', 'X-Other: one'],
    ['X-Lab: one', 'X-Other: two'],
  ],
  'another value of the field that a second line of Vary names': [
    ['Vary: X-Lab', 'Vary: X-Other'],
    ['X-Lab: one', 'X-Other: one'],
    ['X-Lab: one', 'X-Other: two'],
  ],
  'another value of the field that a first line of Vary names': [
    ['Vary: X-Lab', 'Vary: X-Other'],
    ['X-Lab: one', 'X-Other: one'],
    ['X-Lab: two', 'X-Other: one'],
  ],
}

/** Vary fields with a member that never matches. */
const STARS: Readonly<Record<string, readonly string[]>> = {
  '"Vary: *"': ['Vary: *'],
  '"Vary: *, X-Lab"': ['Vary: *, X-Lab'],
  '"Vary: X-Lab, *"': ['Vary: X-Lab, *'],
  '"Vary: X-Lab,*,X-Other"': ['Vary: X-Lab,*,X-Other'],
  '"Vary: X-Lab" and "Vary: *"': ['Vary: X-Lab', 'Vary: *'],
  '"Vary: *" and "Vary: X-Lab"': ['Vary: *', 'Vary: X-Lab'],
}

/** Requests that mean the same, or may be taken to, by how they differ. */
const ALIKE: Readonly<Record<string, Pair>> = {
  spaces: [['Vary: Accept-Language'], ['Accept-Language: de, en'], ['Accept-Language: de,en']],
  'lines that are joined': [
    ['Vary: Accept-Language'],
    ['Accept-Language: de, en'],
    ['Accept-Language: de', 'Accept-Language: en'],
  ],
  'the case of languages': [['Vary: Accept-Language'], ['Accept-Language: de, en'], ['Accept-Language: DE, en']],
  'the order of codings': [['Vary: Accept-Encoding'], ['Accept-Encoding: gzip, br'], ['Accept-Encoding: br, gzip']],
  'codings beside gzip': [['Vary: Accept-Encoding'], ['Accept-Encoding: gzip'], ['Accept-Encoding: gzip, deflate']],
  'whether gzip is accepted': [['Vary: Accept-Encoding'], ['Accept-Encoding: gzip'], []],
}

const told = (alike: readonly string[]): string =>
  alike.length === 0 ? 'when they are the same to the letter' : `when they differ in ${alike.join(', ')}`

export default {
  name: 'rfc9111-vary',
  title: 'RFC 9111: whom a stored response with Vary is for',
  alone: true,
  clauses: {
    'cache.vary-match': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §4.1',
      says: `${MATCHING} (i.e., the request that caused the cached response to be stored).`,
      experiment:
        'Has responses with Vary stored and asks again with another value, with a field more or less, with other ' +
        'names in Vary and with Vary in two lines.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        await demandAll(experiment, OTHERS, async (own, [vary, stored, other], what) => {
          const reused = await isReused(own, [FRESH, ...vary], { fields: stored }, { fields: other })
          demand(!reused, `a request with ${what} was answered with the response to another`)
        })
      },
    },

    'cache.vary-star': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §4.1',
      says:
        `${MATCHING} [...]. A stored response with a Vary header field value containing a member "*" always fails to ` +
        'match.',
      experiment: 'Asks twice in the same way for responses with "*" in Vary: alone, in lists, in one of two lines.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        await demandAll(experiment, STARS, async (own, vary, what) => {
          const reused = await isReused(own, [FRESH, ...vary], { fields: ['X-Lab: one'] })
          demand(!reused, `a response with ${what} was answered from the store to the next request`)
        })
      },
    },

    'cache.vary-normalise': {
      level: 'RECORD',
      cites: 'RFC 9111 §4.1',
      says:
        'The header fields from two requests are defined to match if and only if those in the first request can be ' +
        'transformed to those in the second request by applying any of the following: adding or removing whitespace, ' +
        "where allowed in the header field's syntax [...] combining multiple header field lines with the same field " +
        'name [...] normalizing both header field values in a way that is known to have identical semantics',
      experiment:
        'Has responses with Vary stored and asks again with the same fields, with ones that differ in spaces, lines, ' +
        'case or order, and with other codings in Accept-Encoding.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        if (!(await isReused(experiment, [FRESH, 'Vary: X-Lab'], { fields: ['X-Lab: one, two'] })))
          return { saw: 'reuses no response with Vary' }
        const alike = await those(Object.keys(ALIKE), (what) => {
          const [vary, stored, other] = ALIKE[what]!
          return isReused(experiment, [FRESH, ...vary], { fields: stored }, { fields: other })
        })
        return { saw: `takes fields that Vary names for the same ${told(alike)}` }
      },
    },
  },
} satisfies Suite
