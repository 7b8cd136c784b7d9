import { describe, gotValues, type Answer } from '../judging/answer.ts'
import { isClosed, isServerError } from '../judging/failures.ts'
import { values } from '../judging/head.ts'
import { demandAll } from '../judging/inputs.ts'
import type { Reply } from '../judging/origin.ts'
import { sentValues } from '../judging/received.ts'
import {
  answered,
  CONTENT,
  HEAD,
  LAST_HEAD,
  plain,
  relayed,
  requireAsked,
  SHORT_WAIT,
  type Relayed,
} from '../judging/relay.ts'
import { demand, type Observation, type Suite } from './index.ts'

/**
 * What an intermediary makes of the bytes of an origin's responses. Sentences about what a proxy sends its client are quoted
 * for gateways too where an origin server, as which a gateway appears to its clients (RFC 9110 §3.7), could not send
 * anything else; an error in place of a response is always allowed, and any status of 5xx tells of one.
 */

const HELLO_IN_CHUNKS = '5\r\nhello\r\n0\r\n\r\n'
const EXTRA_WAIT = 60

/** Demands a whole response with this content, unless there is an error in its place. */
function demandContent({ answer }: Relayed, what: string, content: string): void {
  if (isServerError(answer)) return
  const isWhole = answer.ending === 'complete' && answer.head?.status === 200
  demand(isWhole, `${what} became ${describe(answer)}`)
  const body = answer.body.toString('latin1')
  demand(body === content, `${what}, which means ${JSON.stringify(content)}, became ${JSON.stringify(body)}`)
}

/** Demands that the final response has arrived whole, and as the final one. */
function demandFinal(answer: Answer, what: string): void {
  const isWhole = answer.ending === 'complete' && answer.body.toString() === CONTENT
  demand(answer.head?.status === 200 && isWhole, `${what} became ${describe(answer)}`)
}

/** Demands that no bytes follow the head of an answer without a body. */
async function demandNothingMore({ connection }: Relayed, what: string): Promise<void> {
  const extra = await connection.rest(EXTRA_WAIT)
  demand(extra.length === 0, `the head of ${what} was followed by ${extra.length} bytes`)
}

export default {
  name: 'rfc9112-upstream',
  title: 'RFC 9112 and 9110: what an intermediary makes of an origin’s responses',
  alone: true,
  clauses: {
    'framing.response-cl-te': {
      level: 'MUST',
      cites: 'RFC 9112 §6.3',
      says:
        'An intermediary that chooses to forward the message MUST first remove the received Content-Length field and ' +
        'process the Transfer-Encoding (as described below) prior to forwarding the message downstream.',
      experiment:
        'Has the origin send a chunked response with a Content-Length of another size, in either order: it must be read ' +
        'by its chunks and go on without that length, or be replaced by an error.',
      async check(experiment) {
        const fields = ['Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n']
        for (const order of [fields, fields.toReversed()]) {
          const passage = await answered(experiment, [`${LAST_HEAD}${order.join('')}\r\n${HELLO_IN_CHUNKS}`, 'close'])
          const what = 'a chunked response with "Content-Length: 3"'
          demandContent(passage, what, 'hello')
          if (isServerError(passage.answer)) continue
          const lengths = gotValues(passage.answer, 'content-length').join(' and ')
          demand(lengths !== '3' && passage.answer.problems.length === 0, `${what} kept its Content-Length`)
        }
      },
    },

    'framing.response-cl-invalid': {
      level: 'MUST',
      cites: 'RFC 9112 §6.3',
      says:
        'If a message is received without Transfer-Encoding and with an invalid Content-Length header field, then the ' +
        'message framing is invalid and the recipient MUST treat it as an unrecoverable error [...]. If it is in a ' +
        'response message received by a proxy, the proxy MUST close the connection to the server, discard the received ' +
        'response, and send a 502 (Bad Gateway) response to the client.',
      experiment: 'Has the origin send responses with Content-Lengths that are invalid: none of them may be passed on.',
      async check(experiment) {
        const invalid = ['+5', '-5', '0x5', '5a', '5 5', '', '5, 3', '5\r\nContent-Length: 3', '3\r\nContent-Length: 5']
        const named = invalid.map((length) => [`"${length.replace('\r\nContent-Length: ', '" and "')}"`, length])
        await demandAll(experiment, Object.fromEntries(named) as Record<string, string>, async (own, length, what) => {
          const { answer } = await answered(own, [`${LAST_HEAD}Content-Length: ${length}\r\n\r\nhello`, 'close'])
          const isDiscarded = isServerError(answer) || isClosed(answer)
          demand(isDiscarded, `a response with the Content-Length ${what} was passed on`)
        })
      },
    },

    'framing.head': {
      level: 'MUST NOT',
      cites: 'RFC 9110 §9.3.2',
      says: 'The HEAD method is identical to GET except that the server MUST NOT send content in the response.',
      experiment:
        'Has the origin answer HEAD with a body, counted, in chunks and neither: no byte may follow the head.',
      async check(experiment) {
        const bodies = [
          'Content-Length: 5\r\n\r\nhello',
          `Transfer-Encoding: chunked\r\n\r\n${HELLO_IN_CHUNKS}`,
          '\r\nhello',
        ]
        for (const body of bodies) {
          const passage = await answered(experiment, [`${LAST_HEAD}${body}`, 'close'], { method: 'HEAD' })
          // An error has no body either.
          demand(passage.answer.ending === 'complete', `a response to HEAD became ${describe(passage.answer)}`)
          await demandNothingMore(passage, 'a response to HEAD')
        }
      },
    },

    'framing.204-1xx': {
      level: 'MUST NOT',
      cites: 'RFC 9110 §8.6 and RFC 9112 §6.1',
      says:
        'A server MUST NOT send a Content-Length header field in any response with a status code of 1xx (Informational) ' +
        'or 204 (No Content). [...] A server MUST NOT send a Transfer-Encoding header field in any response with a status ' +
        'code of 1xx (Informational) or 204 (No Content).',
      experiment:
        'Has the origin send 204 with a length or a coding, with a body and without, and 103 with a length: what is passed ' +
        'on may have none of these.',
      async check(experiment) {
        const framings: Readonly<Record<string, string>> = {
          'a length': 'Content-Length: 0\r\n\r\n',
          'a length and a body': 'Content-Length: 5\r\n\r\nhello',
          'a coding and a body': `Transfer-Encoding: chunked\r\n\r\n${HELLO_IN_CHUNKS}`,
        }
        const told: string[] = []
        for (const [what, framing] of Object.entries(framings)) {
          const steps = [
            `HTTP/1.1 204 No Content\r\nConnection: close\r\nCache-Control: no-store\r\n${framing}`,
            'close',
          ] as const
          const passage = await answered(experiment, steps)
          const { head } = passage.answer
          if (isServerError(passage.answer)) continue
          demand(head?.status === 204, `204 with ${what} became ${describe(passage.answer)}`)
          await demandNothingMore(passage, 'a 204')
          for (const name of ['Content-Length', 'Transfer-Encoding'])
            if (values(head, name).length > 0) told.push(`204 with "${name}: ${values(head, name).join()}"`)
        }
        const hint = 'HTTP/1.1 103 Early Hints\r\nContent-Length: 0\r\nLink: </a>\r\n\r\n'
        const { answer } = await answered(experiment, [hint, ...plain().steps], { wait: SHORT_WAIT })
        if (answer.interim.some((interim) => values(interim, 'content-length').length > 0))
          told.push('103 with a Content-Length')
        demand(told.length === 0, `passed on: ${told.join(', ')}`)
      },
    },

    'framing.304': {
      level: 'PROSE',
      cites: 'RFC 9110 §15.4.5',
      says: 'A 304 response is terminated by the end of the header section; it cannot contain content or trailers.',
      experiment: 'Has the origin answer a conditional request with 304 and a body: no byte may follow the head.',
      async check(experiment) {
        // Whoever evaluates the condition itself asks the origin without it.
        const reply = (isConditional: boolean): Reply =>
          isConditional
            ? {
                steps: [
                  'HTTP/1.1 304 Not Modified\r\nConnection: close\r\nETag: "lab"\r\nContent-Length: 5\r\n\r\nhello',
                  'close',
                ],
              }
            : plain('ETag: "lab"')
        const passage = await relayed(
          experiment,
          (received) => reply(sentValues(received, 'if-none-match').length > 0),
          {
            fields: ['If-None-Match: "lab"'],
          },
        )
        requireAsked(passage)
        const { answer } = passage
        demand(answer.ending === 'complete', `a conditional request got ${describe(answer)}`)
        if (answer.head?.status !== 304) return { saw: `answers ${answer.head?.status} in place of 304` }
        await demandNothingMore(passage, 'a 304')
      },
    },

    'chunk.extension-ignored': {
      level: 'MUST',
      cites: 'RFC 9112 §7.1.1',
      says: 'A recipient MUST ignore unrecognized chunk extensions.',
      experiment: 'Has the origin send chunks with extensions that nobody knows: their content must arrive.',
      async check(experiment) {
        const steps = [`${HEAD}Transfer-Encoding: chunked\r\n\r\n5;lab=one\r\nhello\r\n0;lab="two"\r\n\r\n`]
        const passage = await answered(experiment, steps)
        const { answer } = passage
        // Whether an error, a part or nothing arrives instead is chance.
        const isWhole = answer.ending === 'complete' && answer.body.toString() === 'hello'
        demand(isWhole, 'the content of a response with chunk extensions does not arrive')
      },
    },

    'chunk.trailers-read': {
      level: 'MUST',
      cites: 'RFC 9112 §7.1',
      says:
        'The chunked transfer coding is complete when a chunk with a chunk-size of zero is received, possibly followed by ' +
        'a trailer section, and finally terminated by an empty line. A recipient MUST be able to parse and decode the ' +
        'chunked transfer coding.',
      experiment:
        'Has the origin send a chunked response with a trailer section: its content must arrive, and trailer fields, if ' +
        'they do, not among the header fields.',
      async check(experiment) {
        const chunks = '5\r\nhello\r\n0\r\nX-Lab-Trailer: one\r\n\r\n'
        const steps = [`${HEAD}Transfer-Encoding: chunked\r\nTrailer: X-Lab-Trailer\r\n\r\n${chunks}`]
        const passage = await answered(experiment, steps)
        const { answer } = passage
        // Whether an error, a part or nothing arrives instead is chance.
        const isWhole = answer.ending === 'complete' && answer.body.toString() === 'hello'
        demand(isWhole, 'the content of a response with trailers does not arrive')
        const isMerged = gotValues(answer, 'x-lab-trailer').length > 0
        demand(!isMerged, 'a trailer field that nobody knows was put among the header fields')
      },
    },

    'field.space-before-colon': {
      level: 'MUST',
      cites: 'RFC 9112 §5.1',
      says:
        'No whitespace is allowed between the field name and colon. [...] A proxy MUST remove any such whitespace from a ' +
        'response message before forwarding the message downstream.',
      experiment:
        'Has the origin send a field with a space before its colon: it must arrive without, or an error in place of it.',
      async check(experiment): Promise<void | Observation> {
        const passage = await answered(experiment, [
          `${LAST_HEAD}X-Lab : one\r\nContent-Length: 5\r\n\r\nhello`,
          'close',
        ])
        if (isServerError(passage.answer)) return { saw: 'answers an error in place of such a response' }
        demandContent(passage, 'a response with "X-Lab : one"', 'hello')
        const seen = gotValues(passage.answer, 'x-lab')
        if (seen.length === 0) return { saw: 'drops such a field' }
        demand(seen.join() === 'one', `"X-Lab : one" arrived as ${JSON.stringify(seen.join())}`)
      },
    },

    'field.obs-fold': {
      level: 'MUST',
      cites: 'RFC 9112 §5.2',
      says:
        'A proxy or gateway that receives an obs-fold in a response message that is not within a "message/http" container ' +
        'MUST either discard the message and replace it with a 502 (Bad Gateway) response, preferably with a ' +
        'representation explaining that unacceptable line folding was received, or replace each received obs-fold with ' +
        'one or more SP octets prior to interpreting the field value or forwarding the message downstream.',
      experiment:
        'Has the origin send a field folded over two lines: it must arrive with spaces in place of the fold, or 502 in ' +
        'place of it.',
      async check(experiment) {
        const passage = await answered(experiment, [
          `${LAST_HEAD}X-Lab: one\r\n two\r\nContent-Length: 5\r\n\r\nhello`,
          'close',
        ])
        const { answer } = passage
        if (answer.ending === 'complete' && answer.head?.status === 502) return
        demand(!isServerError(answer), `a response with a folded field became ${describe(answer)} instead of 502`)
        demandContent(passage, 'a response with a folded field', 'hello')
        const seen = gotValues(answer, 'x-lab').join()
        demand(/^one +two$/.test(seen), `a field folded between "one" and "two" arrived as ${JSON.stringify(seen)}`)
      },
    },

    'field.ctl-nul-crlf': {
      level: 'MUST',
      cites: 'RFC 9110 §5.5',
      says:
        'a recipient of CR, LF, or NUL within a field value MUST either reject the message or replace each of those ' +
        'characters with SP before further processing or forwarding of that message.',
      experiment:
        'Has the origin send field values with NUL and with a bare CR: each must arrive with a space in its place, or an ' +
        'error in place of the response.',
      async check(experiment) {
        await demandAll(experiment, { NUL: '\0', 'a bare CR': '\r' }, async (own, character, what) => {
          const steps = [`${LAST_HEAD}X-Lab: one${character}two\r\nContent-Length: 5\r\n\r\nhello`, 'close'] as const
          const passage = await answered(own, steps)
          demandContent(passage, `a response with ${what} in a field`, 'hello')
          if (isServerError(passage.answer)) return
          const seen = gotValues(passage.answer, 'x-lab').join()
          demand(seen === 'one two', `${what} between "one" and "two" made it ${JSON.stringify(seen)}`)
        })
      },
    },

    'interim.103-passed': {
      level: 'MUST',
      cites: 'RFC 9110 §15.2',
      says:
        'A client MUST be able to parse one or more 1xx responses received prior to a final response, even if the client ' +
        'does not expect one. [...] A proxy MUST forward 1xx responses unless the proxy itself requested the generation of ' +
        'the 1xx response.',
      experiment:
        'Has the origin send 103 before its response, which must arrive whole. A gateway need not pass the 103 on; it is ' +
        'told whether it does.',
      async check(experiment): Promise<void | Observation> {
        const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n'
        const { answer } = await answered(experiment, [hint, ...plain().steps], { wait: SHORT_WAIT })
        demandFinal(answer, '103 and 200')
        const [interim] = answer.interim
        if (interim === undefined) return { saw: 'drops 103' }
        const link = values(interim, 'link').join()
        demand(
          interim.status === 103 && link === '</a>; rel=preload',
          `103 arrived as ${interim.status} with "Link: ${link}"`,
        )
      },
    },

    'interim.several': {
      level: 'MUST',
      cites: 'RFC 9110 §15.2',
      says:
        'A client MUST be able to parse one or more 1xx responses received prior to a final response, even if the client ' +
        'does not expect one.',
      experiment: 'Has the origin send 100, 102 and two 103 before its response, which must arrive whole.',
      async check(experiment): Promise<void | Observation> {
        const all = ['100 Continue', '102 Processing', '103 Early Hints', '103 Early Hints']
        const steps = [...all.map((status) => `HTTP/1.1 ${status}\r\n\r\n`), ...plain().steps]
        const { answer } = await answered(experiment, steps, { wait: SHORT_WAIT })
        demandFinal(answer, 'four responses of 1xx and a 200')
        const passed = answer.interim.map(({ status }) => status).join(', ')
        if (passed !== '100, 102, 103, 103') return { saw: passed === '' ? 'drops all of them' : `passes on ${passed}` }
      },
    },
  },
} satisfies Suite
