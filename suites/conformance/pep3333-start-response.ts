import { z } from 'zod'
import { ask, data, exchange, proven, request, starts, type Query } from '../judging/probe.ts'
import { values } from '../judging/head.ts'
import { describe } from '../judging/answer.ts'
import { atApp, Blocked, demand, Deviation, type Experiment, type Suite } from './index.ts'
import type { Event } from '../../topologies/index.ts'

const START_RESPONSE = 'PEP 3333, The start_response() Callable'
const ANSWER_WAIT = 1500
// How long the application idles: what is sent before its time is seen to be within this.
const IDLE_SECONDS = 0.3

/** What the application had done, by the probe's events, when the first byte of its response arrived. */
async function untilHeard(experiment: Experiment, query: Query) {
  const nonce = experiment.nonce()
  const connection = await experiment.connect()
  connection.send(request(experiment.hop, nonce, query))
  await connection.heard(ANSWER_WAIT)
  // An event is written before whatever the server sends after it, so that a right server is never accused.
  const events = await experiment.events(nonce)
  proven(await exchange(nonce, connection))
  return events
}

function has(events: readonly Event[], name: string): boolean {
  return events.some(({ event }) => event === name)
}

export default {
  name: 'pep3333-start-response',
  title: 'PEP 3333: start_response and exc_info',
  clauses: {
    'start-response.no-transmit': {
      level: 'MUST NOT',
      cites: START_RESPONSE,
      says: 'However, the start_response callable must not actually transmit the response headers.',
      experiment:
        'Has the application idle between start_response and its return, and looks whether a byte arrives before the ' +
        'server asks for the body.',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const events = await untilHeard(experiment, { do: 'start', hold: IDLE_SECONDS })
        demand(has(events, 'next'), 'the response began while the application had only called start_response')
      },
    },

    'start-response.defer-until-body': {
      level: 'MUST',
      cites: START_RESPONSE,
      says:
        'Instead, it must store them for the server or gateway to transmit only after the first iteration of the ' +
        "application return value that yields a non-empty bytestring, or upon the application's first invocation of the " +
        'write() callable.',
      experiment:
        'Has the application yield an empty bytestring, then replace its status by 299, and looks which status arrives.',
      applies: atApp,
      async check(experiment) {
        const { answer } = await ask(experiment, { do: 'rethink', when: 'empty' })
        demand(
          answer.head?.status === 299,
          `after an empty bytestring the application replaced its status by 299, the client got ${describe(answer)}`,
        )
      },
    },

    'start-response.empty-body': {
      level: 'PROSE',
      cites: START_RESPONSE,
      says:
        'In other words, response headers must not be sent until there is actual body data available, or until the ' +
        "application's returned iterable is exhausted.",
      experiment:
        'Has the application return an iterable of nothing, one of empty bytestrings and an empty list, and looks for its ' +
        'status, its header and an empty body.',
      async check(experiment) {
        const bodies: Readonly<Record<string, Query>> = {
          'an iterable of nothing': {},
          'an iterable of two empty bytestrings': { item: ['', ''] },
          'an empty list': { list: 1 },
        }
        for (const [what, body] of Object.entries(bodies)) {
          const query = { do: 'respond', status: '299 Empty', uncounted: 1, ...body }
          const { answer, proven } = await ask(experiment, query, { wait: ANSWER_WAIT })
          const right = proven && answer.ending === 'complete' && answer.head!.status === 299
          demand(right, `${what} and the status 299 gave ${describe(answer)}`)
          demand(answer.problems.length === 0, `${what}: ${answer.problems.join(', ')}`)
          demand(answer.body.length === 0, `${what} arrived as a body of ${answer.body.length} bytes`)
        }
      },
    },

    'start-response.cl0-exception': {
      level: 'RECORD',
      cites: START_RESPONSE,
      says: 'The only possible exception to this rule is if the response headers explicitly include a Content-Length of zero.',
      experiment:
        'Has the application pass Content-Length: 0, yield an empty bytestring and idle, and looks whether the response ' +
        'comes before its iterable is exhausted.',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const query = { do: 'respond', header: 'Content-Length: 0', item: '', pause: IDLE_SECONDS }
        const early = !has(await untilHeard(experiment, query), 'end')
        return { saw: `sends a response of Content-Length: 0 ${early ? 'before' : 'when'} its iterable is exhausted` }
      },
    },

    'start-response.second-call-fatal': {
      level: 'PROSE',
      cites: START_RESPONSE,
      says:
        'it is a fatal error to call start_response without the exc_info argument if start_response has already been ' +
        'called within the current invocation of the application.',
      experiment:
        'Has the application call start_response twice without exc_info, and looks for an error in it or a response of ' +
        '5xx.',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const { nonce, answer } = await ask(experiment, { do: 'rethink', when: 'twice' })
        const events = await starts(experiment, nonce, 2)
        const fatal = has(events, 'start-raised') || (answer.head?.status ?? 0) >= 500
        demand(fatal, `a second call without exc_info was accepted, the client got ${describe(answer)}`)
      },
    },

    'start-response.second-call-after-error': {
      level: 'PROSE',
      cites: START_RESPONSE,
      says: 'This includes the case where the first call to start_response raised an error.',
      experiment:
        'Has the application catch what start_response raised for a faulty status or header, and call it once more ' +
        'without exc_info.',
      dependsOn: 'start-response.second-call-fatal',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        // Which of them raises differs from server to server, and so may what is remembered of the first call.
        const faults: Readonly<Record<string, Query>> = {
          'a tuple for the list of headers': { as: 'tuple' },
          'an int as header value': { as: 'number', value: '77' },
          'CR LF in a header value': { value: 'one\r\ntwo' },
          'a Connection header': { name: 'Connection', value: 'close' },
          'the status "OK"': { status: 'OK' },
        }
        let raised = 0
        for (const [what, query] of Object.entries(faults)) {
          const asked = await ask(experiment, { do: 'start', again: 1, ...query }, { wait: ANSWER_WAIT })
          const [first] = await starts(experiment, asked.nonce, 1)
          if (first?.event !== 'start-raised') continue
          raised += 1
          const [, second] = await starts(experiment, asked.nonce, 2)
          const fatal = second?.event === 'start-raised' || (asked.answer.head?.status ?? 0) >= 500
          const got = describe(asked.answer)
          demand(fatal, `${what} raised an error, a second call without exc_info was accepted: the client got ${got}`)
        }
        if (raised === 0) throw new Blocked('nothing that the lab has an application pass makes start_response raise')
      },
    },

    'exc-info.replaces-headers': {
      level: 'PROSE',
      cites: START_RESPONSE,
      says:
        'If exc_info is supplied, and no HTTP headers have been output yet, start_response should replace the ' +
        'currently-stored HTTP response headers with the newly-supplied ones',
      experiment:
        'Has the application call start_response again with exc_info before its output, and looks for the status and ' +
        'headers of the second call alone.',
      async check(experiment) {
        const { answer } = await ask(experiment, { do: 'rethink', when: 'call' })
        const arrived = answer.head?.status === 299 && answer.ending === 'complete'
        demand(arrived, `the replaced status 299 and its body arrived as ${describe(answer)}`)
        demand(values(answer.head!, 'x-second').length === 1, "the second call's field X-Second did not arrive")
        demand(values(answer.head!, 'x-first').length === 0, "the first call's field X-First was sent all the same")
      },
    },

    'exc-info.after-sent-raises': {
      level: 'MUST',
      cites: START_RESPONSE,
      says:
        'However, if exc_info is provided, and the HTTP headers have already been sent, start_response must raise an ' +
        'error, and should re-raise using the exc_info tuple.',
      experiment:
        'Has the application call start_response with exc_info after its first block, and looks for an error in it.',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const { nonce } = await ask(experiment, { do: 'rethink', when: 'output' }, { wait: ANSWER_WAIT })
        const events = await starts(experiment, nonce, 2)
        demand(
          has(events, 'start-raised'),
          'start_response with exc_info returned although a block had been yielded before',
        )
      },
    },

    'exc-info.after-sent-original': {
      level: 'SHOULD',
      cites: START_RESPONSE,
      says:
        'However, if exc_info is provided, and the HTTP headers have already been sent, start_response must raise an ' +
        'error, and should re-raise using the exc_info tuple.',
      experiment:
        'Has the application call start_response with exc_info after its first block, and looks whether the very ' +
        'exception in exc_info comes back.',
      dependsOn: 'exc-info.after-sent-raises',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const { nonce } = await ask(experiment, { do: 'rethink', when: 'output' }, { wait: ANSWER_WAIT })
        const raised = (await starts(experiment, nonce, 2)).find(({ event }) => event === 'start-raised')
        if (!raised) throw new Deviation('start_response with exc_info raised no error this time')
        const { original, type, message } = raised
        demand(original === true, `not the exception in exc_info was raised, but ${type}: ${message}`)
      },
    },

    'exc-info.no-reference-kept': {
      level: 'SHOULD',
      cites: START_RESPONSE,
      says:
        'Note: servers, gateways, or middleware implementing start_response should ensure that no reference is held to ' +
        "the exc_info parameter beyond the duration of the function's execution",
      experiment:
        'Has the application call start_response with exc_info and drop the exception, and looks by a weak reference ' +
        'whether anybody else still has it.',
      applies: atApp,
      async check(experiment) {
        const asked = await ask(experiment, { do: 'forget' })
        if (!asked.proven || asked.answer.ending !== 'complete')
          throw new Blocked(`start_response with exc_info, before any output, gave ${describe(asked.answer)}`)
        const { held } = data(z.object({ held: z.boolean() }), asked)
        demand(!held, 'when start_response had returned, something still referred to the exception in exc_info')
      },
    },
  },
} satisfies Suite
