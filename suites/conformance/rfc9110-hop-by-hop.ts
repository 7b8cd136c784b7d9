import { setTimeout as sleep } from 'node:timers/promises'
import { describe, gotValues, type Answer } from '../judging/answer.ts'
import type { Reply } from '../judging/origin.ts'
import { sentValues, type Received } from '../judging/received.ts'
import { CONTENT, delivered, plain, relayed, SHORT_WAIT } from '../judging/relay.ts'
import { message } from '../judging/through.ts'
import { demand, type Observation, type Suite } from './index.ts'

/** What belongs to one connection, or to one step of a chain, and must not simply be passed on to the next. */

/** How often a body is asked about that is still on its way, in milliseconds. */
const BODY_PAUSE = 5

/** The entries of list-based fields, in lower case. */
const entries = (lines: readonly string[]): readonly string[] =>
  lines
    .join(',')
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')

const refusing: Reply = { steps: ['HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\nContent-Length: 0\r\n\r\n'] }

/** Whether the intermediary gave an answer of its own that does not blame the origin. */
const isAnswered = ({ ending, head }: Answer): boolean =>
  ending === 'complete' && head !== undefined && ![502, 503, 504].includes(head.status)

const MAX_FORWARDS =
  'Each intermediary that receives a TRACE or OPTIONS request containing a Max-Forwards header field MUST check and ' +
  'update its value prior to forwarding the request. '

export default {
  name: 'rfc9110-hop-by-hop',
  title: 'RFC 9110: what an intermediary keeps to one connection, or adds to a message',
  alone: true,
  clauses: {
    'hop.connection-listed-removed': {
      level: 'MUST',
      cites: 'RFC 9110 §7.6.1',
      says:
        'Intermediaries MUST parse a received Connection header field before a message is forwarded and, for each ' +
        'connection-option in this field, remove any header or trailer field(s) from the message with the same name as ' +
        'the connection-option',
      experiment:
        'Sends, both ways, fields that Connection lists, in one line and in another and in other case, and looks for them ' +
        'on the other side.',
      async check(experiment) {
        const listed = ['X-Lab-One', 'X-Lab-Two', 'X-Lab-Three']
        const fields = [
          'Connection: x-lab-one, X-LAB-TWO',
          'Connection: x-lab-three',
          ...listed.map((name) => `${name}: 1`),
        ]
        const passage = await relayed(experiment, plain(...fields), { fields })
        const request = delivered(passage, 'a request')
        const there = listed.filter((name) => sentValues(request, name).length > 0)
        const back = listed.filter((name) => gotValues(passage.answer, name).length > 0)
        const told = [
          ...(there.length > 0 ? [`of the request ${there.join(', ')}`] : []),
          ...(back.length > 0 ? [`of the response ${back.join(', ')}`] : []),
        ]
        demand(told.length === 0, `fields that Connection lists were forwarded: ${told.join('; ')}`)
      },
    },

    'hop.connection-own': {
      level: 'MUST',
      cites: 'RFC 9110 §7.6.1',
      says:
        'Intermediaries MUST [...] then remove the Connection header field itself (or replace it with the ' +
        "intermediary's own control options for the forwarded message).",
      experiment: 'Sends, both ways, a Connection field with an option that nobody knows, and looks for it.',
      async check(experiment) {
        const fields = ['Connection: x-lab-option']
        const passage = await relayed(experiment, plain(...fields), { fields })
        const request = delivered(passage, 'a request')
        const there = sentValues(request, 'connection').join()
        demand(!/x-lab-option/i.test(there), `the request was forwarded with "Connection: ${there}"`)
        const back = gotValues(passage.answer, 'connection').join()
        demand(!/x-lab-option/i.test(back), `the response was forwarded with "Connection: ${back}"`)
      },
    },

    'hop.known-removed': {
      level: 'SHOULD',
      cites: 'RFC 9110 §7.6.1',
      says:
        'Furthermore, intermediaries SHOULD remove or replace fields that are known to require removal before ' +
        "forwarding, whether or not they appear as a connection-option, after applying those fields' semantics.",
      experiment:
        'Sends Keep-Alive, Proxy-Connection and Upgrade both ways and TE to the origin, without listing them in ' +
        'Connection, and looks for their values on the other side.',
      async check(experiment) {
        const both = { 'Keep-Alive': 'timeout=77', 'Proxy-Connection': 'x-lab', Upgrade: 'x-lab/1' }
        const there = { ...both, TE: 'trailers;q=0.77' }
        const lines = (fields: object): string[] => Object.entries(fields).map(([name, value]) => `${name}: ${value}`)
        const passage = await relayed(experiment, plain(...lines(both)), { fields: lines(there) })
        const request = delivered(passage, 'a request')
        const told = [
          ...Object.entries(there)
            .filter(([name, value]) => sentValues(request, name).includes(value))
            .map(([name]) => `${name} of the request`),
          ...Object.entries(both)
            .filter(([name, value]) => gotValues(passage.answer, name).includes(value))
            .map(([name]) => `${name} of the response`),
        ]
        demand(told.length === 0, `forwarded: ${told.join(', ')}`)
      },
    },

    'te.only-with-connection': {
      level: 'MUST',
      cites: 'RFC 9110 §10.1.4',
      says:
        'A sender of TE MUST also send a "TE" connection option within the Connection header field to inform ' +
        'intermediaries not to forward this field.',
      experiment: 'Sends TE, with and without the option, and looks whether the origin gets a TE without one.',
      async check(experiment) {
        for (const fields of [['TE: trailers', 'Connection: TE'], ['TE: trailers']]) {
          const request = delivered(await relayed(experiment, plain(), { fields }), 'a request with TE')
          const te = sentValues(request, 'te').join()
          const isAllowed = te === '' || entries(sentValues(request, 'connection')).includes('te')
          demand(isAllowed, `"TE: ${te}" was forwarded without a "TE" option in Connection`)
        }
      },
    },

    'via.added': {
      level: 'MUST',
      cites: 'RFC 9110 §7.6.3',
      says:
        'An HTTP-to-HTTP gateway MUST send an appropriate Via header field in each inbound request message and MAY send ' +
        'a Via header field in forwarded response messages.',
      experiment:
        'Sends a request of HTTP/1.0 with a Via of its own; the origin must get that, and after it the version and a name.',
      async check(experiment) {
        const sent = { fields: ['Via: 1.1 lab'], version: '1.0' } as const
        const via = entries(sentValues(delivered(await relayed(experiment, plain(), sent), 'a request'), 'via'))
        demand(via.length > 0, 'the origin sees no Via')
        demand(via[0] === '1.1 lab', `the Via of the client, "1.1 lab", reached the origin as "${via.join(', ')}"`)
        demand(via.length > 1, 'the Via of the client was forwarded with nothing added')
        demand(/^(http\/)?1\.0 \S+/.test(via[1]!), `what was added for a request of HTTP/1.0 is "${via[1]}"`)
      },
    },

    'via.response': {
      level: 'MAY',
      cites: 'RFC 9110 §7.6.3',
      says:
        'An HTTP-to-HTTP gateway MUST send an appropriate Via header field in each inbound request message and MAY send ' +
        'a Via header field in forwarded response messages.',
      experiment: 'Has the origin answer with a Via of its own and looks at the one that arrives.',
      async check(experiment): Promise<Observation> {
        const passage = await relayed(experiment, plain('Via: 1.1 lab'))
        delivered(passage, 'a request')
        const via = entries(gotValues(passage.answer, 'via'))
        const own = via.filter((entry) => entry !== '1.1 lab')
        const kept = via.includes('1.1 lab') ? 'keeps the Via of the origin' : 'drops the Via of the origin'
        return { saw: `${kept}, adds ${own.length === 0 ? 'none' : 'its own'}` }
      },
    },

    'maxforwards.zero': {
      level: 'MUST',
      cites: 'RFC 9110 §7.6.2',
      says:
        `${MAX_FORWARDS}If the received value is zero (0), the intermediary MUST NOT forward the request; instead, the ` +
        'intermediary MUST respond as the final recipient.',
      experiment:
        'Sends OPTIONS and TRACE with "Max-Forwards: 0", which must be answered, with whatever final status, without the ' +
        'origin.',
      async check(experiment) {
        const told: string[] = []
        for (const method of ['OPTIONS', 'TRACE']) {
          const passage = await relayed(experiment, refusing, { method, fields: ['Max-Forwards: 0'] })
          if (passage.requests.length > 0) told.push(method)
          else demand(isAnswered(passage.answer), `${method} got ${describe(passage.answer)}`)
        }
        demand(told.length === 0, `forwarded with "Max-Forwards: 0": ${told.join(' and ')}`)
      },
    },

    'maxforwards.updated': {
      level: 'MUST',
      cites: 'RFC 9110 §7.6.2',
      says:
        `${MAX_FORWARDS}[...] If the received Max-Forwards value is greater than zero, the intermediary MUST generate an ` +
        'updated Max-Forwards field in the forwarded message with a field value that is the lesser of a) the received ' +
        "value decremented by one (1) or b) the recipient's maximum supported value for Max-Forwards.",
      experiment:
        'Sends OPTIONS and TRACE with "Max-Forwards: 5": where they are forwarded, the origin must get 4 or less.',
      async check(experiment) {
        const told: string[] = []
        for (const method of ['OPTIONS', 'TRACE']) {
          const { requests } = await relayed(experiment, refusing, { method, fields: ['Max-Forwards: 5'] })
          for (const request of requests) {
            const left = sentValues(request, 'max-forwards').join()
            if (!/^[0-4]$/.test(left)) told.push(`${method} with ${left === '' ? 'none' : left}`)
          }
        }
        demand(told.length === 0, `of "Max-Forwards: 5" the origin got ${told.join(' and ')}`)
      },
    },

    'expect.100-forwarded': {
      level: 'MUST',
      cites: 'RFC 9110 §10.1.1',
      says:
        'Upon receiving an HTTP/1.1 (or later) request that has a method, target URI, and complete header section that ' +
        'contains a 100-continue expectation and an indication that request content will follow, an origin server MUST ' +
        'send either: an immediate response with a final status code, if that status can be determined by examining just ' +
        'the method, target URI, and header fields, or an immediate 100 (Continue) response to encourage the client to ' +
        'send the request content.',
      experiment:
        'Announces a body with "Expect: 100-continue" and sends it when it is encouraged to: a gateway may answer 100 ' +
        'itself, as an origin server must, or leave it to the origin, as a proxy must, but the client has to hear of it.',
      async check(experiment): Promise<Observation> {
        const nonce = experiment.nonce()
        const wholeOf = async (received: Received): Promise<void> => {
          while (!received.complete) await sleep(BODY_PAUSE, undefined, { signal: experiment.signal })
        }
        const encouraging = (received: Received): Reply =>
          sentValues(received, 'expect').length === 0
            ? plain()
            : { early: true, steps: ['HTTP/1.1 100 Continue\r\n\r\n', { until: wholeOf(received) }, ...plain().steps] }
        experiment.origin.script(nonce, encouraging)
        const connection = await experiment.connect()
        const fields = ['Expect: 100-continue', 'Content-Length: 5']
        connection.send(message(experiment, nonce, { method: 'POST', fields }))
        const isHeard = await connection.heard(SHORT_WAIT)
        connection.send('hello')
        const answer = await connection.answer({ method: 'POST' })
        demand(isHeard, `nothing was heard within ${SHORT_WAIT / 1000} s of an "Expect: 100-continue"`)
        const requests = await experiment.origin.received(nonce)
        const request = delivered({ connection, answer, requests }, 'a request with "Expect: 100-continue"')
        demand(
          answer.interim.some(({ status }) => status === 100),
          'no 100 came before the final response',
        )
        demand(request.body.toString() === 'hello', `its content arrived as ${JSON.stringify(request.body.toString())}`)
        const isForwarded = sentValues(request, 'expect').length > 0
        return { saw: isForwarded ? 'leaves the answer to the origin' : 'answers 100 itself' }
      },
    },

    'expect.100-not-to-10': {
      level: 'MUST NOT',
      cites: 'RFC 9110 §15.2',
      says: 'Since HTTP/1.0 did not define any 1xx status codes, a server MUST NOT send a 1xx response to an HTTP/1.0 client.',
      experiment:
        'Asks in HTTP/1.0, once with "Expect: 100-continue", once with an origin that sends 103 before its response: the ' +
        'client must get no 1xx.',
      async check(experiment) {
        const asked = { method: 'POST', version: '1.0', wait: SHORT_WAIT } as const
        const fields = ['Expect: 100-continue', 'Content-Length: 5']
        const hinting: Reply = { steps: ['HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', ...plain().steps] }
        for (const [what, { answer }] of [
          ['"Expect: 100-continue"', await relayed(experiment, plain(), { ...asked, fields, body: 'hello' })],
          ['an origin that sends 103', await relayed(experiment, hinting, { version: '1.0', wait: SHORT_WAIT })],
        ] as const)
          demand(answer.interim.length === 0, `with ${what} an HTTP/1.0 client was sent ${answer.interim[0]?.status}`)
      },
    },

    'trace.no-sensitive': {
      level: 'SHOULD',
      cites: 'RFC 9110 §9.3.8',
      says:
        'The final recipient of the request SHOULD exclude any request fields that are likely to contain sensitive data ' +
        'when that recipient generates the response content.',
      experiment:
        'Sends TRACE with a cookie and a password, once with "Max-Forwards: 0": where the intermediary answers itself, ' +
        'neither may stand in its answer.',
      async check(experiment) {
        const secrets = { Cookie: 'session=c29tZS1zZWNyZXQ', Authorization: 'Basic bGFiOnBhc3N3b3Jk' }
        const fields = Object.entries(secrets).map(([name, value]) => `${name}: ${value}`)
        let answered = false
        for (const limit of [[], ['Max-Forwards: 0']]) {
          const sent = { method: 'TRACE', fields: [...fields, ...limit] }
          const { answer, requests } = await relayed(experiment, refusing, sent)
          if (requests.length > 0) continue
          answered = true
          const shown = Object.entries(secrets).filter(([, value]) => answer.body.includes(value))
          demand(shown.length === 0, `TRACE shows the client’s ${shown.map(([name]) => name).join(' and ')}`)
        }
        if (!answered) return { saw: 'leaves TRACE to the origin' }
      },
    },

    'framing.connect-2xx': {
      level: 'MUST NOT',
      cites: 'RFC 9110 §9.3.6',
      says:
        'A server MUST NOT send any Transfer-Encoding or Content-Length header fields in a 2xx (Successful) response to ' +
        'CONNECT.',
      experiment:
        'Sends CONNECT, and has the origin, where that is asked, let it through without a length: the client must get ' +
        'none either, if it is let through.',
      async check(experiment): Promise<Observation> {
        const through: Reply = { steps: ['HTTP/1.1 200 OK\r\n\r\n', { wait: 50 }, CONTENT, 'close'] }
        const sent = (nonce: string) => ({ method: 'CONNECT', target: `${nonce}:80`, host: `${nonce}:80` })
        const { answer, requests } = await relayed(experiment, through, sent)
        const { head } = answer
        if (head === undefined || head.status < 200 || head.status > 299)
          return {
            saw: head === undefined ? 'closes the connection on CONNECT' : `refuses CONNECT with ${head.status}`,
          }
        for (const name of ['Transfer-Encoding', 'Content-Length']) {
          const value = gotValues(answer, name)[0]
          demand(value === undefined, `CONNECT was answered ${describe(answer)} with "${name}: ${value}"`)
        }
        return { saw: requests.length > 0 ? 'lets CONNECT through to the origin' : 'accepts CONNECT itself' }
      },
    },
  },
} satisfies Suite
