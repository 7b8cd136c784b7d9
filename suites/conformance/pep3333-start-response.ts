import { ask, proven } from '../judging/probe.ts'
import { values } from '../judging/head.ts'
import { describe } from '../judging/answer.ts'
import { atApp, demand, type Experiment, type Suite } from './index.ts'
import type { Event } from '../../topologies/index.ts'

const START_RESPONSE = 'PEP 3333, The start_response() Callable'
const ERROR_HANDLING = 'PEP 3333, Error Handling'
const CUT_WAIT = 1500
// So that the first block is on its way through every tier when the application fails.
const FAIL_PAUSE = 0.1

function count(events: readonly Event[], name: string): number {
  return events.filter(({ event }) => event === name).length
}

/** The probe's events once each call of start_response has returned or raised. */
async function starts(experiment: Experiment, nonce: string, calls: number): Promise<readonly Event[]> {
  const events = await experiment.events(nonce, (seen) => count(seen, 'started') + count(seen, 'start-raised') >= calls)
  if (count(events, 'start') < calls) throw new Error(`no proof that start_response was called ${calls} times`)
  return events
}

type Sight = 'cut' | 'refused' | 'left open' | 'ended as if whole' | 'ended by the close'

/** How a response looks whose application fails after its first block, without a Content-Length. */
async function failedStream(experiment: Experiment, hop = experiment.hop): Promise<Sight> {
  // Not text/*, to which a server may append a message (Error Handling).
  const header = ['Content-Type: application/octet-stream', 'Cache-Control: no-store']
  const query = { do: 'respond', bare: 1, uncounted: 1, header, item: ['one', 'two'], fail: 1, pause: FAIL_PAUSE }
  const at = { ...experiment, hop, connect: () => experiment.connect(hop) }
  const { answer } = await ask(at, query, { wait: CUT_WAIT })
  if (answer.ending === 'silent') return 'left open'
  if (answer.ending !== 'complete') return 'cut'
  if (answer.head!.status >= 500) return 'refused'
  return answer.framing === 'close' ? 'ended by the close' : 'ended as if whole'
}

export default {
  name: 'pep3333-start-response',
  title: 'PEP 3333: start_response, headers and errors',
  clauses: {
    'status.reason-kept': {
      level: 'PROSE',
      cites: 'PEP 3333, Other HTTP Features',
      says: 'In general, servers and gateways should "play dumb" and allow the application complete control over its output.',
      async check(experiment) {
        const { answer } = proven(await ask(experiment, { do: 'respond', status: '299 Odd reason', item: 'body' }))
        const { status, reason } = answer.head!
        demand(status === 299, `status 299 became ${status}`)
        if (reason === 'Odd reason') return
        const saw = `the reason "Odd reason" became ${JSON.stringify(reason)}`
        demand(experiment.hop.role !== 'app', saw)
        // An intermediary may replace a reason phrase or leave it out (RFC 9110 §15).
        return { saw }
      },
    },

    'response.crlf-in-header': {
      level: 'MUST NOT',
      cites: START_RESPONSE,
      says:
        'Each header_value must not include any control characters, including carriage returns or linefeeds, either ' +
        'embedded or at the end.',
      // The sentence binds the application; a server that sends the value on has let it write the response's head.
      async check(experiment) {
        const query = { do: 'respond', header: 'X-Lab: one\r\nX-Injected: two', item: 'body' }
        const { nonce, answer, proven: fromProbe } = await ask(experiment, query)
        const injected = answer.head !== undefined && values(answer.head, 'x-injected').length > 0
        demand(!injected, "CR LF in an application's header value became a header field of its own")
        if (fromProbe) return
        if (!experiment.target.events) return { saw: `the value was not sent (${describe(answer)})` }
        await starts(experiment, nonce, 1)
      },
    },

    'headers.repeats-kept': {
      level: 'PROSE',
      cites: 'RFC 9110 §5.3',
      says:
        'Since it cannot be combined into a single field value, recipients ought to handle "Set-Cookie" as a special ' +
        'case while processing fields.',
      async check(experiment) {
        const query = { do: 'respond', header: ['Set-Cookie: lab=one', 'Set-Cookie: other=two'], item: 'body' }
        const { answer } = proven(await ask(experiment, query))
        const cookies = values(answer.head!, 'set-cookie')
        const kept = cookies.length === 2 && cookies[0] === 'lab=one' && cookies[1] === 'other=two'
        demand(kept, `two Set-Cookie fields, lab=one and other=two, arrived as ${JSON.stringify(cookies)}`)
      },
    },

    'headers.required-added': {
      level: 'MUST',
      cites: START_RESPONSE,
      says:
        'if the application omits a header required by HTTP (or other relevant specifications that are in effect), the ' +
        'server or gateway must add it. For example, the HTTP Date: and Server: headers would normally be supplied by ' +
        'the server or gateway.',
      async check(experiment) {
        const { answer } = proven(await ask(experiment, { do: 'respond', item: 'body' }))
        const dates = values(answer.head!, 'date').length
        // RFC 9110 §6.6.1 requires Date of an origin server; Server is optional in HTTP.
        demand(dates === 1, dates === 0 ? 'the response has no Date field' : `the response has ${dates} Date fields`)
      },
    },

    'hop-by-hop.app-fatal': {
      level: 'SHOULD',
      cites: START_RESPONSE,
      says:
        'a server or gateway should consider it a fatal error for an application to attempt sending them, and raise an ' +
        'error if they are supplied to start_response().',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const accepted: string[] = []
        for (const header of ['Connection: x-lab', 'Keep-Alive: timeout=77', 'Transfer-Encoding: x-lab']) {
          const { nonce, answer } = await ask(experiment, { do: 'respond', header, item: 'body' }, { wait: CUT_WAIT })
          const events = await starts(experiment, nonce, 1)
          // Found out later, with an error for the client, is as fatal.
          if (count(events, 'start-raised') > 0 || (answer.head?.status ?? 0) >= 500) continue
          const [name, value] = header.split(': ') as [string, string]
          const sent = answer.head !== undefined && values(answer.head, name).some((each) => each.includes(value))
          accepted.push(`${header} (${sent ? 'sent to the client' : 'dropped without an error'})`)
        }
        demand(accepted.length === 0, `accepted from the application: ${accepted.join(', ')}`)
      },
    },

    'start-response.defer-until-body': {
      level: 'MUST',
      cites: START_RESPONSE,
      says:
        'Instead, it must store them for the server or gateway to transmit only after the first iteration of the ' +
        "application return value that yields a non-empty bytestring, or upon the application's first invocation of the " +
        'write() callable.',
      applies: atApp,
      async check(experiment) {
        const { answer } = await ask(experiment, { do: 'rethink', when: 'empty' })
        demand(
          answer.head?.status === 299,
          `after an empty bytestring the application replaced its status by 299, the client got ${describe(answer)}`,
        )
      },
    },

    'start-response.second-call-fatal': {
      level: 'PROSE',
      cites: START_RESPONSE,
      says:
        'it is a fatal error to call start_response without the exc_info argument if start_response has already been ' +
        'called within the current invocation of the application.',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const { nonce, answer } = await ask(experiment, { do: 'rethink', when: 'twice' })
        const events = await starts(experiment, nonce, 2)
        const fatal = count(events, 'start-raised') > 0 || (answer.head?.status ?? 0) >= 500
        demand(fatal, `a second call without exc_info was accepted, the client got ${describe(answer)}`)
      },
    },

    'exc-info.replaces-headers': {
      level: 'PROSE',
      cites: START_RESPONSE,
      says:
        'If exc_info is supplied, and no HTTP headers have been output yet, start_response should replace the ' +
        'currently-stored HTTP response headers with the newly-supplied ones',
      async check(experiment) {
        const { answer } = await ask(experiment, { do: 'rethink', when: 'call' })
        demand(answer.head?.status === 299, `the replaced status 299 arrived as ${describe(answer)}`)
        demand(values(answer.head, 'x-second').length === 1, "the second call's field X-Second did not arrive")
        demand(values(answer.head, 'x-first').length === 0, "the first call's field X-First was sent all the same")
      },
    },

    'exc-info.after-sent-raises': {
      level: 'MUST',
      cites: START_RESPONSE,
      says:
        'However, if exc_info is provided, and the HTTP headers have already been sent, start_response must raise an ' +
        'error, and should re-raise using the exc_info tuple.',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const { nonce } = await ask(experiment, { do: 'rethink', when: 'output' }, { wait: CUT_WAIT })
        const events = await starts(experiment, nonce, 2)
        demand(
          count(events, 'start-raised') > 0,
          'start_response with exc_info returned although a block had been yielded before',
        )
      },
    },

    'error.before-output': {
      level: 'SHOULD',
      cites: ERROR_HANDLING,
      says: 'Servers should trap and log any exception that aborts an application or the iteration of its return value.',
      async check(experiment) {
        const { nonce, answer } = await ask(experiment, { do: 'respond', fail: 'call' })
        if (experiment.target.events) {
          const events = await experiment.events(nonce, (seen) => count(seen, 'raising') > 0)
          if (count(events, 'raising') === 0) throw new Error('no proof that the application was called')
        }
        const told = answer.ending === 'complete' && answer.head!.status >= 500
        demand(told, `an exception before any output gave ${describe(answer)}`)
      },
    },

    'error.after-output': {
      level: 'PROSE',
      cites: ERROR_HANDLING,
      says: 'The server or gateway can then trap this (fatal) exception and abort the response.',
      async check(experiment) {
        const header = ['Content-Type: application/octet-stream', 'Content-Length: 1000', 'Cache-Control: no-store']
        const query = { do: 'respond', bare: 1, header, item: ['one', 'two'], repeat: 100, fail: 1, pause: FAIL_PAUSE }
        const { answer } = await ask(experiment, query, { wait: CUT_WAIT })
        const aborted = answer.ending === 'cut' || (answer.ending === 'complete' && answer.head!.status >= 500)
        demand(aborted, `a failure after 300 of 1000 bytes left the client with ${describe(answer)}`)

        const sight = await failedStream(experiment)
        demand(sight !== 'left open', 'a failure in a stream without a length left the connection open')
        if (sight === 'cut' || sight === 'refused') return
        const saw = 'without a length the failure cannot be told from an end'
        if (experiment.hop.role === 'app') {
          demand(sight === 'ended by the close', 'a failure in a stream without a length was ended like a whole body')
          return { saw }
        }
        // What the application's server had not shown cannot be passed on.
        const { hops } = experiment.target
        const inner = await failedStream(experiment, hops.at(-1)!)
        demand(inner !== 'cut' && inner !== 'refused', `${saw}, although ${hops.at(-1)!.server} shows it`)
        return { saw }
      },
    },
  },
} satisfies Suite
