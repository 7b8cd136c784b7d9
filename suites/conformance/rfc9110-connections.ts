import { ask, data, environ, Environ, exchange, proven, request } from '../judging/probe.ts'
import { describe } from '../judging/answer.ts'
import { atApp, atIntermediary, demand, type Experiment, type Suite } from './index.ts'
import type { Hop } from '../../topologies/index.ts'

const CLOSE_WAIT = 1500
const PIPELINE_WAIT = 1000
const INTERIM_WAIT = 400
// Longer than any server needs to pass on what it does not keep, on a busy machine as well.
const HELD_BACK_WAIT = 400
const PAUSE_SECONDS = 0.3
// More than a server reads at once.
const BIG_BODY = 'x'.repeat(64 * 1024)
const BUFFERING =
  'An HTTP message can be parsed as a stream for incremental processing or forwarding downstream. However, senders and ' +
  'recipients cannot rely on incremental delivery of partial messages, since some implementations will buffer or delay ' +
  'message forwarding for the sake of network efficiency, security checks, or content transformations.'
const CLAIMED_ADDRESS = '203.0.113.7'

/** How many intermediaries the Via field names that the application sees when it is asked through this hop. */
async function viaEntries(experiment: Experiment, hop: Hop): Promise<number> {
  const nonce = experiment.nonce()
  const connection = await experiment.connect(hop)
  connection.send(request(hop, nonce, { do: 'environ' }))
  const { values } = data(Environ, await exchange(nonce, connection))
  return (values['HTTP_VIA'] ?? '').split(',').filter((entry) => entry.trim() !== '').length
}

export default {
  name: 'rfc9110-connections',
  title: 'RFC 9110 and 9112: connections, and what stays on one hop',
  clauses: {
    'conn.keepalive-11': {
      level: 'SHOULD',
      cites: 'RFC 9112 §9.3',
      says: 'HTTP implementations SHOULD support persistent connections.',
      experiment: 'Sends a second request on the connection of the first and expects an answer.',
      async check(experiment) {
        const query = { do: 'respond', item: 'body' }
        const { connection } = proven(await ask(experiment, query))
        const second = await ask(experiment, query, {}, connection)
        demand(second.proven, `a second request on the same connection got ${describe(second.answer)}`)
      },
    },

    'conn.close-honoured': {
      level: 'MUST',
      cites: 'RFC 9112 §9.6',
      says:
        'A server that receives a "close" connection option MUST initiate closure of the connection (see below) after it ' +
        'sends the final response to the request that contained the "close" connection option.',
      experiment: 'Sends "Connection: close" and waits for the connection to be closed after the answer.',
      async check(experiment) {
        const query = { do: 'respond', item: 'body' }
        const { connection } = proven(await ask(experiment, query, { fields: ['Connection: close'] }))
        const closing = await connection.closing(CLOSE_WAIT)
        demand(closing !== 'open', `${CLOSE_WAIT / 1000} s after the answer to "Connection: close" it was still open`)
      },
    },

    'conn.pipeline-order': {
      level: 'MUST',
      cites: 'RFC 9112 §9.3.2',
      says:
        'A server MAY process a sequence of pipelined requests in parallel if they all have safe methods [...], but it MUST ' +
        'send the corresponding responses in the same order that the requests were received.',
      experiment:
        'Sends a slow and a quick request at once on one connection and looks at which is answered first; to answer ' +
        'only the first is allowed.',
      async check(experiment) {
        const [slow, quick] = [experiment.nonce(), experiment.nonce()]
        const connection = await experiment.connect()
        const query = { do: 'hold', seconds: 0.15 }
        connection.send(request(experiment.hop, slow, query) + request(experiment.hop, quick, { do: 'hold' }))
        const first = await exchange(slow, connection)
        demand(first.proven, `the first of two pipelined requests got ${describe(first.answer)}`)
        const second = await exchange(quick, connection, { wait: PIPELINE_WAIT })
        if (second.proven) return
        // A server may close after any response, and leave it to the client to ask again.
        demand(second.answer.head === undefined, `the second of two pipelined requests got ${describe(second.answer)}`)
        const how = second.answer.ending === 'cut' ? 'and closes' : `and is silent for ${PIPELINE_WAIT / 1000} s`
        return { saw: `answers only the first of two pipelined requests, ${how}` }
      },
    },

    'expect.100-not-to-10': {
      level: 'MUST NOT',
      cites: 'RFC 9110 §15.2',
      says: 'Since HTTP/1.0 did not define any 1xx status codes, a server MUST NOT send a 1xx response to an HTTP/1.0 client.',
      experiment:
        'Announces a body with "Expect: 100-continue" in an HTTP/1.0 request and waits for an interim response.',
      async check(experiment) {
        const nonce = experiment.nonce()
        const connection = await experiment.connect()
        const fields = ['Expect: 100-continue', 'Content-Length: 5']
        const query = { do: 'read', op: 'body' }
        connection.send(request(experiment.hop, nonce, query, { method: 'POST', version: '1.0', fields }))
        await connection.heard(INTERIM_WAIT)
        connection.send('hello')
        const { answer } = await exchange(nonce, connection)
        demand(answer.interim.length === 0, `an HTTP/1.0 client was sent ${answer.interim[0]?.status}`)
      },
    },

    'conn.http10-default-close': {
      level: 'PROSE',
      cites: 'RFC 9112 §9.3',
      says:
        'If the received protocol is HTTP/1.0, the "keep-alive" connection option is present, either the recipient is not a ' +
        'proxy or the message is a response, and the recipient wishes to honor the HTTP/1.0 "keep-alive" mechanism, the ' +
        'connection will persist after the current response; otherwise, The connection will close after the current ' +
        'response.',
      experiment:
        'Sends an HTTP/1.0 request without Connection and waits for the connection to be closed after the answer.',
      async check(experiment) {
        const { connection } = proven(await ask(experiment, { do: 'respond', item: 'body' }, { version: '1.0' }))
        const closing = await connection.closing(CLOSE_WAIT)
        demand(closing !== 'open', `${CLOSE_WAIT / 1000} s after the answer to an HTTP/1.0 request it was still open`)
      },
    },

    'conn.unread-body-close': {
      level: 'PROSE',
      cites: 'RFC 9112 §9.6',
      says:
        'If a server performs an immediate close of a TCP connection, there is a significant risk that the client will not ' +
        'be able to read the last HTTP response. If the server receives additional data from the client on a fully closed ' +
        "connection, [...] the reset packet might erase the client's unacknowledged input buffers before they can be " +
        'read [...]. To avoid the TCP reset problem, servers typically close a connection in stages.',
      experiment:
        'POSTs 64 kB with "Connection: close" to an application that does not read them: the answer must arrive whole, and ' +
        'the connection be closed, not reset.',
      // Further out it is chance whether the answer is read before the reset behind it destroys it.
      applies: atApp,
      async check(experiment) {
        const shape = { method: 'POST', fields: ['Connection: close'], body: BIG_BODY }
        const asked = await ask(experiment, { do: 'respond', item: 'unread' }, shape)
        const what = 'the answer to a body that the application did not read'
        demand(asked.proven && asked.answer.ending === 'complete', `${what}: ${describe(asked.answer)}`)
        const closing = await asked.connection.closing(CLOSE_WAIT)
        demand(closing !== 'reset', `the connection was reset right after ${what}, which can destroy it`)
      },
    },

    'upgrade.ignored-http10': {
      level: 'MUST',
      cites: 'RFC 9110 §7.8',
      says: 'A server that receives an Upgrade header field in an HTTP/1.0 request MUST ignore that Upgrade field.',
      experiment:
        'Invites an HTTP/1.0 server to switch to WebSocket, then to h2c: the application must answer as ever.',
      async check(experiment) {
        const invitations = {
          websocket: ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
          h2c: ['Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'],
        }
        for (const [protocol, invitation] of Object.entries(invitations)) {
          const fields = [`Connection: Upgrade${protocol === 'h2c' ? ', HTTP2-Settings' : ''}`, ...invitation]
          const { answer, proven } = await ask(experiment, { do: 'respond', item: 'body' }, { version: '1.0', fields })
          demand(proven, `an HTTP/1.0 request with Upgrade: ${protocol} got ${describe(answer)}`)
        }
      },
    },

    'hop.connection-listed-removed': {
      level: 'MUST',
      cites: 'RFC 9110 §7.6.1',
      says:
        'Intermediaries MUST parse a received Connection header field before a message is forwarded and, for each ' +
        'connection-option in this field, remove any header or trailer field(s) from the message with the same name as ' +
        "the connection-option, and then remove the Connection header field itself (or replace it with the intermediary's " +
        'own control options for the forwarded message).',
      experiment: 'Sends a field that Connection lists and looks for both at the application.',
      applies: atIntermediary,
      async check(experiment) {
        const { values } = await environ(experiment, { fields: ['Connection: x-lab-hop', 'X-Lab-Hop: one'] })
        demand(values['HTTP_X_LAB_HOP'] === undefined, 'a field that Connection lists was forwarded: X-Lab-Hop')
        const options = values['HTTP_CONNECTION'] ?? ''
        demand(!/x-lab-hop/i.test(options), `the client's Connection field was forwarded: ${options}`)
      },
    },

    'hop.known-removed': {
      level: 'SHOULD',
      cites: 'RFC 9110 §7.6.1',
      says:
        'Furthermore, intermediaries SHOULD remove or replace fields that are known to require removal before ' +
        "forwarding, whether or not they appear as a connection-option, after applying those fields' semantics.",
      experiment:
        'Sends Keep-Alive, Proxy-Connection and TE with values of its own and looks for them at the application.',
      applies: atIntermediary,
      async check(experiment) {
        const sent = ['Keep-Alive: timeout=77', 'Proxy-Connection: x-lab', 'TE: trailers;q=0.77']
        const { values } = await environ(experiment, { fields: sent })
        const forwarded = sent.filter((field) => {
          const [name, value] = field.split(': ') as [string, string]
          return values[`HTTP_${name.toUpperCase().replaceAll('-', '_')}`] === value
        })
        demand(forwarded.length === 0, `forwarded: ${forwarded.join(', ')}`)
      },
    },

    'via.added': {
      level: 'MUST',
      cites: 'RFC 9110 §7.6.3',
      says:
        'An HTTP-to-HTTP gateway MUST send an appropriate Via header field in each inbound request message and MAY send ' +
        'a Via header field in forwarded response messages.',
      experiment: 'Counts the entries of Via that the application sees through this hop and without it.',
      applies: atIntermediary,
      async check(experiment) {
        const { hop, target } = experiment
        const inner = target.hops[target.hops.indexOf(hop) + 1]
        const before = inner === undefined ? 0 : await viaEntries(experiment, inner)
        const after = await viaEntries(experiment, hop)
        demand(after > before, `the application sees ${after} Via entries through ${hop.server}, ${before} without it`)
      },
    },

    'request-buffering': {
      level: 'RECORD',
      cites: 'RFC 9110 §7.6',
      says: BUFFERING,
      experiment:
        'Sends a head and half of a body of 64 kB, waits whether the application is called, and sends the rest.',
      needs: 'events',
      async check(experiment) {
        const nonce = experiment.nonce()
        const connection = await experiment.connect()
        const whole = request(experiment.hop, nonce, { do: 'read', op: 'body' }, { method: 'POST', body: BIG_BODY })
        const half = whole.length - BIG_BODY.length / 2
        connection.send(whole.slice(0, half))
        const early = await experiment.events(nonce, (events) => events.length > 0, HELD_BACK_WAIT)
        connection.send(whole.slice(half))
        // Whether it then reads all of the body is for other rules.
        proven(await exchange(nonce, connection, { method: 'POST' }))
        return { saw: `calls the application ${early.length > 0 ? 'before' : 'only when'} the body has arrived` }
      },
    },

    'response-buffering': {
      level: 'RECORD',
      cites: 'RFC 9110 §7.6',
      says: BUFFERING,
      experiment:
        'The application yields a block and takes 0.3 s for the next, in a body of unknown length: looks whether the ' +
        'first arrives meanwhile.',
      async check(experiment) {
        const query = { do: 'respond', uncounted: 1, item: ['first', 'second'], gap: PAUSE_SECONDS }
        const { answer } = proven(await ask(experiment, query))
        const apart = answer.arrivals.at(-1)!.at - answer.arrivals[0]!.at
        const early = apart > PAUSE_SECONDS * 300
        return {
          saw: early ? 'passes the first block on at once' : 'holds the first block back until the second is made',
        }
      },
    },

    'forwarded.chain': {
      level: 'RECORD',
      cites: 'RFC 7239 §8.1',
      says:
        'The "Forwarded" HTTP header field cannot be relied upon to be correct, as it may be modified, whether mistakenly ' +
        'or for malicious reasons, by every node on the way to the server, including the client making the request.',
      experiment:
        'Claims another address in X-Forwarded-For and in Forwarded, as any client can, and looks at what the application ' +
        'sees of both.',
      async check(experiment) {
        const fields = [`X-Forwarded-For: ${CLAIMED_ADDRESS}`, `Forwarded: for=${CLAIMED_ADDRESS}`]
        const { values } = await environ(experiment, { fields })
        const seen = ['X-Forwarded-For', 'Forwarded'].map((name) => {
          const value = values[`HTTP_${name.toUpperCase().replaceAll('-', '_')}`]
          const entries = (value ?? '').split(',').map((entry) => entry.trim())
          const told = entries.map((entry) => (entry.includes(CLAIMED_ADDRESS) ? 'the claim' : 'another address'))
          return value === undefined ? `no ${name}` : `${name} with ${told.join(', then ')}`
        })
        return { saw: `a client that claims an address: the application sees ${seen.join(' and ')}` }
      },
    },
  },
} satisfies Suite
