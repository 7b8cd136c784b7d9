import { setTimeout as sleep } from 'node:timers/promises'
import { describe, type Answer } from '../judging/answer.ts'
import { failureShown, isServerError, whileDown } from '../judging/failures.ts'
import { demandAll, demandInTurn } from '../judging/inputs.ts'
import type { Step } from '../judging/origin.ts'
import { answered, CONTENT, delivered, HEAD, LAST_HEAD, plain, relayed, requireAsked } from '../judging/relay.ts'
import { through, type Sent } from '../judging/through.ts'
import type { Connection } from '../judging/wire.ts'
import { demand, type Experiment, type Observation, type Suite } from './index.ts'

/**
 * An origin that is down, frozen, slow, or dies in the middle of something. The specifications say what 502 and 504 mean, but
 * not that they must be used: any error that is the server's own tells the client the truth, and so does a connection that
 * is closed. What must never come of it is a response that looks whole, or is another request's, or a request that is sent
 * twice.
 */

/** What has arrived goes on before the end comes: whether an error can still take its place is then no chance. */
const CUT_PAUSE = 30
/** How long a silent origin is watched: its intermediary waits for much longer, if nobody has set that otherwise. */
const FROZEN_WAIT = 2000
const FREEZE: Step = { wait: FROZEN_WAIT + 300 }
/** Before a connection counts as kept. */
const KEPT_PAUSE = 40
/** How long a request that is sent once more is waited for. */
const AGAIN_WAIT = 30
const TRICKLE_PAUSE = 250
/** How long bytes are waited for that must not come. */
const EXTRA_WAIT = 60

const BAD_GATEWAY =
  'The 502 (Bad Gateway) status code indicates that the server, while acting as a gateway or proxy, received an invalid ' +
  'response from an inbound server it accessed while attempting to fulfill the request.'

/** Asks an origin that does this in place of a response, and demands that the client is told of a failure. */
async function demandFailure(
  experiment: Experiment,
  steps: readonly Step[],
  what: string,
): Promise<void | Observation> {
  const { answer } = await answered(experiment, steps)
  return failureShown(answer, what, 502)
}

/** Demands that nobody can take an answer for a whole one. */
function demandIncomplete(answer: Answer, what: string): void {
  const isShown = answer.ending === 'cut' || isServerError(answer)
  demand(isShown, `${what} became ${answer.ending === 'complete' ? 'a whole response: ' : ''}${describe(answer)}`)
}

/** Has a request read, and its connection ended without a response: one that was used before, or a new one. */
async function isSentAgain(
  experiment: Experiment,
  sent: Sent,
  how: 'close' | 'reset',
  on: 'old' | 'new',
): Promise<boolean> {
  let connection: Connection | undefined
  if (on === 'new') await whileDown(experiment, async () => {})
  else {
    const first = await relayed(experiment)
    delivered(first, 'a request')
    connection = first.connection
    await sleep(KEPT_PAUSE, undefined, { signal: experiment.signal })
  }
  const nonce = experiment.nonce()
  experiment.origin.script(nonce, { steps: [how] }, plain())
  // What the client is told of it is for other clauses.
  await through(experiment, nonce, sent, connection)
  return (await experiment.origin.received(nonce, 2, AGAIN_WAIT)).length > 1
}

const MUST_RECORD =
  'A client that receives an incomplete response message, which can occur when a connection is closed prematurely or when ' +
  'decoding a supposedly chunked transfer coding fails, MUST record the message as incomplete. '

export default {
  name: 'upstream-failures',
  title: 'RFC 9110 and 9112: what an intermediary makes of an origin that fails',
  alone: true,
  clauses: {
    'upstream.closes': {
      level: 'PROSE',
      cites: 'RFC 9110 §15.6.3',
      says: BAD_GATEWAY,
      experiment: 'Has the origin read a request and close the connection: the client must be told of a failure.',
      check: (experiment) => demandFailure(experiment, ['close'], 'a connection that was closed without a response'),
    },

    'upstream.resets': {
      level: 'PROSE',
      cites: 'RFC 9110 §15.6.3',
      says: BAD_GATEWAY,
      experiment: 'Has the origin read a request and reset the connection: the client must be told of a failure.',
      check: (experiment) => demandFailure(experiment, ['reset'], 'a connection that was reset without a response'),
    },

    'upstream.half-head': {
      level: 'PROSE',
      cites: 'RFC 9112 §8',
      says:
        'If a response terminates in the middle of the header section (before the empty line is received) and the status ' +
        'code might rely on header fields to convey the full meaning of the response, then the client cannot assume that ' +
        'meaning has been conveyed',
      experiment:
        'Has the origin close or reset the connection in the middle of a status line, of a field, and before the empty ' +
        'line: the client must be told of a failure.',
      async check(experiment): Promise<void | Observation> {
        const halves = ['HTTP/1.1 20', 'HTTP/1.1 200 OK\r\nX-Lab: on', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n']
        const seen = new Set<string>()
        for (const half of halves)
          for (const how of ['close', 'reset'] as const) {
            const steps = [half, { wait: 10 }, how]
            const observed = await demandFailure(experiment, steps, `${JSON.stringify(half)} and a ${how}`)
            if (observed) seen.add(observed.saw)
          }
        if (seen.size > 0) return { saw: [...seen].toSorted().join(', ') }
      },
    },

    'upstream.garbage': {
      level: 'PROSE',
      cites: 'RFC 9110 §15.6.3',
      says: BAD_GATEWAY,
      experiment:
        'Has the origin answer with bytes that are no HTTP/1 response: none of them may be passed on as one, or instead ' +
        'of one.',
      async check(experiment): Promise<void | Observation> {
        const garbage = {
          'a line of text': 'lab lab lab\r\n\r\n',
          'a greeting of SMTP': '220 lab.example ESMTP\r\n',
          'a page without a head': '<html>lab</html>\r\n',
          'bytes of TLS': Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x46]),
          'a status of letters': 'HTTP/1.1 abc OK\r\nContent-Length: 3\r\n\r\nlab',
        }
        const seen = new Set<string>()
        await demandAll(experiment, garbage, async (own, bytes, what) => {
          const { answer } = await answered(own, [bytes, 'close'])
          demand(answer.ending !== 'malformed', `${what} was passed on as it was`)
          demand(answer.ending !== 'complete' || isServerError(answer), `${what} became ${describe(answer)}`)
          const observed = failureShown(answer, what, 502)
          if (observed) seen.add(observed.saw)
        })
        if (seen.size > 0) return { saw: [...seen].toSorted().join(', ') }
      },
    },

    'framing.truncated-upstream': {
      level: 'MUST',
      cites: 'RFC 9112 §8',
      says:
        `${MUST_RECORD}[...] A message that uses a valid Content-Length is incomplete if the size of the message body ` +
        'received (in octets) is less than the value given by Content-Length.',
      experiment:
        'Has the origin close or reset the connection before as many bytes have come as it announced, few and many: the ' +
        'client must be able to see that the response is not whole.',
      async check(experiment) {
        for (const [size, length] of [
          [5, 50],
          [60_000, 100_000],
        ] as const)
          for (const how of ['close', 'reset'] as const) {
            const steps = [`${LAST_HEAD}Content-Length: ${length}\r\n\r\n`, 'x'.repeat(size), { wait: CUT_PAUSE }, how]
            const what = `a response of ${length} bytes that ended by a ${how} after ${size}`
            const { answer } = await answered(experiment, steps)
            demandIncomplete(answer, what)
          }
      },
    },

    'framing.truncated-chunked': {
      level: 'MUST',
      cites: 'RFC 9112 §8',
      says:
        `${MUST_RECORD}[...] A message body that uses the chunked transfer coding is incomplete if the zero-sized chunk ` +
        'that terminates the encoding has not been received.',
      experiment:
        'Has the origin close or reset the connection between two chunks, within one, and after a chunk whose size is none: ' +
        'the client must be able to see that the response is not whole.',
      async check(experiment) {
        const cuts: Readonly<Record<string, string>> = {
          'between two chunks': '',
          'within a chunk': '50\r\nhello',
          'after a chunk of size "zz"': 'zz\r\nhello\r\n',
        }
        for (const [where, last] of Object.entries(cuts))
          for (const how of ['close', 'reset'] as const) {
            const begun = [`${LAST_HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`, { wait: CUT_PAUSE }, last]
            const { answer } = await answered(experiment, [...begun, { wait: CUT_PAUSE }, how])
            demandIncomplete(answer, `a chunked response that ended by a ${how} ${where}`)
          }
      },
    },

    'framing.truncated-until-close': {
      level: 'PROSE',
      cites: 'RFC 9112 §8',
      says:
        'A response that has neither chunked transfer coding nor Content-Length is terminated by closure of the ' +
        'connection and, if the header section was received intact, is considered complete unless an error was indicated ' +
        'by the underlying connection',
      experiment:
        'Has the origin send a response that ends with its connection, and close that, or reset it: the first is whole, ' +
        'and the client must be able to see that the second is not.',
      async check(experiment) {
        const begun = [`${LAST_HEAD}\r\n`, 'hello', { wait: CUT_PAUSE }] as const
        const { answer: closed } = await answered(experiment, [...begun, 'close'])
        const isWhole = closed.ending === 'complete' && closed.body.toString() === 'hello'
        demand(isWhole, `a response that ended by a close became ${describe(closed)}`)
        const { answer: reset } = await answered(experiment, [...begun, 'reset'])
        demandIncomplete(reset, 'a response that ended by a reset')
      },
    },

    'upstream.frozen': {
      level: 'PROSE',
      cites: 'RFC 9110 §15.6.5',
      says:
        'The 504 (Gateway Timeout) status code indicates that the server, while acting as a gateway or proxy, did not ' +
        'receive a timely response from an upstream server it needed to access in order to complete the request.',
      experiment: `Has the origin read a request and stay silent, and looks at what the client gets within ${FROZEN_WAIT / 1000} s.`,
      async check(experiment): Promise<void | Observation> {
        const { answer } = await answered(experiment, [FREEZE, 'close'], { wait: FROZEN_WAIT })
        if (answer.ending === 'silent' && answer.head === undefined)
          return { saw: `no answer within ${FROZEN_WAIT / 1000} s` }
        return failureShown(answer, 'the silence of the origin', 504)
      },
    },

    'upstream.stalls': {
      level: 'MUST',
      cites: 'RFC 9112 §6.3',
      says:
        'If the sender closes the connection or the recipient times out before the indicated number of octets are ' +
        'received, the recipient MUST consider the message to be incomplete and close the connection.',
      experiment:
        'Has the origin fall silent in the middle of a body: within ' +
        `${FROZEN_WAIT / 1000} s the client may be kept waiting or see the response cut, but get none that looks whole.`,
      async check(experiment): Promise<void | Observation> {
        const steps: readonly Step[] = [`${LAST_HEAD}Content-Length: 50\r\n\r\nhello`, FREEZE, 'close']
        const { answer } = await answered(experiment, steps, { wait: FROZEN_WAIT })
        if (answer.ending === 'silent') return { saw: `still waits after ${FROZEN_WAIT / 1000} s` }
        demandIncomplete(answer, 'half a response')
      },
    },

    'upstream.slow': {
      level: 'PROSE',
      cites: 'RFC 9112 §6.3',
      says:
        'If a valid Content-Length header field is present without Transfer-Encoding, its decimal value defines the ' +
        'expected message body length in octets.',
      experiment:
        'Has the origin send head and body in small pieces with pauses, counted and in chunks: all must arrive.',
      async check(experiment) {
        const pieces = CONTENT.match(/.{1,7}/g)!
        const pause = { wait: TRICKLE_PAUSE }
        const chunk = (piece: string): string => `${piece.length.toString(16)}\r\n${piece}\r\n`
        const slow = {
          'a counted response': [`Content-Length: ${CONTENT.length}\r\n\r\n`, ...pieces],
          'a chunked response': ['Transfer-Encoding: chunked\r\n\r\n', ...pieces.map(chunk), '0\r\n\r\n'],
        }
        const each = Object.entries(slow).map(async ([what, parts]) => {
          const steps = ['HTTP/1.1 200', ' OK\r\nCache-Control: no-store\r\n', ...parts].flatMap((part) => [
            part,
            pause,
          ])
          delivered(await relayed(experiment, { steps }), `a request for ${what} in slow pieces`)
        })
        await Promise.all(each)
      },
    },

    'upstream.down': {
      level: 'PROSE',
      cites: 'RFC 9110 §15.6',
      says:
        'The 5xx (Server Error) class of status code indicates that the server is aware that it has erred or is incapable ' +
        'of performing the requested method.',
      experiment: 'Takes the origin down, so that connections to it are refused: the client must be told of a failure.',
      exclusive: true,
      async check(experiment): Promise<Observation> {
        const { answer } = await whileDown(experiment, () => relayed(experiment))
        demand(isServerError(answer), `a request for an origin that is down got ${describe(answer)}`)
        return { saw: `answers ${answer.head!.status}` }
      },
    },

    'conn.retry-idempotent-only': {
      level: 'SHOULD NOT',
      cites: 'RFC 9110 §9.2.2',
      says:
        'A client SHOULD NOT automatically retry a request with a non-idempotent method unless it has some means to know ' +
        'that the request semantics are actually idempotent, regardless of the method, or some means to detect that the ' +
        'original request was never applied. [...] A proxy MUST NOT automatically retry non-idempotent requests.',
      experiment:
        'Has the origin read a POST or PATCH, with content and without, and close or reset the connection, which was used ' +
        'before or is new: the request must not come a second time.',
      exclusive: true,
      async check(experiment) {
        const requests: Readonly<Record<string, Sent>> = {
          'POST with content': { method: 'POST', body: 'hello' },
          'POST without content': { method: 'POST', fields: ['Content-Length: 0'] },
          'PATCH without content': { method: 'PATCH', fields: ['Content-Length: 0'] },
        }
        await demandInTurn(experiment, requests, async (own, sent, what) => {
          for (const on of ['old', 'new'] as const)
            for (const how of ['close', 'reset'] as const) {
              const isAgain = await isSentAgain(own, sent, how, on)
              demand(
                !isAgain,
                `${what} was sent again after a ${how} of ${on === 'old' ? 'a kept' : 'a new'} connection`,
              )
            }
        })
      },
    },

    'response.split': {
      level: 'MUST NOT',
      cites: 'RFC 9112 §6.3',
      says:
        'A client MUST NOT process, cache, or forward such extra data as a separate response, since such behavior would be ' +
        'vulnerable to cache poisoning.',
      experiment:
        'Has the origin send another response after a whole one, at once, a little later, and in place of a body that ' +
        'HEAD, 204 and 304 cannot have; the requests that follow must get their own responses.',
      exclusive: true,
      async check(experiment) {
        const evil = `HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 4\r\n\r\nevil`
        const [whole] = plain().steps as readonly [string]
        const responses: Readonly<Record<string, { readonly steps: readonly Step[]; readonly method?: string }>> = {
          'a whole response': { steps: [`${whole}${CONTENT}${evil}`] },
          'a whole response, later': { steps: [`${whole}${CONTENT}`, { wait: 10 }, evil] },
          'a response to HEAD': { steps: [`${HEAD}Content-Length: ${evil.length}\r\n\r\n${evil}`], method: 'HEAD' },
          'a 204': { steps: [`HTTP/1.1 204 No Content\r\n\r\n${evil}`] },
          'a 304': { steps: [`HTTP/1.1 304 Not Modified\r\nETag: "lab"\r\n\r\n${evil}`] },
        }
        await demandInTurn(experiment, responses, async (own, { steps, method = 'GET' }, what) => {
          const first = await relayed(own, { steps }, { method })
          requireAsked(first)
          const extra = await first.connection.rest(EXTRA_WAIT)
          demand(extra.length === 0, `what followed ${what} was forwarded to the same client`)
          // On the connection that this client has, and on that of another.
          for (const connection of [first.connection, undefined]) {
            const next = await relayed(own, plain(), {}, connection)
            if (!next.answer.body.includes('evil')) continue
            // From now on every response on that connection would be another request's.
            await whileDown(own, async () => {})
            demand(false, `what followed ${what} answered another request`)
          }
        })
      },
    },
  },
} satisfies Suite
