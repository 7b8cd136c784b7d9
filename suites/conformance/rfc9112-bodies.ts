import type { Event } from '../../topologies/index.ts'
import { describe } from '../judging/answer.ts'
import { ask, data, Environ, request } from '../judging/probe.ts'
import { NO_MESSAGE } from '../judging/quotations.ts'
import { demandClosed, demandEach, demandRefused, demandRefusedAndClosed, isTurnedAway } from '../judging/refusal.ts'
import {
  bodyRead,
  chunked,
  demandHello,
  HELLO,
  PLAIN_CHUNKED,
  post,
  requireChunked,
  told,
} from '../judging/request-body.ts'
import { demand, type Experiment, type Suite } from './index.ts'

const ANSWER_WAIT = 1500
/** How long an application may take to be called with a request that is not whole, and once it never will be. */
const CALL_WAIT = 60
const LATE_CALL_WAIT = 400
const READ_WAIT = 1500
/** How many bodies are broken off at each place. */
const CUT = 4
const INVALID_LENGTH =
  'If a message is received without Transfer-Encoding and with an invalid Content-Length header field, then the message ' +
  'framing is invalid and the recipient MUST treat it as an unrecoverable error, unless the field value can be ' +
  'successfully parsed as a comma-separated list [...], all values in the list are valid, and all values in the list are ' +
  'the same (in which case, the message is processed with that single value used as the Content-Length field value). If ' +
  'the unrecoverable error is in a request message, the server MUST respond with a 400 (Bad Request) status code and then ' +
  'close the connection.'
/** 400 for what cannot be framed, 501 for a coding that is not understood, 411 for a body without a length. */
const REFUSED_CODING = [400, 411, 501]

/** Demands that lengths that differ are refused, and that one and the same, said twice, is taken for one or refused. */
async function demandOneLength(
  experiment: Experiment,
  inputs: Readonly<Record<string, { readonly fields: readonly string[]; readonly same: boolean }>>,
): Promise<void> {
  await demandEach(experiment, inputs, async (experiment, { fields, same }, what) => {
    const asked = await post(experiment, fields, 'hello')
    if (!same || !asked.proven) return demandRefusedAndClosed(experiment, asked, what)
    demandHello(asked, what)
    const environ = await ask(experiment, { do: 'environ' }, { method: 'POST', fields, body: 'hello' })
    const length = environ.proven ? data(Environ, environ).values['CONTENT_LENGTH'] : undefined
    demand(
      length === undefined || length === '5',
      `${what} gave the application CONTENT_LENGTH ${JSON.stringify(length)}`,
    )
  })
}

export default {
  name: 'rfc9112-bodies',
  title: 'RFC 9112 and 9110: where a request’s body ends',
  clauses: {
    'cl.duplicate-differs': {
      level: 'MUST',
      cites: 'RFC 9112 §6.3',
      says: INVALID_LENGTH,
      experiment:
        'POSTs with two Content-Length fields: with different lengths it must get 400 and the end of the connection, with ' +
        'the same it may also reach the application, with that one length.',
      async check(experiment) {
        const lengths = (...each: readonly string[]): readonly string[] =>
          each.map((length) => `Content-Length: ${length}`)
        await demandOneLength(experiment, {
          'Content-Length 5 and then 6': { fields: lengths('5', '6'), same: false },
          'Content-Length 6 and then 5': { fields: lengths('6', '5'), same: false },
          'Content-Length 5 and then 0': { fields: lengths('5', '0'), same: false },
          'Content-Length 5 twice': { fields: lengths('5', '5'), same: true },
        })
      },
    },

    'cl.list-form': {
      level: 'MUST',
      cites: 'RFC 9112 §6.3',
      says: INVALID_LENGTH,
      experiment:
        'POSTs with a list of lengths in Content-Length: different ones must get 400 and the end of the connection, the ' +
        'same ones may also reach the application, with that one length.',
      async check(experiment) {
        const list = (value: string, same: boolean): { fields: readonly string[]; same: boolean } => ({
          fields: [`Content-Length: ${value}`],
          same,
        })
        await demandOneLength(experiment, {
          'Content-Length "5, 6"': list('5, 6', false),
          'Content-Length "6,5"': list('6,5', false),
          'Content-Length "5, +5"': list('5, +5', false),
          'Content-Length "5, 5"': list('5, 5', true),
        })
      },
    },

    'te.in-http10': {
      level: 'MUST',
      cites: 'RFC 9112 §6.1',
      says:
        'A server or client that receives an HTTP/1.0 message containing a Transfer-Encoding header field MUST treat the ' +
        'message as if the framing is faulty, even if a Content-Length is present, and close the connection after ' +
        'processing the message.',
      experiment:
        'POSTs a chunked body over HTTP/1.0 on a connection that is to be kept, with and without a Content-Length: ' +
        'whatever comes of it, the connection must be closed.',
      async check(experiment) {
        const coded = ['Connection: keep-alive', 'Transfer-Encoding: chunked']
        const inputs = {
          'Transfer-Encoding in HTTP/1.0': coded,
          'Transfer-Encoding and Content-Length in HTTP/1.0': [...coded, `Content-Length: ${HELLO.length}`],
        }
        await demandEach(experiment, inputs, async (experiment, fields, what) => {
          const shape = { method: 'POST', version: '1.0', fields, body: HELLO, wait: ANSWER_WAIT } as const
          // No more than is there for certain: who does not know the coding reads its bytes.
          await demandClosed(experiment, await ask(experiment, { do: 'read', op: 'read:5' }, shape), what)
        })
      },
    },

    'te.unknown-501': {
      level: 'SHOULD',
      cites: 'RFC 9112 §6.1',
      says:
        'A server that receives a request message with a transfer coding it does not understand SHOULD respond with 501 ' +
        '(Not Implemented).',
      experiment:
        'POSTs a body with the transfer codings lab and chunked: it must get 501, or 411 where no body without a length is ' +
        'taken, and not reach the application.',
      async check(experiment) {
        const asked = await post(experiment, ['Transfer-Encoding: lab, chunked'], HELLO)
        demandRefused(asked, 'Transfer-Encoding "lab, chunked"', [501, 411])
      },
    },

    'te.chunked-not-final': {
      level: 'MUST',
      cites: 'RFC 9112 §6.3',
      says:
        'If a Transfer-Encoding header field is present in a request and the chunked transfer coding is not the final ' +
        'encoding, the message body length cannot be determined reliably; the server MUST respond with the 400 (Bad ' +
        'Request) status code and then close the connection.',
      experiment:
        'POSTs bodies whose last transfer coding is gzip, identity or one that nobody knows: each must get 400 (501 or 411 ' +
        'are answers to the same fields, too) and the end of the connection, and not reach the application.',
      async check(experiment) {
        const codings = ['gzip', 'identity', 'chunked, gzip', 'chunked, lab']
        const inputs = Object.fromEntries(codings.map((coding) => [`Transfer-Encoding "${coding}"`, coding]))
        await demandEach(experiment, inputs, async (experiment, coding, what) =>
          demandRefusedAndClosed(
            experiment,
            await post(experiment, [`Transfer-Encoding: ${coding}`], HELLO),
            what,
            REFUSED_CODING,
          ),
        )
      },
    },

    'te.obfuscated': {
      level: 'MUST',
      cites: 'RFC 9112 §6.1, §6.3',
      says:
        'A recipient MUST be able to parse the chunked transfer coding [...] because it plays a crucial role in framing ' +
        'messages when the content size is not known in advance. [...] If a Transfer-Encoding header field is present in a ' +
        'request and the chunked transfer coding is not the final encoding, the message body length cannot be determined ' +
        'reliably; the server MUST respond with the 400 (Bad Request) status code and then close the connection.',
      experiment:
        'POSTs a chunked body under unusual spellings of Transfer-Encoding. Those that mean chunked must be read as such or ' +
        'be refused, those that do not must be refused; no body may be taken for none.',
      dependsOn: PLAIN_CHUNKED,
      async check(experiment) {
        // Where chunked bodies are refused all of these must be.
        if (!isTurnedAway(await chunked(experiment, HELLO))) await requireChunked(experiment)
        const coding = (value: string, means: boolean): { fields: readonly string[]; means: boolean } => ({
          fields: [`Transfer-Encoding:${value}`],
          means,
        })
        const inputs = {
          'a tab before "chunked"': coding('\tchunked', true),
          '"chunked" and a space': coding(' chunked ', true),
          '"CHUNKED"': coding(' CHUNKED', true),
          'a list of an empty element and "chunked"': coding(' , chunked', true),
          '"chunked" in a line of its own after an empty one': {
            fields: ['Transfer-Encoding:', 'Transfer-Encoding: chunked'],
            means: true,
          },
          'the field’s name in capitals': { fields: ['TRANSFER-ENCODING: chunked'], means: true },
          '"chunked" twice': coding(' chunked, chunked', true),
          '"xchunked"': coding(' xchunked', false),
          '"chunkedx"': coding(' chunkedx', false),
          '"chunked" after a vertical tab': coding(' \x0bchunked', false),
          '"chunked" in quotes': coding(' "chunked"', false),
          '"chunked" and then "identity" in a second line': {
            fields: ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
            means: false,
          },
        }
        await demandEach(experiment, inputs, async (experiment, { fields, means }, what) => {
          const asked = await post(experiment, fields, HELLO)
          if (!asked.proven) return demand(isTurnedAway(asked), `${what} got ${describe(asked.answer)}`)
          demand(means, `${what}, which is not chunked, reached the application, which read ${told(asked)}`)
          demandHello(asked, what)
        })
      },
    },

    'chunk.line-endings': {
      level: 'SHOULD',
      cites: 'RFC 9112 §2.2',
      says: NO_MESSAGE,
      experiment:
        'POSTs chunks whose size or data is followed by something else than CR LF (other bytes, a bare LF or CR, nothing): ' +
        'the application may not be given a whole body.',
      dependsOn: PLAIN_CHUNKED,
      async check(experiment) {
        await requireChunked(experiment)
        const bodies = {
          'data followed by two other bytes': '5\r\nhelloXX0\r\n\r\n',
          'data longer than its size': '5\r\nhello!\r\n0\r\n\r\n',
          'data followed by a bare LF': '5\r\nhello\n0\r\n\r\n',
          'data followed by a bare CR': '5\r\nhello\r0\r\n\r\n',
          'a size followed by a bare LF': '5\nhello\r\n0\r\n\r\n',
          'a size followed by a bare CR': '5\rhello\r\n0\r\n\r\n',
        }
        await demandEach(experiment, bodies, async (experiment, body, what) => {
          const value = bodyRead(await chunked(experiment, body))?.value
          // An error while the application reads is a refusal too: its answer may have begun.
          demand(value === undefined, `${what} was read as ${JSON.stringify(value)}`)
        })
      },
    },

    'chunk.premature-end': {
      level: 'PROSE',
      cites: 'RFC 9112 §8',
      says:
        'A message body that uses the chunked transfer coding is incomplete if the zero-sized chunk that terminates the ' +
        'encoding has not been received.',
      experiment:
        'POSTs chunked bodies and closes the connection within a chunk, and before the last one: the application may not ' +
        'be called, or reading must raise.',
      dependsOn: PLAIN_CHUNKED,
      needs: 'events',
      async check(experiment) {
        await requireChunked(experiment)
        const bodies = { 'within a chunk': '5\r\nhel', 'before the last chunk': '5\r\nhello\r\n' }
        // Several of each: a server that has seen all of a body and then the connection close may do either thing first.
        const tries = Object.entries(bodies).flatMap(([where, body]) =>
          Array.from({ length: CUT }, () => ({ where, body })),
        )
        const cut = await Promise.all(
          tries.map(async ({ where, body }) => ({ where, read: await readOfCut(experiment, body) })),
        )
        const whole = cut.filter(({ read }) => read !== undefined && read['raised'] === undefined)
        const told = new Set(whole.map(({ where, read }) => `${where} (${String(read!['bytes'])} bytes)`))
        demand(told.size === 0, `a body that was broken off ${[...told].join(', ')} was whole to the application`)
      },
    },

    'trailer.not-merged': {
      level: 'MUST NOT',
      cites: 'RFC 9110 §6.5.1',
      says:
        'A recipient MUST NOT merge a trailer field into a header section unless the recipient understands the ' +
        'corresponding header field definition and that definition explicitly permits and defines how trailer field values ' +
        'can be safely merged.',
      experiment:
        'POSTs a chunked body with trailers that name a host, a length, a coding, a user and an unknown field: the ' +
        'application must get the body, and an environ without any of them.',
      dependsOn: PLAIN_CHUNKED,
      async check(experiment) {
        await requireChunked(experiment)
        const trailers = {
          Host: 'trailer.example',
          'Content-Length': '3',
          'Transfer-Encoding': 'trailer',
          Authorization: 'Basic trailer',
          'X-Forwarded-For': '203.0.113.77',
          'X-Lab-Trailer': 'trailer',
        }
        const lines = Object.entries(trailers).map(([name, value]) => `${name}: ${value}\r\n`)
        const body = `5\r\nhello\r\n0\r\n${lines.join('')}\r\n`
        const read = await chunked(experiment, body)
        if (isTurnedAway(read)) return { saw: 'turns away a request with such trailers' }
        demandHello(read, 'a request with trailers')
        const fields = ['Transfer-Encoding: chunked']
        const { values } = data(Environ, await ask(experiment, { do: 'environ' }, { method: 'POST', fields, body }))
        const merged = Object.entries(values).filter(
          ([name, value]) =>
            /trailer|203\.0\.113\.77/i.test(`${name} ${value}`) || (name === 'CONTENT_LENGTH' && value === '3'),
        )
        const shown = merged.map(([name, value]) => `${name} ${JSON.stringify(value)}`)
        demand(merged.length === 0, `trailers reached the application as ${shown.toSorted().join(', ')}`)
      },
    },
  },
} satisfies Suite

/** What the application's read of a chunked body gave that its client broke off; undefined when there was none. */
async function readOfCut(experiment: Experiment, body: string): Promise<Event | undefined> {
  const nonce = experiment.nonce()
  const connection = await experiment.connect()
  const shape = { method: 'POST', fields: ['Transfer-Encoding: chunked'], body }
  connection.send(request(experiment.hop, nonce, { do: 'read', op: 'body' }, shape))
  const called = await experiment.events(nonce, (events) => events.length > 0, CALL_WAIT)
  connection[Symbol.dispose]()
  const isRead = ({ event }: Event): boolean => event === 'read'
  const seen = await experiment.events(
    nonce,
    (events) => events.some(isRead),
    called.length > 0 ? READ_WAIT : LATE_CALL_WAIT,
  )
  return seen.find(isRead)
}
