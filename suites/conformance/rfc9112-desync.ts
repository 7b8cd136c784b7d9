import { ask, exchange, request, type Query } from '../judging/probe.ts'
import type { Answer } from '../judging/answer.ts'
import { values } from '../judging/head.ts'
import { CLEAR, CODED, COUNTED, ENDING_BY_CODING, ENDING_BY_LENGTH, UNREAD } from '../judging/ambiguous.ts'
import { calm, demandAgreement, demandClarity, otherClients, type Other } from '../judging/smuggling.ts'
import { atIntermediary, demand, Deviation, type Experiment, type Suite } from './index.ts'

const BOTH =
  'If a message is received with both a Transfer-Encoding and a Content-Length header field, the Transfer-Encoding ' +
  'overrides the Content-Length. [...] An intermediary that chooses to forward the message MUST first remove the ' +
  'received Content-Length field and process the Transfer-Encoding (as described below) prior to forwarding the ' +
  'message downstream.'

const FOLLOWING_WAIT = 400
const EXTRA_WAIT = 250
// Upstream connections are closed for reasons of their own, cheroot's for their number.
const ATTEMPTS = 4
const ATTEMPTS_AT_OTHERS = 8

/** A field that only a response made of an application's output has. */
const SPLIT = 'X-Lab-Split'
const isSplit = ({ head }: Answer): boolean => head !== undefined && values(head, SPLIT).length > 0
const areSplit = (others: readonly Other[]): boolean => others.some(({ answer }) => answer && isSplit(answer))

/** A body for HEAD that comes when the head has long been sent. */
const LATE_BODY: Query = {
  do: 'respond',
  write: '',
  linger: 0.15,
  item: `HTTP/1.1 200 OK\r\nContent-Length: 5\r\n${SPLIT}: two\r\n\r\nsplit`,
}

/** Whether the body for HEAD answers the request that comes next on the same connection. */
async function isAnsweredByLateBody(experiment: Experiment): Promise<boolean> {
  const { hop } = experiment
  const [head, next] = [experiment.nonce(), experiment.nonce()]
  const connection = await experiment.connect()
  connection.send(request(hop, head, LATE_BODY, { method: 'HEAD' }) + request(hop, next, UNREAD))
  await exchange(head, connection, { method: 'HEAD' })
  return isSplit((await exchange(next, connection, { wait: FOLLOWING_WAIT })).answer)
}

/** Whether the body for HEAD answers a request of another client. */
async function reachesOthers(experiment: Experiment): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS_AT_OTHERS; attempt++) {
    await calm(experiment)
    await ask(experiment, LATE_BODY, { method: 'HEAD' })
    if (areSplit(await otherClients(experiment))) return true
  }
  return false
}

export default {
  name: 'rfc9112-desync',
  title: 'RFC 9112: where a message ends, for every hop alike',
  clauses: {
    'desync.second-request': {
      level: 'MUST',
      cites: 'RFC 9112 §9.3',
      says:
        'A server MUST read the entire request message body or close the connection after sending its response; ' +
        'otherwise, the remaining data on a persistent connection would be misinterpreted as the next request.',
      experiment:
        'Sends complete requests with a second one behind them, on one connection: the application must be called for ' +
        'those that are answered and no others, whatever the body of the first looks like.',
      needs: 'events',
      applies: atIntermediary,
      check: (experiment) => demandClarity(experiment, CLEAR, UNREAD),
    },

    'desync.cl-te': {
      level: 'MUST',
      cites: 'RFC 9112 §6.3',
      says: BOTH,
      experiment:
        'Sends messages with a length and an odd transfer coding, which end earlier by the coding, with a request behind ' +
        'that end: the application may see it only when the client is answered it.',
      needs: 'events',
      applies: atIntermediary,
      check: (experiment) => demandAgreement(experiment, ENDING_BY_CODING),
    },

    'desync.te-cl': {
      level: 'MUST',
      cites: 'RFC 9112 §6.3',
      says: BOTH,
      experiment:
        'Sends messages with a length and an odd transfer coding, which end earlier by the length, with a request behind ' +
        'that end: the application may see it only when the client is answered it.',
      needs: 'events',
      applies: atIntermediary,
      check: (experiment) => demandAgreement(experiment, ENDING_BY_LENGTH),
    },

    'desync.te-te': {
      level: 'MUST',
      cites: 'RFC 9112 §6.3',
      says:
        'If a Transfer-Encoding header field is present in a request and the chunked transfer coding is not the final ' +
        'encoding, the message body length cannot be determined reliably; the server MUST respond with the 400 (Bad ' +
        'Request) status code and then close the connection.',
      experiment:
        'Sends messages with several transfer codings and with odd chunks, in which a request stands where some find ' +
        'the end: the application may see it only when the client is answered it.',
      needs: 'events',
      applies: atIntermediary,
      check: (experiment) => demandAgreement(experiment, CODED),
    },

    'desync.cl-0': {
      level: 'MUST',
      cites: 'RFC 9112 §6.3',
      says:
        'If a message is received without Transfer-Encoding and with an invalid Content-Length header field, then the ' +
        'message framing is invalid and the recipient MUST treat it as an unrecoverable error [...] If a valid ' +
        'Content-Length header field is present without Transfer-Encoding, its decimal value defines the expected ' +
        'message body length in octets.',
      experiment:
        'Sends messages whose body is a request, in which some may miss the length: the application may see it only ' +
        'when the client is answered it.',
      needs: 'events',
      applies: atIntermediary,
      check: (experiment) => demandAgreement(experiment, COUNTED),
    },

    'desync.head-content': {
      level: 'PROSE',
      cites: 'RFC 9112 §6.3',
      says:
        'Any response to a HEAD request and any response with a 1xx (Informational), 204 (No Content), or 304 (Not ' +
        'Modified) status code is always terminated by the first empty line after the header fields, regardless of the ' +
        'header fields present in the message, and thus cannot contain a message body or trailer section.',
      experiment:
        'Sends a HEAD and a GET behind it on one connection; the application writes a body for HEAD, which looks like a ' +
        'response, when the head has long been sent. No request may be answered with it.',
      async check(experiment) {
        const { hop } = experiment
        for (let attempt = 0; attempt < (atIntermediary(hop) ? ATTEMPTS : 1); attempt++) {
          if (!(await isAnsweredByLateBody(experiment))) continue
          const what = 'what the application wrote as the body for HEAD answered the request after it'
          if (!atIntermediary(hop)) throw new Deviation(what)
          const reached = await reachesOthers(experiment)
          // Once more, as evidence.
          await isAnsweredByLateBody(experiment)
          await calm(experiment)
          const others = reached ? 'exploitable: another' : 'not exploitable here: no other'
          throw new Deviation(`${what}; ${others} client's request was answered with it`)
        }
      },
    },

    'response.split': {
      level: 'MUST NOT',
      cites: 'RFC 9112 §9.2',
      says:
        "If a client receives data on a connection that doesn't have outstanding requests, the client MUST NOT consider " +
        'that data to be a valid response',
      experiment:
        'Has the application pass a header value that ends the response and begins another one, by CR LF and by LF: ' +
        'neither this client nor another one may be sent the second response.',
      applies: atIntermediary,
      async check(experiment) {
        for (const end of ['\r\n', '\n']) {
          const nonce = experiment.nonce()
          const lines = ['one', `X-Probe: ${nonce}`, 'Content-Length: 0', '', 'HTTP/1.1 200 OK', `${SPLIT}: two`]
          const connection = await experiment.connect()
          connection.send(request(experiment.hop, nonce, { do: 'start', value: lines.join(end) }))
          const { answer, proven } = await exchange(nonce, connection)
          // A server that refuses the value, or mends it, ends it here.
          if (!proven || answer.body.length > 0) continue
          const rest = await connection.rest(EXTRA_WAIT)
          const others = await otherClients(experiment)
          await calm(experiment)
          const what = `what followed a header value with ${JSON.stringify(end)} that ends the response`
          demand(!areSplit(others), `${what} answered another client's request`)
          demand(rest.length === 0, `${what} was sent to the client as a second response`)
        }
      },
    },
  },
} satisfies Suite
