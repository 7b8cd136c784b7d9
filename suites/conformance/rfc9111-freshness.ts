import { httpDate } from '../judging/head.ts'
import { AGED, cacheControl, demandFresh, demandStale, revisit, type Responses } from '../judging/reuse.ts'
import { atCache, PLAIN_STORED } from '../judging/visits.ts'
import type { Suite } from './index.ts'

const HOUR = 3600
const YEAR = 365 * 24 * HOUR
const NO_EXPIRES = { saw: 'not even Expires in the usual form makes a response be reused' }
const LONG_DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** A response that was made just now, with this Expires. */
const expiring = (expires: string): readonly string[] => [`Date: ${httpDate()}`, `Expires: ${expires}`]

/**
 * A response that expires in most of a day and is two hours old already: older than what caches make up for a response
 * that says nothing, so that its Expires alone can make it fresh.
 */
const living = (form = (at: string): string => at): readonly string[] => [
  ...expiring(form(httpDate(20 * HOUR))),
  'Age: 7200',
]

/** The same field lines in both orders. */
function bothOrders(name: string, one: string, other: string): Responses {
  return { [name]: [one, other], [`${name}, in the other order`]: [other, one] }
}

type Parts = [day: string, date: string, month: string, year: string, time: string]

/** A date in the obsolete form of RFC 850: `Sunday, 06-Nov-94 08:49:37 GMT`. */
function rfc850(at: string): string {
  const [short, day, month, year, time] = at.split(/,? /) as Parts
  const long = LONG_DAYS.find((name) => name.startsWith(short))
  return `${long}, ${day}-${month}-${year.slice(2)} ${time} GMT`
}

/** A date in the obsolete form of C's asctime: `Sun Nov  6 08:49:37 1994`. */
function asctime(at: string): string {
  const [short, day, month, year, time] = at.split(/,? /) as Parts
  return `${short} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`
}

export default {
  name: 'rfc9111-freshness',
  title: 'RFC 9111: how long a cache takes a response for fresh',
  alone: true,
  clauses: {
    'cache.s-maxage-wins': {
      level: 'MUST',
      cites: 'RFC 9111 §5.2.2, §5.2.2.10',
      says:
        'A cache MUST obey the Cache-Control directives defined in this section. [...] The s-maxage response directive ' +
        'indicates that, for a shared cache, the maximum age specified by this directive overrides the maximum age ' +
        'specified by either the max-age directive or the Expires header field.',
      experiment:
        'Has responses say s-maxage=1 or s-maxage=0 beside a longer max-age or Expires, and asks again when that is over: ' +
        'the origin must be asked.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        await demandStale(experiment, cacheControl('max-age=60, s-maxage=0', 's-maxage=0, max-age=60'))
        const lines = ['Cache-Control: max-age=60', 'Cache-Control: s-maxage=1'] as const
        const over = {
          ...cacheControl('max-age=60, s-maxage=1', 's-maxage=1, max-age=60'),
          ...bothOrders('max-age=60 and s-maxage=1 in fields of their own', ...lines),
          ...bothOrders('s-maxage=1 and Expires in an hour', 'Cache-Control: s-maxage=1', `Expires: ${httpDate(HOUR)}`),
        }
        const [longer] = await Promise.all([
          revisit(experiment, ['Cache-Control: max-age=0, s-maxage=60']),
          demandStale(experiment, over, AGED),
        ])
        // Nothing makes a cache reuse what it may.
        if (!longer.reused) return { saw: 'obeyed where it is shorter; max-age=0, s-maxage=60 is not reused' }
      },
    },

    'cache.max-age-over-expires': {
      level: 'MUST',
      cites: 'RFC 9111 §5.3',
      says:
        'If a response includes a Cache-Control header field with the max-age directive [...], a recipient MUST ignore the ' +
        'Expires header field. Likewise, if a response includes the s-maxage directive [...], a shared cache recipient ' +
        'MUST ignore the Expires header field.',
      experiment:
        'Has responses say max-age or s-maxage beside an Expires that says otherwise, later or earlier, in both orders, and ' +
        'asks again: Expires may change nothing.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const past = `Expires: ${httpDate(-HOUR)}`
        await demandFresh(experiment, {
          ...bothOrders('max-age=60 and Expires an hour ago', 'Cache-Control: max-age=60', past),
          ...bothOrders('max-age=60 and "Expires: 0"', 'Cache-Control: max-age=60', 'Expires: 0'),
          ...bothOrders('s-maxage=60 and Expires an hour ago', 'Cache-Control: s-maxage=60', past),
        })
        const future = `Expires: ${httpDate(HOUR)}`
        const late = bothOrders('max-age=1 and Expires in an hour', 'Cache-Control: max-age=1', future)
        await demandStale(experiment, late, AGED)
      },
    },

    'cache.expires': {
      level: 'PROSE',
      cites: 'RFC 9111 §5.3',
      says: 'The "Expires" response header field gives the date/time after which the response is considered stale.',
      experiment:
        'Has responses expire an hour ago and a second from now, and asks again at once and when that is over: the origin ' +
        'must be asked.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        await demandStale(experiment, { 'Expires an hour ago': expiring(httpDate(-HOUR)) })
        await demandStale(experiment, { 'Expires a second after its Date': expiring(httpDate(1)) }, AGED)
      },
    },

    'cache.expires-minus-date': {
      level: 'PROSE',
      cites: 'RFC 9111 §4.2.1',
      says:
        'If the Expires response header field (Section 5.3) is present, use its value minus the value of the Date response ' +
        'header field (using the time the message was received if it is not present, as per Section 6.6.1 of [HTTP])',
      experiment:
        'Has an origin whose clock is an hour ahead send a response that expires a second after its Date, and asks again ' +
        'when a second is over: the origin must be asked.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const ahead = [`Date: ${httpDate(HOUR)}`, `Expires: ${httpDate(HOUR + 1)}`]
        await demandStale(experiment, { 'Date in an hour and Expires a second after that': ahead }, AGED)
      },
    },

    'cache.expires-invalid': {
      level: 'MUST',
      cites: 'RFC 9111 §5.3',
      says:
        'A cache recipient MUST interpret invalid date formats, especially the value "0", as representing a time in the ' +
        'past (i.e., "already expired").',
      experiment:
        'Has responses say "Expires: 0", "-1" and other things that are no date, with and without a Last-Modified of a year ' +
        'ago, and asks again at once: the origin must be asked.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const year = new Date().getUTCFullYear() + 1
        const invalid = [
          '0',
          '-1',
          '',
          'tomorrow',
          `${year}-01-01T00:00:00Z`,
          `Thu, 99 Foo ${year} 99:99:99 GMT`,
          '3600',
        ]
        const bare = invalid.map((value) => [`"Expires: ${value}"`.replace(String(year), 'YEAR'), expiring(value)])
        await demandStale(experiment, {
          ...(Object.fromEntries(bare) as Responses),
          '"Expires: 0" and Last-Modified a year ago': [...expiring('0'), `Last-Modified: ${httpDate(-YEAR)}`],
        })
      },
    },

    'cache.expires-zone': {
      level: 'SHOULD',
      cites: 'RFC 9111 §4.2',
      says:
        'A cache recipient SHOULD consider a date with a zone abbreviation other than "GMT" to be invalid for calculating ' +
        'expiration.',
      experiment:
        'Has responses expire in a day by the time of EST, CET and UTC, and asks again at once: the origin must be asked.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const zones = ['EST', 'CET', 'UTC'].map((zone) => [
          `Expires in a day by ${zone}`,
          expiring(httpDate(24 * HOUR).replace('GMT', zone)),
        ])
        await demandStale(experiment, Object.fromEntries(zones) as Responses)
      },
    },

    'cache.date-formats': {
      level: 'MUST',
      cites: 'RFC 9110 §5.6.7',
      says: 'A recipient that parses a timestamp value in an HTTP field MUST accept all three HTTP-date formats.',
      experiment:
        'Has responses expire in a day by a date in each form of RFC 9110: where one is reused all must be. An hour ago in ' +
        'an obsolete form must be stale.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const plain = await revisit(experiment, living())
        await demandStale(experiment, {
          'Expires an hour ago in the form of RFC 850': expiring(rfc850(httpDate(-HOUR))),
          'Expires an hour ago in the form of asctime': expiring(asctime(httpDate(-HOUR))),
        })
        if (!plain.reused) return NO_EXPIRES
        await demandFresh(experiment, {
          'Expires in a day in the form of RFC 850': living(rfc850),
          'Expires in a day in the form of asctime': living(asctime),
        })
      },
    },

    'cache.date-case': {
      level: 'SHOULD',
      cites: 'RFC 9111 §4.2',
      says:
        'Although all date formats are specified to be case-sensitive, a cache recipient SHOULD match the field value ' +
        'case-insensitively.',
      experiment:
        'Has responses expire in a day by a date in lower and in upper case: where the usual form is reused these must be.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const plain = await revisit(experiment, living())
        if (!plain.reused) return NO_EXPIRES
        await demandFresh(experiment, {
          'Expires in a day in lower case': living((at) => at.toLowerCase()),
          'Expires in a day in upper case': living((at) => at.toUpperCase()),
        })
      },
    },

    'cache.first-value': {
      level: 'PROSE',
      cites: 'RFC 9111 §4.2.1',
      says:
        'When there is more than one value present for a given directive (e.g., two Expires header field lines or multiple ' +
        'Cache-Control: max-age directives), either the first occurrence should be used or the response should be ' +
        'considered stale.',
      experiment:
        'Has responses say max-age=1, s-maxage=1 or a past Expires first and a longer life after that, and asks again when ' +
        'the first is over: the origin must be asked.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const twice = ['Cache-Control: max-age=1', 'Cache-Control: max-age=3600']
        const expires = [`Expires: ${httpDate(-HOUR)}`, `Expires: ${httpDate(HOUR)}`]
        await demandStale(experiment, { 'Expires an hour ago and another in an hour': expires })
        const directives = cacheControl('max-age=1, max-age=3600', 's-maxage=1, s-maxage=3600')
        await demandStale(
          experiment,
          { ...directives, 'max-age=1 and max-age=3600 in fields of their own': twice },
          AGED,
        )
      },
    },

    'cache.directive-case': {
      level: 'PROSE',
      cites: 'RFC 9111 §5.2',
      says: 'Cache directives are identified by a token, to be compared case-insensitively',
      experiment:
        'Has responses say MAX-AGE, S-MaxAge, No-Cache and NO-STORE where these shorten a life, and asks again when it is ' +
        'over: the origin must be asked.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        await demandStale(
          experiment,
          cacheControl('No-Cache, max-age=60', 'max-age=60, NO-STORE', 'max-age=60, S-MaxAge=0'),
        )
        const expires = ['Cache-Control: MAX-AGE=1', `Expires: ${httpDate(HOUR)}`]
        await demandStale(experiment, { '"Cache-Control: MAX-AGE=1" and Expires in an hour': expires }, AGED)
      },
    },

    'cache.delta-overflow': {
      level: 'MUST',
      cites: 'RFC 9111 §1.2.2',
      says:
        'If a cache receives a delta-seconds value greater than the greatest integer it can represent, or if any of its ' +
        'subsequent calculations overflows, the cache MUST consider the value to be 2147483648 (2^31) or the greatest ' +
        'positive integer it can conveniently represent.',
      experiment:
        'Has responses say a max-age of 2 to the power of 31, 32, 63 and 64, one more, and more than that: two seconds later ' +
        'they must be reused as one of a minute is.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const powers = [31n, 32n, 63n, 64n].flatMap((bits) => [2n ** bits, 2n ** bits + 1n])
        const long = [...powers, 10n ** 25n].map((seconds) => `max-age=${seconds}`)
        // Older than what caches make up for a response that says nothing.
        const responses = long.map((each) => [each, [`Cache-Control: ${each}`, 'Age: 7200']])
        await demandFresh(experiment, Object.fromEntries(responses) as Responses, AGED)
      },
    },

    'cache.no-heuristic': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §4.2.2',
      says:
        'A cache MUST NOT use heuristics to determine freshness when an explicit expiration time is present in the stored ' +
        'response.',
      experiment:
        'Has responses live for a second by max-age, s-maxage and Expires though last modified a year ago, and asks again ' +
        'when that is over: the origin must be asked.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const old = `Last-Modified: ${httpDate(-YEAR)}`
        const responses = {
          'max-age=1 and Last-Modified a year ago': ['Cache-Control: max-age=1', old],
          's-maxage=1 and Last-Modified a year ago': ['Cache-Control: s-maxage=1', old],
          'Expires in a second and Last-Modified a year ago': [...expiring(httpDate(1)), old],
        }
        await demandStale(experiment, responses, AGED)
      },
    },
  },
} satisfies Suite
