import { describe, gotValues, type Answer } from '../judging/answer.ts'
import { httpDate } from '../judging/head.ts'
import { ETAG, evaluates, held, LAST_MODIFIED, MODIFIED, page, TAG, type Held } from '../judging/held.ts'
import { byName, demandAll } from '../judging/inputs.ts'
import { response } from '../judging/origin.ts'
import { demandPartial, isMultipart } from '../judging/partial.ts'
import { atCache, FRESH, PLAIN_STORED } from '../judging/visits.ts'
import { demand, type Experiment, type Observation, type Suite } from './index.ts'

/** A representation every part of which can be told from every other: `000 001 002 ...`. */
const WHOLE = Array.from({ length: 250 }, (_, index) => `${index}`.padStart(3, '0')).join(' ')
const LAST = WHOLE.length - 1

const FIRST_FIVE = 'Range: bytes=0-4'

const NO_RANGES: Observation = { saw: 'answers no Range from its store' }

/** Single ranges, and from where to where they are. */
const SINGLE: Readonly<Record<string, readonly [number, number]>> = {
  'bytes=0-0': [0, 0],
  'bytes=10-19': [10, 19],
  [`bytes=${LAST}-`]: [LAST, LAST],
  'bytes=100-': [100, LAST],
  'bytes=-5': [LAST - 4, LAST],
  'bytes=100-9999': [100, LAST],
  'bytes=-9999': [0, LAST],
}

/** Several ranges at once; at least one of each can be satisfied. */
const SEVERAL = ['bytes=0-4,100-104,-3', 'bytes=200-204,0-4', 'bytes=0-4,9999-']

/** Single ranges with numbers that integers of 32, 63 or 64 bits cannot hold; undefined where none is satisfied. */
const HUGE: Readonly<Record<string, readonly [number, number] | undefined>> = {
  'bytes=10-4294967300': [10, LAST],
  'bytes=10-9223372036854775820': [10, LAST],
  'bytes=10-18446744073709551630': [10, LAST],
  'bytes=4294967300-': undefined,
  'bytes=18446744073709551620-': undefined,
  'bytes=18446744073709551620-18446744073709551630': undefined,
  'bytes=-4294967300': [0, LAST],
  'bytes=-18446744073709551620': [0, LAST],
}

/** Values of If-Range that are not the strong validator of the stored response. */
const MISMATCHES: Readonly<Record<string, string>> = {
  'another entity tag': '"other"',
  'the stored entity tag marked weak': `W/${TAG}`,
  'the stored entity tag in other case': '"LAB"',
  'an earlier date': 'Sat, 05 Nov 1994 08:49:37 GMT',
  'a later date': 'Mon, 07 Nov 1994 08:49:37 GMT',
}

/** Fields that a 206 must have when a 200 has them, and those that describe the representation. */
const REQUIRED = ['Date', 'Cache-Control', 'ETag', 'Expires', 'Content-Location', 'Vary']
const DESCRIBING = ['Content-Type', 'Content-Language', 'Last-Modified']

/** Some caches make ranges only of what the origin makes ranges of. */
const RANGEABLE = 'Accept-Ranges: bytes'

const stored = (experiment: Experiment, ...fields: readonly string[]): Promise<Held> =>
  held(experiment, page([FRESH, RANGEABLE, ...fields], WHOLE))

/** Whether a cache answers the plainest range from its store with a 206. */
async function makesPartial({ ask }: Held): Promise<boolean> {
  return (await ask({ fields: [FIRST_FIVE] }))?.head?.status === 206
}

/** Whether an answer is the whole representation, as it is when Range is ignored. */
function isWhole({ ending, head, body }: Answer): boolean {
  return ending === 'complete' && head?.status === 200 && body.toString('latin1') === WHOLE
}

/** Demands that a 206 holds one part, and of the bytes from here to there at least some. */
function demandRange(answer: Answer, [first, last]: readonly [number, number], what: string): void {
  demand(!isMultipart(answer), `${what} got a 206 of several parts`)
  const [[from, to]] = demandPartial(answer, WHOLE, what) as [[number, number]]
  demand(from >= first && to <= last, `${what} got the bytes ${from}-${to}`)
}

/** The answer to a range of a stored response; undefined when that was the whole, or the origin was asked. */
async function rangeOf(experiment: Experiment, range: string): Promise<Answer | undefined> {
  const answer = await (await stored(experiment)).ask({ fields: [`Range: ${range}`] })
  return answer && !isWhole(answer) ? answer : undefined
}

export default {
  name: 'rfc9111-ranges',
  title: 'RFC 9110: ranges of stored responses',
  alone: true,
  clauses: {
    'range.single': {
      level: 'MUST',
      cites: 'RFC 9110 §15.3.7.1',
      says:
        'If a single part is being transferred, the server generating the 206 response MUST generate a Content-Range ' +
        'header field, describing what range of the selected representation is enclosed, and a content consisting of ' +
        'the range.',
      experiment:
        'Asks for single ranges of a stored response, from the beginning, the middle and the end, and compares the ' +
        'bytes.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        if (!(await makesPartial(await stored(experiment)))) return NO_RANGES
        await demandAll(experiment, SINGLE, async (own, range, what) => {
          const answer = await rangeOf(own, what)
          if (answer?.head?.status === 206) demandRange(answer, range, what)
        })
      },
    },

    'range.satisfiable': {
      level: 'SHOULD',
      cites: 'RFC 9110 §14.2',
      says:
        'If all of the preconditions are true, the server supports the Range header field for the target resource, ' +
        'the received Range field-value contains a valid ranges-specifier with a range-unit supported for that ' +
        'target resource, and that ranges-specifier is satisfiable with respect to the selected representation, the ' +
        'server SHOULD send a 206 (Partial Content) response',
      experiment:
        'Asks for single and several ranges of a stored response that can be satisfied, and expects 206, or the whole.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        if (!(await makesPartial(await stored(experiment)))) return NO_RANGES
        const ranges = [...Object.keys(SINGLE), ...SEVERAL]
        await demandAll(experiment, byName(ranges), async (own, range) => {
          const answer = await rangeOf(own, range)
          // A server may ignore Range.
          if (answer) demand(answer.head?.status === 206, `${range} of ${WHOLE.length} bytes got ${describe(answer)}`)
        })
      },
    },

    'range.206-fields': {
      level: 'MUST',
      cites: 'RFC 9110 §15.3.7',
      says:
        'A server that generates a 206 response MUST generate the following header fields, in addition to those ' +
        'required in the subsections below, if the field would have been sent in a 200 (OK) response to the same ' +
        'request: Date, Cache-Control, ETag, Expires, Content-Location, and Vary. [...] Otherwise, a sender MUST ' +
        'generate all of the representation header fields that would have been sent in a 200 (OK) response to the ' +
        'same request.',
      experiment: 'Compares the 206 from the store with the 200 from the store.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const expires = `Expires: ${httpDate(3600)}`
        const caching = [ETAG, expires, 'Content-Location: /lab', 'Vary: X-Lab']
        const describing = ['Content-Type: text/plain', 'Content-Language: en', LAST_MODIFIED]
        const { answer, ask } = await stored(experiment, ...caching, ...describing)
        const partial = await ask({ fields: [FIRST_FIVE] })
        if (partial?.head?.status !== 206) return NO_RANGES
        const whole = [...REQUIRED, ...DESCRIBING].filter((name) => gotValues(answer, name).length > 0)
        const lacking = whole.filter((name) => gotValues(partial, name).length === 0)
        demand(lacking.length === 0, `the 200 from the store has ${lacking.join(', ')}, the 206 has not`)
        // A server may date each of its answers.
        const others = whole.filter(
          (name) => name !== 'Date' && gotValues(partial, name).join() !== gotValues(answer, name).join(),
        )
        demand(others.length === 0, `the 206 has another ${others.join(', ')} than the 200 from the store`)
      },
    },

    'range.overflow': {
      level: 'MUST',
      cites: 'RFC 9110 §14.1.2',
      says:
        'Since there is no predefined limit to the length of content, recipients MUST anticipate potentially large ' +
        'decimal numerals and prevent parsing errors due to integer conversion overflows.',
      experiment:
        'Asks for ranges of a stored response with numbers beyond 32, 63 and 64 bits, as first, last and suffix, and ' +
        'expects what they mean, or the whole.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        if (!(await makesPartial(await stored(experiment)))) return NO_RANGES
        await demandAll(experiment, HUGE, async (own, range, what) => {
          const answer = await rangeOf(own, what)
          if (!answer) return
          const expected = range === undefined ? 416 : 206
          demand(answer.head?.status === expected, `${what} of ${WHOLE.length} bytes got ${describe(answer)}`)
          if (range !== undefined) demandRange(answer, range, what)
        })
      },
    },

    'range.416': {
      level: 'SHOULD',
      cites: 'RFC 9110 §15.5.17',
      says:
        'A server that generates a 416 response to a byte-range request SHOULD generate a Content-Range header field ' +
        'specifying the current length of the selected representation',
      experiment: 'Asks for a range behind the end of a stored response and looks for the length in the 416.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const { ask } = await stored(experiment)
        const answer = await ask({ fields: [`Range: bytes=${WHOLE.length}-`] })
        // Servers are free to ignore Range.
        if (!answer || isWhole(answer)) return { saw: 'answers a range behind the end without 416' }
        demand(answer.head?.status === 416, `a range behind the end got ${describe(answer)}`)
        const told = gotValues(answer, 'Content-Range').join()
        demand(
          told === `bytes */${WHOLE.length}`,
          `a 416 for ${WHOLE.length} bytes has Content-Range: ${told || '(none)'}`,
        )
      },
    },

    'range.multi': {
      level: 'MUST',
      cites: 'RFC 9110 §15.3.7.2',
      says:
        'If multiple parts are being transferred, the server generating the 206 response MUST generate ' +
        '"multipart/byteranges" content [...] and a Content-Type header field containing the "multipart/byteranges" ' +
        'media type and its required boundary parameter. [...] a server MUST NOT generate a Content-Range header ' +
        'field in the HTTP header section of a multiple part response [...]. Within the header area of each body ' +
        'part in the multipart content, the server MUST generate a Content-Range header field corresponding to the ' +
        'range being enclosed in that body part.',
      experiment: 'Asks for several ranges of a stored response at once, and compares the bytes of each part.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        let made = 0
        await demandAll(experiment, byName(SEVERAL), async (own, range) => {
          const answer = await rangeOf(own, range)
          if (answer?.head?.status !== 206) return
          demandPartial(answer, WHOLE, range)
          made += 1
        })
        return made === 0 ? { saw: 'answers several ranges at once from its store with no 206' } : undefined
      },
    },

    'ifrange.mismatch-200': {
      level: 'MUST',
      cites: 'RFC 9110 §13.1.5',
      says:
        'A recipient of an If-Range header field MUST ignore the Range header field if the If-Range condition ' +
        'evaluates to false.',
      experiment:
        'Asks for a range of a stored response with another entity tag, a weak one and other dates in If-Range, and ' +
        'expects 200.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        if (!(await makesPartial(await stored(experiment, ETAG, LAST_MODIFIED)))) return NO_RANGES
        await demandAll(experiment, MISMATCHES, async (own, value, what) => {
          const { ask } = await stored(own, ETAG, LAST_MODIFIED)
          const answer = await ask({ fields: [FIRST_FIVE, `If-Range: ${value}`] })
          if (answer) demand(isWhole(answer), `If-Range with ${what} got ${describe(answer)} instead of the whole`)
        })
      },
    },

    'ifrange.match-206': {
      level: 'SHOULD',
      cites: 'RFC 9110 §13.1.5',
      says:
        'A recipient of an If-Range header field MUST ignore the Range header field if the If-Range condition ' +
        'evaluates to false. Otherwise, the recipient SHOULD process the Range header field as requested.',
      experiment:
        'Asks for a range of a stored response with its own entity tag and its own date in If-Range, and expects 206.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        if (!(await makesPartial(await stored(experiment, ETAG, LAST_MODIFIED)))) return NO_RANGES
        const validators = { 'the stored entity tag': TAG, 'the stored date': MODIFIED }
        await demandAll(experiment, validators, async (own, value, what) => {
          const { ask } = await stored(own, value === TAG ? ETAG : LAST_MODIFIED)
          const answer = await ask({ fields: [FIRST_FIVE, `If-Range: ${value}`] })
          if (answer)
            demand(answer.head?.status === 206, `If-Range with ${what} got ${describe(answer)} instead of 206`)
        })
      },
    },

    'ifrange.weak-date': {
      level: 'MUST',
      cites: 'RFC 9110 §13.1.5',
      says:
        'If the HTTP-date validator provided is not a strong validator in the sense defined by Section 8.8.2.2, the ' +
        'condition is false. [...] A recipient of an If-Range header field MUST ignore the Range header field if the ' +
        'If-Range condition evaluates to false.',
      experiment:
        'Asks for a range of a stored response that was modified in the very second of its Date, with that date in ' +
        'If-Range, and expects 200.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const now = httpDate()
        const dated = response('200 OK', [FRESH, RANGEABLE, `Date: ${now}`, `Last-Modified: ${now}`], WHOLE)
        const found = await held(experiment, dated)
        if (!(await makesPartial(found))) return NO_RANGES
        const answer = await found.ask({ fields: [FIRST_FIVE, `If-Range: ${now}`] })
        if (answer)
          demand(isWhole(answer), `a date within the second of the Date got ${describe(answer)} instead of the whole`)
      },
    },

    'range.after-conditions': {
      level: 'PROSE',
      cites: 'RFC 9110 §14.2',
      says:
        'The Range header field is evaluated after evaluating the precondition header fields defined in Section ' +
        '13.1, and only if the result in absence of the Range header field would be a 200 (OK) response.',
      experiment:
        'Asks for a range of a stored response with its own entity tag in If-None-Match, and for one of a stored 404.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const found = await stored(experiment, ETAG)
        if (!(await makesPartial(found))) return NO_RANGES
        if (await evaluates(found, `If-None-Match: ${TAG}`)) {
          const answer = await found.ask({ fields: [`If-None-Match: ${TAG}`, FIRST_FIVE] })
          if (answer)
            demand(answer.head?.status === 304, `If-None-Match with a range got ${describe(answer)} instead of 304`)
        }
        const { ask } = await held(experiment, page([FRESH, RANGEABLE], WHOLE, '404 Not Found'))
        const answer = await ask({ fields: [FIRST_FIVE] })
        if (answer) demand(answer.head?.status === 404, `a range of a stored 404 got ${describe(answer)}`)
      },
    },

    'range.non-get-ignored': {
      level: 'MUST',
      cites: 'RFC 9110 §14.2',
      says:
        'A server MUST ignore a Range header field received with a request method that is unrecognized or for which ' +
        'range handling is not defined. For this specification, GET is the only method for which range handling is ' +
        'defined.',
      experiment: 'Asks for ranges of a stored response with HEAD, and expects what HEAD alone gets.',
      dependsOn: PLAIN_STORED,
      applies: atCache,
      async check(experiment) {
        const ranges = { 'a range': FIRST_FIVE, 'a range behind the end': 'Range: bytes=9999-' }
        await demandAll(experiment, ranges, async (own, range, what) => {
          const { page } = await stored(own)
          // The origin ignores it, so that it may have been asked as well.
          const { answer } = await page.ask({ method: 'HEAD', fields: [range] })
          demand(answer.head?.status === 200, `HEAD with ${what} got ${describe(answer)} instead of 200`)
          const length = gotValues(answer, 'Content-Length').join()
          demand(
            ['', `${WHOLE.length}`].includes(length),
            `HEAD with ${what} got Content-Length: ${length} for ${WHOLE.length} bytes`,
          )
        })
      },
    },
  },
} satisfies Suite
