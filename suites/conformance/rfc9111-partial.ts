import { describe } from '../judging/answer.ts'
import { ETAG } from '../judging/held.ts'
import { demandAll } from '../judging/inputs.ts'
import { response, type Reply } from '../judging/origin.ts'
import { sentValues, type Received } from '../judging/received.ts'
import { atCache, FRESH, PLAIN_STORED, visits, type Asked } from '../judging/visits.ts'
import { demand, type Suite } from './index.ts'

const INCOMPLETE = 'a body that is longer than what arrives'
/** A page of which ranges are asked for. */
const WHOLE = 'all of the page'
/** Responses that never arrive whole. */
const CUT: Readonly<Record<string, Reply>> = {
  'a body shorter than its Content-Length': {
    steps: [`HTTP/1.1 200 OK\r\n${FRESH}\r\nContent-Length: 100\r\n\r\n${INCOMPLETE}`, 'close'],
  },
  'a body shorter than its Content-Length, and a reset': {
    steps: [`HTTP/1.1 200 OK\r\n${FRESH}\r\nContent-Length: 100\r\n\r\n${INCOMPLETE}`, { wait: 50 }, 'reset'],
  },
  'a chunked body without its last chunk': {
    steps: [
      `HTTP/1.1 200 OK\r\n${FRESH}\r\nTransfer-Encoding: chunked\r\n\r\n${INCOMPLETE.length.toString(16)}\r\n${INCOMPLETE}\r\n`,
      'close',
    ],
  },
  'a chunked body that ends within a chunk': {
    steps: [`HTTP/1.1 200 OK\r\n${FRESH}\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n${INCOMPLETE}`, 'close'],
  },
}

/** An origin's answer to a request for a range of a page, or for all of it. */
function ranged(number: number, range: string | undefined): Reply {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []
  const fields = [FRESH, ETAG, 'Accept-Ranges: bytes', `X-Answer: ${number}`]
  if (first === undefined || last === undefined) return response('200 OK', fields, WHOLE)
  return response(
    '206 Partial Content',
    [...fields, `Content-Range: bytes ${first}-${last}/${WHOLE.length}`],
    WHOLE.slice(Number(first), Number(last) + 1),
  )
}

/** The origin's answer, by what was asked of it. */
const byRange = (received: Received, number: number): Reply => ranged(number, sentValues(received, 'range')[0])

/** What a request for bytes 4-6 got, in a word; throws when these are not the bytes that it said. */
function rangeIn({ answer: got }: Asked, what: string): string {
  const isPart = got.head?.status === 206
  const right = isPart ? WHOLE.slice(4, 7) : WHOLE
  const isRight = got.ending === 'complete' && (isPart || got.head?.status === 200) && got.body.toString() === right
  demand(isRight, `a request for a range of ${what} got ${describe(got)} with ${JSON.stringify(got.body.toString())}`)
  return isPart ? '206' : '200, whole'
}

export default {
  name: 'rfc9111-partial',
  title: 'RFC 9111: incomplete responses, and parts of responses, in a shared cache',
  alone: true,
  clauses: {
    'cache.partial-store': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §3.3',
      says:
        'A cache MUST NOT use an incomplete response to answer requests unless the response has been made complete, or the ' +
        'request is partial and specifies a range wholly within the incomplete response. A cache MUST NOT send a partial ' +
        'response to a client without explicitly marking it using the 206 (Partial Content) status code.',
      experiment:
        'Lets the origin cut its first answer, by length, within chunks and by a reset, and answers the next request whole; ' +
        'then answers a range with 206 and asks for all of the page, and for another range.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        await demandAll(experiment, CUT, async (own, cut, what) => {
          const { ask } = visits(own, cut, [FRESH])
          await ask()
          const { answer: got } = await ask()
          const isIncomplete = got.body.toString('latin1').startsWith(INCOMPLETE)
          demand(!isIncomplete, `after ${what} the next client got it again, as ${describe(got)}`)
          demand(got.head?.status === 200, `after ${what} the next client got ${describe(got)}`)
        })
        await demandAll(
          experiment,
          { 'a request for all of it': undefined, 'a request for another range': 'Range: bytes=5-9' },
          async (own, range, what) => {
            const { ask, again } = visits(own, byRange)
            await ask({ fields: ['Range: bytes=0-4'] })
            const { answer: got } = await again(1, range === undefined ? {} : { fields: [range] })
            const expected = got.head?.status === 206 ? WHOLE.slice(5, 10) : WHOLE
            const isRight = got.ending === 'complete' && got.body.toString() === expected
            demand(
              isRight,
              `after a 206 with bytes 0-4, ${what} got ${describe(got)} with ${JSON.stringify(got.body.toString())}`,
            )
          },
        )
      },
    },

    'cache.unasked-206': {
      level: 'MUST NOT',
      cites: 'RFC 9111 §3.3',
      says:
        'However, a cache MUST NOT store incomplete or partial-content responses if it does not support the Range and ' +
        'Content-Range header fields or if it does not understand the range units used in those fields. [...] A cache MUST ' +
        'NOT use an incomplete response to answer requests unless the response has been made complete, or the request is ' +
        'partial and specifies a range wholly within the incomplete response.',
      experiment:
        'Lets the origin answer the first request with 206 though no range was asked for, and asks then for all of the page, ' +
        'and for another range.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        await demandAll(
          experiment,
          {
            'a client that wants all of it': {},
            'a client that wants another range': { fields: ['Range: bytes=5-9'] },
          },
          async (own, next, what) => {
            const { ask, again } = visits(own, ranged(1, 'bytes=0-4'), byRange)
            await ask()
            const { answer: got } = await again(1, next)
            demand(
              got.body.toString() !== WHOLE.slice(0, 5),
              `the stored part was served to ${what}, as ${describe(got)}`,
            )
          },
        )
      },
    },

    'cache.range-from-stored': {
      level: 'MAY',
      cites: 'RFC 9111 §3.4',
      says:
        'A cache MAY combine these ranges into a single stored response, and reuse that response to satisfy later requests, ' +
        'if they all share the same strong validator and the cache complies with the client requirements in Section 15.3.7.3 ' +
        'of [HTTP].',
      experiment:
        'Asks for a range of a page that is stored, for one of a page that is not, and again for that; looks who answers, ' +
        'and whether the bytes are right.',
      applies: atCache,
      dependsOn: PLAIN_STORED,
      async check(experiment) {
        const range = { fields: ['Range: bytes=4-6'] }
        const ofStored = visits(experiment, byRange)
        await ofStored.ask()
        await ofStored.again(1)
        const before = (await ofStored.requests()).length
        const part = rangeIn(await ofStored.ask(range), 'a stored page')
        const byWhom = (await ofStored.requests()).length === before ? 'the store' : 'the origin'
        const ofNew = visits(experiment, byRange)
        rangeIn(await ofNew.ask(range), 'a page that is not stored')
        const [first] = await ofNew.requests()
        const asked =
          first === undefined || sentValues(first, 'range').length === 0 ? 'fetched whole' : 'asked of the origin'
        const next = await ofNew.again(1, range)
        rangeIn(next, 'a page that was asked for a range')
        const again = next.number === 1 ? 'comes from the store' : 'is asked of the origin again'
        return {
          saw:
            `a range of a stored page comes from ${byWhom} (${part}); of a page that is not stored it is ${asked}, and the ` +
            `next time it ${again}`,
        }
      },
    },
  },
} satisfies Suite
