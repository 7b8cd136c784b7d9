import { ask, environ, exchange, proven, request } from '../judging/probe.ts'
import { describe } from '../judging/answer.ts'
import { atIntermediary, demand, type Experiment, type Suite } from './index.ts'
import type { Hop } from '../../topologies/index.ts'

const CLOSE_WAIT = 1500
const PIPELINE_WAIT = 1000
const INTERIM_WAIT = 400

/** How many intermediaries the Via field names that the application sees when it is asked through this hop. */
async function viaEntries(experiment: Experiment, hop: Hop): Promise<number> {
  const { values } = await environ({ ...experiment, hop, connect: () => experiment.connect(hop) })
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
  },
} satisfies Suite
