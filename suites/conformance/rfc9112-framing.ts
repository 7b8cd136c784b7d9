import type { z } from 'zod'
import { ask, data, Environ, Reads, type Exchange, type Shape } from '../judging/probe.ts'
import { values } from '../judging/head.ts'
import { describe } from '../judging/answer.ts'
import { Blocked, demand, type Experiment, type Suite } from './index.ts'

const CLOSE_WAIT = 1500
const PLAIN_CHUNKED = 'pep3333-http/hop-by-hop.inbound-decoded'
const REFUSAL_WAIT = 1500
const EXTRA_WAIT = 200

/** Sends a body in chunks as they stand, and shows what became of it. */
async function chunked(experiment: Experiment, body: string): Promise<Exchange> {
  const shape: Shape = { method: 'POST', fields: ['Transfer-Encoding: chunked'], body, wait: REFUSAL_WAIT }
  return ask(experiment, { do: 'read', op: 'body' }, shape)
}

function bodyRead(asked: Exchange): z.infer<typeof Reads>[number] | undefined {
  return asked.proven && asked.answer.ending === 'complete' ? data(Reads, asked)[0] : undefined
}

// For a run in which the clause that asks this first is not selected.
async function requireChunked(experiment: Experiment): Promise<void> {
  const plain = await chunked(experiment, '5\r\nhello\r\n0\r\n\r\n')
  if (bodyRead(plain)?.value !== 'hello')
    throw new Blocked(`even a plain chunked request body is not delivered here: ${describe(plain.answer)}`)
}

/** Demands a 400; the probe must not have been given the request. */
function demandBadRequest({ answer, proven }: Exchange, what: string): void {
  demand(!proven, `${what} reached the application`)
  demand(answer.head?.status === 400, `${what} got ${describe(answer)} instead of 400`)
}

/** Demands that nothing follows a head that has no body, whether the application had one or not. */
async function demandNoBody(what: string, asked: Exchange): Promise<void> {
  const extra = await asked.connection.rest(EXTRA_WAIT)
  demand(extra.length === 0, `${what} was followed by ${extra.length} bytes`)
}

export default {
  name: 'rfc9112-framing',
  title: 'RFC 9112 and 9110: messages and their ends',
  clauses: {
    'host.missing-400': {
      level: 'MUST',
      cites: 'RFC 9112 §3.2',
      says:
        'A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request message that lacks a Host ' +
        'header field and to any request message that contains more than one Host header field line or a Host header ' +
        'field with an invalid field value.',
      experiment: 'Sends an HTTP/1.1 request without Host, which must get 400 and not reach the application.',
      async check(experiment) {
        demandBadRequest(await ask(experiment, { do: 'environ' }, { host: null }), 'a request without Host')
      },
    },

    'host.duplicate-400': {
      level: 'MUST',
      cites: 'RFC 9112 §3.2',
      says:
        'A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request message that lacks a Host ' +
        'header field and to any request message that contains more than one Host header field line or a Host header ' +
        'field with an invalid field value.',
      experiment: 'Sends a request with two different Host fields, which must get 400 and not reach the application.',
      async check(experiment) {
        const shape = { fields: ['Host: other.example'] }
        demandBadRequest(await ask(experiment, { do: 'environ' }, shape), 'a request with two Host fields')
      },
    },

    'cl.non-digit': {
      level: 'MUST',
      cites: 'RFC 9112 §6.3',
      says:
        'If the unrecoverable error is in a request message, the server MUST respond with a 400 (Bad Request) status ' +
        'code and then close the connection.',
      experiment:
        'POSTs with the Content-Lengths +5, 0x5, "5 5", 5a and -1, each of which must get 400 and not reach the ' +
        'application.',
      async check(experiment) {
        for (const length of ['+5', '0x5', '5 5', '5a', '-1']) {
          const shape = { method: 'POST', fields: [`Content-Length: ${length}`], body: 'hello', wait: REFUSAL_WAIT }
          demandBadRequest(await ask(experiment, { do: 'respond', item: 'body' }, shape), `Content-Length: ${length}`)
        }
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
        const body = '5\r\nhello\r\n0\r\n\r\n'
        const fields = [`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked']
        const shape = { method: 'POST', fields, body, wait: REFUSAL_WAIT }
        const asked = await ask(experiment, { do: 'read', op: 'body' }, shape)
        const { ending, head } = asked.answer
        const what = 'a request with Content-Length and Transfer-Encoding'
        demand(head !== undefined || ending !== 'silent', `${what} got ${describe(asked.answer)}`)
        if (asked.proven) {
          const read = bodyRead(asked)
          const got = read?.raised === undefined ? JSON.stringify(read?.value) : `an error (${read.raised})`
          demand(read?.value === 'hello', `${what} was not read by Transfer-Encoding: the application read ${got}`)
        }
        const closing = await asked.connection.closing(CLOSE_WAIT)
        demand(closing !== 'open', `${what} got ${describe(asked.answer)}, and the connection was left open`)
      },
    },

    'chunk.extension-ignored': {
      level: 'MUST',
      cites: 'RFC 9112 §7.1.1',
      says: 'A recipient MUST ignore unrecognized chunk extensions.',
      experiment: 'POSTs a chunk with an extension that nobody knows and looks at what the application reads.',
      dependsOn: PLAIN_CHUNKED,
      async check(experiment) {
        await requireChunked(experiment)
        const asked = await chunked(experiment, '5;lab=one\r\nhello\r\n0\r\n\r\n')
        demand(asked.proven, `a chunk with an extension got ${describe(asked.answer)}`)
        const read = bodyRead(asked)
        const got = read?.raised === undefined ? JSON.stringify(read?.value) : `an error (${read.raised})`
        demand(read?.value === 'hello', `from a chunk "hello" with an extension the application read ${got}`)
      },
    },

    'chunk.size-syntax': {
      level: 'SHOULD',
      cites: 'RFC 9112 §2.2',
      says:
        'When a server listening only for HTTP request messages, or processing what appears from the start-line to be an ' +
        'HTTP request message, receives a sequence of octets that does not match the HTTP-message grammar aside from the ' +
        'robustness exceptions listed above, the server SHOULD respond with a 400 (Bad Request) response and close the ' +
        'connection.',
      experiment: 'POSTs chunks of the sizes 0x5, +5 and 0_5, none of which the application may be given.',
      dependsOn: PLAIN_CHUNKED,
      async check(experiment) {
        await requireChunked(experiment)
        for (const size of ['0x5', '+5', '0_5']) {
          const asked = await chunked(experiment, `${size}\r\nhello\r\n0\r\n\r\n`)
          // An error while the application reads is a refusal too: its answer may have begun.
          const value = bodyRead(asked)?.value
          demand(value === undefined, `a chunk of size "${size}" was read as ${JSON.stringify(value)}`)
        }
      },
    },

    'field.space-before-colon': {
      level: 'MUST',
      cites: 'RFC 9112 §5.1',
      says:
        'A server MUST reject, with a response status code of 400 (Bad Request), any received request message that ' +
        'contains whitespace between a header field name and colon.',
      experiment: 'Sends a field with a space before its colon, which must get 400 and not reach the application.',
      async check(experiment) {
        const shape = { fields: ['X-Lab : one'] }
        demandBadRequest(await ask(experiment, { do: 'environ' }, shape), 'a field line "X-Lab : one"')
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
        'Sends a field folded over two lines: it must get 400, or reach the application with spaces in place of the ' +
        'fold.',
      async check(experiment) {
        const asked = await ask(experiment, { do: 'environ' }, { fields: ['X-Lab: one\r\n two', 'X-After: three'] })
        if (!asked.proven) return demandBadRequest(asked, 'a folded field line')
        const seen = data(Environ, asked).values['HTTP_X_LAB']
        demand(/^one +two$/.test(seen ?? ''), `a field folded between "one" and "two" became ${JSON.stringify(seen)}`)
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
        await demandNoBody('the head of a HEAD response', await ask(experiment, query, shape))
        const counted = await ask(experiment, { do: 'respond', item: 'a body for HEAD' }, shape)
        await demandNoBody('the head of a HEAD response with Content-Length', counted)
      },
    },

    'framing.204-1xx': {
      level: 'MUST NOT',
      cites: 'RFC 9110 §8.6',
      says:
        'A server MUST NOT send a Content-Length header field in any response with a status code of 1xx (Informational) ' +
        'or 204 (No Content).',
      experiment:
        'Has the application answer 204 without and with a body: there may be no Content-Length, no ' +
        'Transfer-Encoding and no body.',
      async check(experiment) {
        for (const item of [[], ['a body for 204']]) {
          const asked = await ask(experiment, { do: 'respond', bare: 1, status: '204 No Content', item })
          const { head } = asked.answer
          // An error in place of a 204 with a body is the application's due, and has a body of its own.
          if (item.length > 0 && (head?.status ?? 0) >= 500) continue
          demand(head?.status === 204, `a 204 arrived as ${describe(asked.answer)}`)
          for (const name of ['Content-Length', 'Transfer-Encoding'])
            demand(values(head, name).length === 0, `a 204 was sent with ${name}: ${values(head, name)[0]}`)
          await demandNoBody('the head of a 204', asked)
        }
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
        await demandNoBody('the head of a 304', asked)
      },
    },
  },
} satisfies Suite
