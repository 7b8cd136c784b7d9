import { describe } from '../judging/answer.ts'
import { values, type Head } from '../judging/head.ts'
import { ask, data, Environ, exchange, request, type Exchange } from '../judging/probe.ts'
import { INVALID_HOST, NO_MESSAGE } from '../judging/quotations.ts'
import { demandClosed, demandEach, demandRefused, demandRefusedAndClosed } from '../judging/refusal.ts'
import { bodyRead, chunked, demandHello, HELLO, PLAIN_CHUNKED, post, requireChunked } from '../judging/request-body.ts'
import { demand, type Experiment, type Suite } from './index.ts'

/** How long 100 (Continue) is waited for before the body is sent without. */
const CONTINUE_WAIT = 250
/** How long a body of enormous size is waited for to be taken for a small one. */
const OVERFLOW_WAIT = 200

/** Demands that nothing follows a head that has no body, whether the application had one or not. */
async function demandNoBody(experiment: Experiment, what: string, { connection }: Exchange): Promise<void> {
  // The next bytes are those of the next answer, if there is one at all, or of a body.
  const { answer } = await ask(experiment, { do: 'environ' }, {}, connection)
  demand(answer.ending !== 'malformed', `${what} was followed by bytes that are no response`)
}

/** Demands that a head that has no body does not say how one would be framed. */
function demandUnframed(head: Head): void {
  for (const name of ['Content-Length', 'Transfer-Encoding'])
    demand(values(head, name).length === 0, `a ${head.status} was sent with ${name}: ${values(head, name)[0]}`)
}

export default {
  name: 'rfc9112-framing',
  title: 'RFC 9112 and 9110: messages and their ends',
  clauses: {
    'host.missing-400': {
      level: 'MUST',
      cites: 'RFC 9112 §3.2',
      says: INVALID_HOST,
      experiment: 'Sends an HTTP/1.1 request without Host, which must get 400 and not reach the application.',
      async check(experiment) {
        demandRefused(await ask(experiment, { do: 'environ' }, { host: null }), 'a request without Host')
      },
    },

    'host.duplicate-400': {
      level: 'MUST',
      cites: 'RFC 9112 §3.2',
      says: INVALID_HOST,
      experiment: 'Sends two Host fields, different and the same, which must get 400 and not reach the application.',
      async check(experiment) {
        const inputs = { 'a second, different Host': 'other.example', 'a second, equal Host': experiment.hop.url.host }
        await demandEach(experiment, inputs, async (experiment, host, what) =>
          demandRefused(await ask(experiment, { do: 'environ' }, { fields: [`Host: ${host}`] }), what),
        )
      },
    },

    'cl.non-digit': {
      level: 'MUST',
      cites: 'RFC 9112 §6.3',
      says:
        'If the unrecoverable error is in a request message, the server MUST respond with a 400 (Bad Request) status ' +
        'code and then close the connection.',
      experiment:
        'POSTs with Content-Lengths that are no number of digits alone (+5, 0x5, "5 5", 5a, -1, 5.0, none, and a digit ' +
        'beyond ASCII), each of which must get 400 and the end of the connection, and not reach the application.',
      async check(experiment) {
        const lengths = ['+5', '0x5', '5 5', '5a', '-1', '5.0', '', '5\xb2']
        const inputs = Object.fromEntries(
          lengths.map((length) => [`Content-Length: ${JSON.stringify(length)}`, length]),
        )
        await demandEach(experiment, inputs, async (experiment, length, what) =>
          demandRefusedAndClosed(experiment, await post(experiment, [`Content-Length: ${length}`], 'hello'), what),
        )
      },
    },

    'te.with-cl': {
      level: 'MUST',
      cites: 'RFC 9112 §6.1',
      says:
        'A server MAY reject a request that contains both Content-Length and Transfer-Encoding or process such a request ' +
        'in accordance with the Transfer-Encoding alone. Regardless, the server MUST close the connection after ' +
        'responding to such a request to avoid the potential attacks.',
      experiment:
        'POSTs a chunked body with a Content-Length beside it: it must be refused or read by its chunks, and the ' +
        'connection must be closed.',
      async check(experiment) {
        const asked = await post(experiment, [`Content-Length: ${HELLO.length}`, 'Transfer-Encoding: chunked'], HELLO)
        const { ending, head } = asked.answer
        const what = 'a request with Content-Length and Transfer-Encoding'
        demand(head !== undefined || ending !== 'silent', `${what} got ${describe(asked.answer)}`)
        if (asked.proven) demandHello(asked, what)
        await demandClosed(experiment, asked, what)
      },
    },

    'chunk.extension-ignored': {
      level: 'MUST',
      cites: 'RFC 9112 §7.1.1',
      says: 'A recipient MUST ignore unrecognized chunk extensions.',
      experiment: 'POSTs chunks with extensions that nobody knows and looks at what the application reads.',
      dependsOn: PLAIN_CHUNKED,
      async check(experiment) {
        await requireChunked(experiment)
        const extensions = ['lab', 'lab=one', 'lab="a; b"', 'one;two=2']
        const inputs = Object.fromEntries(
          extensions.map((extension) => [`the chunk extension ${extension}`, extension]),
        )
        await demandEach(experiment, inputs, async (experiment, extension, what) => {
          const asked = await chunked(experiment, HELLO.replace('5', `5;${extension}`))
          demand(asked.proven, `${what} got ${describe(asked.answer)}`)
          demandHello(asked, what)
        })
      },
    },

    'chunk.size-syntax': {
      level: 'SHOULD',
      cites: 'RFC 9112 §2.2',
      says: NO_MESSAGE,
      experiment:
        'POSTs chunks of the sizes 0x5, +5, 0_5, -5, none, and one that is 5 to whoever counts with 32 or 64 bits, none of ' +
        'which the application may be given as a whole body.',
      dependsOn: PLAIN_CHUNKED,
      async check(experiment) {
        await requireChunked(experiment)
        const sizes = ['0x5', '+5', '0_5', '-5', '', '10000000000000005']
        const inputs = Object.fromEntries(sizes.map((size) => [`a chunk of size "${size}"`, size]))
        await demandEach(experiment, inputs, async (experiment, size, what) => {
          // The rest of what is too large may be waited for.
          const shape = size.length > 5 ? { wait: OVERFLOW_WAIT } : {}
          const asked = await chunked(experiment, HELLO.replace('5', size), shape)
          // An error while the application reads is a refusal too: its answer may have begun.
          const value = bodyRead(asked)?.value
          demand(value === undefined, `${what} was read as ${JSON.stringify(value)}`)
        })
      },
    },

    'field.space-before-colon': {
      level: 'MUST',
      cites: 'RFC 9112 §5.1',
      says:
        'A server MUST reject, with a response status code of 400 (Bad Request), any received request message that ' +
        'contains whitespace between a header field name and colon.',
      experiment:
        'Sends fields with a space or a tab before the colon, which must get 400 and not reach the application.',
      async check(experiment) {
        const inputs = { 'a space before a colon': 'X-Lab : one', 'a tab before a colon': 'X-Lab\t: one' }
        await demandEach(experiment, inputs, async (experiment, field, what) =>
          demandRefused(await ask(experiment, { do: 'environ' }, { fields: [field] }), what),
        )
      },
    },

    'field.obs-fold': {
      level: 'MUST',
      cites: 'RFC 9112 §5.2',
      says:
        'A server that receives an obs-fold in a request message that is not within a "message/http" container MUST ' +
        'either reject the message by sending a 400 (Bad Request), preferably with a representation explaining that ' +
        'obsolete line folding is unacceptable, or replace each received obs-fold with one or more SP octets prior to ' +
        'interpreting the field value or forwarding the message downstream.',
      experiment:
        'Sends fields folded with a space or a tab over two lines and over three: each must get 400, or reach the ' +
        'application with spaces in place of the folds.',
      async check(experiment) {
        const inputs = {
          'a fold with a space': 'one\r\n two',
          'a fold with a tab': 'one\r\n\ttwo',
          'two folds': 'one\r\n \r\n two',
        }
        await demandEach(experiment, inputs, async (experiment, value, what) => {
          const asked = await ask(experiment, { do: 'environ' }, { fields: [`X-Lab: ${value}`, 'X-After: three'] })
          if (!asked.proven) return demandRefused(asked, what)
          const { HTTP_X_LAB: seen, HTTP_X_AFTER: after } = data(Environ, asked).values
          // A tab that stays means what a space does (RFC 9110 §5.6.3).
          demand(/^one[ \t]+two$/.test(seen ?? ''), `${what} between "one" and "two" became ${JSON.stringify(seen)}`)
          demand(after === 'three', `with ${what} the field after it became ${JSON.stringify(after)}`)
        })
      },
    },

    'framing.head': {
      level: 'MUST NOT',
      cites: 'RFC 9110 §9.3.2',
      says: 'The HEAD method is identical to GET except that the server MUST NOT send content in the response',
      experiment:
        'Has the application answer HEAD with a body, with and without a Content-Length: no byte may follow the head.',
      async check(experiment) {
        const shape = { method: 'HEAD' }
        const query = { do: 'respond', item: 'a body for HEAD', uncounted: 1 }
        await demandNoBody(experiment, 'the head of a HEAD response', await ask(experiment, query, shape))
        const counted = await ask(experiment, { do: 'respond', item: 'a body for HEAD' }, shape)
        await demandNoBody(experiment, 'the head of a HEAD response with Content-Length', counted)
      },
    },

    'framing.204-1xx': {
      level: 'MUST NOT',
      cites: 'RFC 9110 §8.6',
      says:
        'A server MUST NOT send a Content-Length header field in any response with a status code of 1xx (Informational) ' +
        'or 204 (No Content).',
      experiment:
        'Has the application answer 204 without and with a body, and expects 100 before a POST: there may be no ' +
        'Content-Length, no Transfer-Encoding and no body.',
      async check(experiment) {
        for (const item of [[], ['a body for 204']]) {
          const asked = await ask(experiment, { do: 'respond', bare: 1, status: '204 No Content', item })
          const { head } = asked.answer
          // An error in place of a 204 with a body is the application's due, and has a body of its own.
          if (item.length > 0 && (head?.status ?? 0) >= 500) continue
          demand(head?.status === 204, `a 204 arrived as ${describe(asked.answer)}`)
          demandUnframed(head)
          await demandNoBody(experiment, 'the head of a 204', asked)
        }
        const nonce = experiment.nonce()
        const connection = await experiment.connect()
        const shape = { method: 'POST', fields: ['Expect: 100-continue', 'Content-Length: 5'] }
        connection.send(request(experiment.hop, nonce, { do: 'read', op: 'body' }, shape))
        await connection.heard(CONTINUE_WAIT)
        connection.send('hello')
        const { answer } = await exchange(nonce, connection, shape)
        for (const interim of answer.interim) demandUnframed(interim)
      },
    },

    'framing.304': {
      level: 'PROSE',
      cites: 'RFC 9110 §15.4.5',
      says: 'A 304 response is terminated by the end of the header section; it cannot contain content or trailers.',
      experiment: 'Has the application answer 304 with a body: no byte may follow the head.',
      async check(experiment) {
        const query = {
          do: 'respond',
          bare: 1,
          status: '304 Not Modified',
          header: 'ETag: "lab"',
          item: 'a body for 304',
        }
        const asked = await ask(experiment, query, { fields: ['If-None-Match: "lab"'] })
        if (asked.answer.head?.status !== 304) return { saw: `answers ${describe(asked.answer)} in place of the 304` }
        await demandNoBody(experiment, 'the head of a 304', asked)
      },
    },
  },
} satisfies Suite
