import { ask, proven, starts, type Exchange, type Query } from '../judging/probe.ts'
import { values } from '../judging/head.ts'
import { describe } from '../judging/answer.ts'
import { atApp, demand, Deviation, type Experiment, type Observation, type Suite } from './index.ts'

// The PEP's sentences about control characters bind the application; that of HTTP binds whoever sends them on.
const CONTROLS = 'PEP 3333, The start_response() Callable; RFC 9110 §2.2'
const GRAMMAR =
  'A sender MUST NOT generate protocol elements that do not match the grammar defined by the corresponding ABNF rules.'
const VALUE_CONTROLS =
  'Each header_value must not include any control characters, including carriage returns or linefeeds, either ' +
  `embedded or at the end. [...] ${GRAMMAR}`
const START_RESPONSE = 'PEP 3333, The start_response() Callable'
const ANSWER_WAIT = 2000

/** What became of something the application must not pass to start_response. */
interface Fate extends Exchange {
  /** Nothing of what the application said was sent: the client got an error, nothing, or a head without a body. */
  readonly refused: boolean
}

/** Has the application pass such a thing. What is no HTTP response, or one without its end, is a deviation. */
async function fate(experiment: Experiment, what: string, query: Query): Promise<Fate> {
  const asked = await ask(experiment, { do: 'start', ...query }, { wait: ANSWER_WAIT })
  const { answer, nonce } = asked
  // A server in front could have refused the request for what it asks, so that the application never said it.
  if (experiment.target.events) await starts(experiment, nonce, 1)
  const { ending, head, body } = answer
  demand(ending !== 'malformed' && ending !== 'silent' && ending !== 'too large', `${what}: ${describe(answer)}`)
  const lost = `${what}: ${describe(answer)}, with the application's body and without its other header fields`
  // An error of the server's own may well show the request, nonce and all.
  demand(asked.proven || head === undefined || head.status >= 400 || !body.includes(nonce), lost)
  return { ...asked, refused: !asked.proven }
}

/** Has the application pass each control character that cannot stand in a line of HTTP: sent on, it is no HTTP. */
async function demandNoControl(experiment: Experiment, where: string, put: (text: string) => Query): Promise<void> {
  // Not the tab: HTTP allows it in a reason phrase and in a field's value.
  const characters = { 'a bare LF': '\n', 'a bare CR': '\r', NUL: '\0', 'U+0001': '\x01', DEL: '\x7f' }
  for (const [what, character] of Object.entries(characters))
    await fate(experiment, `${what} in ${where}`, put(`o${character}e`))
  await fate(experiment, `a final LF in ${where}`, put('one\n'))
}

/** Whether start_response raised while the application was running. */
async function raised(experiment: Experiment, nonce: string): Promise<boolean> {
  return (await starts(experiment, nonce, 1)).some(({ event }) => event === 'start-raised')
}

/** What is worth knowing where each way is right. */
function observation(lead: string, seen: readonly string[]): Observation | undefined {
  return seen.length === 0 ? undefined : { saw: `${lead} ${seen.join(', ')}` }
}

export default {
  name: 'pep3333-headers',
  title: 'PEP 3333: the status and the headers',
  clauses: {
    'status.form': {
      level: 'PROSE',
      cites: START_RESPONSE,
      says:
        'That is, it is a string consisting of a Status-Code and a Reason-Phrase, in that order and separated by a single ' +
        'space, with no surrounding whitespace or other characters.',
      experiment:
        'Has the application pass the status "OK", "200", " 200 OK", "2000 OK", "200  OK" and "200 OK ", and looks ' +
        'whether a status line that is not HTTP is sent.',
      // The sentence binds the application. What the server makes of a breach is its own affair, as long as it is HTTP.
      async check(experiment) {
        const sent: string[] = []
        for (const status of ['OK', '200', ' 200 OK', '2000 OK', '200  OK', '200 OK ']) {
          const { answer, refused } = await fate(experiment, `the status ${JSON.stringify(status)}`, { status })
          if (refused) continue
          // RFC 9112 §4: "A server MUST send the space [...] even when the reason-phrase is absent".
          const line = `the status ${JSON.stringify(status)} is sent without the space after the status code`
          demand(!answer.problems.includes('no space after the status code'), line)
          const { status: code, reason } = answer.head!
          sent.push(`${JSON.stringify(status)} (arrives as ${JSON.stringify(`${code} ${reason}`)})`)
        }
        return observation('not refused:', sent)
      },
    },

    'status.no-control': {
      level: 'MUST NOT',
      cites: CONTROLS,
      says:
        'The string must not contain control characters, and must not be terminated with a carriage return, linefeed, ' +
        `or combination thereof. [...] ${GRAMMAR}`,
      experiment:
        'Has the application pass a status with CR LF and a header field behind it, with a final CR LF and with other ' +
        'control characters, and looks whether one is sent.',
      async check(experiment) {
        const what = 'CR LF in a status'
        const { answer } = await fate(experiment, what, { status: '200 OK\r\nX-Injected: two' })
        const injected = answer.head !== undefined && values(answer.head, 'x-injected').length > 0
        demand(!injected, "CR LF in an application's status made a header field of what followed")
        await fate(experiment, 'a final CR LF in a status', { status: '200 OK\r\n' })
        await demandNoControl(experiment, 'a status', (text) => ({ status: `200 ${text}` }))
      },
    },

    'status.reason-kept': {
      level: 'PROSE',
      cites: 'PEP 3333, Other HTTP Features',
      says: 'In general, servers and gateways should "play dumb" and allow the application complete control over its output.',
      experiment: 'Has the application answer with the status "299 Odd reason" and compares what arrives.',
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

    'headers.list-type': {
      level: 'PROSE',
      cites: START_RESPONSE,
      says:
        'The response_headers argument is a list of (header_name, header_value) tuples. It must be a Python list; i.e. ' +
        'type(response_headers) is ListType',
      experiment:
        'Has the application pass a tuple, a generator and a subclass of list, and lists for tuples and an int and bytes ' +
        'for a value: each is refused, or every field arrives as it was meant.',
      async check(experiment) {
        const shapes = {
          tuple: 'a tuple',
          generator: 'a generator',
          subclass: 'a subclass of list',
          lists: 'a list of lists',
          number: 'an int as value',
          bytes: 'bytes as value',
        }
        const accepted: string[] = []
        for (const [as, what] of Object.entries(shapes)) {
          const { answer, refused } = await fate(experiment, what, { do: 'start', as, value: '77' })
          if (refused) continue
          const arrived = values(answer.head!, 'x-lab')
          const meant = arrived.length === 1 && arrived[0] === '77'
          demand(meant, `${what} was not refused, and the field "X-Lab: 77" arrived as ${JSON.stringify(arrived)}`)
          accepted.push(what)
        }
        return observation('accepted:', accepted)
      },
    },

    'headers.name-token': {
      level: 'PROSE',
      cites: START_RESPONSE,
      says:
        'Each header_name must be a valid HTTP header field-name (as defined by RFC 2616, Section 4.2), without a ' +
        'trailing colon or other punctuation.',
      experiment:
        'Has the application pass names with a space, a final colon, a bracket, a non-ASCII letter and CR LF, and an ' +
        'empty one, and looks whether one is sent.',
      async check(experiment) {
        const names = ['X Lab', 'X-Lab:', 'X(Lab)', 'X-L\u00e4b', '', 'X-Injected: two\r\nX-Lab']
        const changed: string[] = []
        for (const name of names) {
          const what = `the field name ${JSON.stringify(name)}`
          const { answer, refused } = await fate(experiment, what, { name })
          if (refused) continue
          const colon = values(answer.head!, 'x-lab').some((value) => value.startsWith(':'))
          demand(!colon, `${what} was sent with its colon`)
          demand(values(answer.head!, 'x-injected').length === 0, `${what} became header fields of its own`)
          changed.push(JSON.stringify(name))
        }
        return observation('left out or mended without an error: the field names', changed)
      },
    },

    'headers.value-no-control': {
      level: 'MUST NOT',
      cites: CONTROLS,
      says: VALUE_CONTROLS,
      experiment:
        'Has the application pass header values with a bare LF, a bare CR, NUL, U+0001 and DEL, and looks whether one is ' +
        'sent.',
      check: (experiment) => demandNoControl(experiment, 'a header value', (value) => ({ value })),
    },

    'response.crlf-in-header': {
      level: 'MUST NOT',
      cites: CONTROLS,
      says: VALUE_CONTROLS,
      experiment:
        'Has the application pass header values with CR LF and another field, an empty line or a space behind it, and ' +
        'with a final CR LF, and looks whether one is sent.',
      async check(experiment) {
        for (const value of ['one\r\nX-Injected: two', 'one\r\n\r\ntwo', 'one\r\n two', 'one\r\n']) {
          const { answer } = await fate(experiment, `the header value ${JSON.stringify(value)}`, { value })
          const injected = answer.head !== undefined && values(answer.head, 'x-injected').length > 0
          demand(!injected, "CR LF in an application's header value became a header field of its own")
        }
      },
    },

    'headers.non-latin1-fatal': {
      level: 'PROSE',
      cites: 'PEP 3333, Unicode Issues',
      says: 'It is a fatal error for an application to supply strings containing any other Unicode character or code point.',
      experiment:
        'Has the application pass the character U+20AC in a header value and in the status, and looks whether the request ' +
        'fails.',
      async check(experiment) {
        const faults = { 'a header value': { value: 'one \u20ac' }, 'the status': { status: '200 One \u20ac' } }
        for (const [where, query] of Object.entries(faults)) {
          const what = `U+20AC in ${where}`
          const { answer, refused } = await fate(experiment, what, query)
          if (refused) continue
          const arrived = 'value' in query ? values(answer.head!, 'x-lab')[0] : answer.head!.reason
          throw new Deviation(`${what} was no error, and arrived as ${JSON.stringify(arrived)}`)
        }
      },
    },

    'headers.checked-at-call': {
      level: 'SHOULD',
      cites: START_RESPONSE,
      says:
        'Servers should check for errors in the headers at the time start_response is called, so that an error can be ' +
        'raised while the application is still running.',
      experiment:
        'Has the application pass a header value with CR LF, one with U+20AC and a name with a space, and looks whether ' +
        'start_response raises an error.',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const faults: Readonly<Record<string, Query>> = {
          'a header value with CR LF': { value: 'one\r\ntwo' },
          'a header value with U+20AC': { value: 'one \u20ac' },
          'the field name "X Lab"': { name: 'X Lab' },
        }
        const accepted: string[] = []
        for (const [what, query] of Object.entries(faults)) {
          const { nonce } = await ask(experiment, { do: 'start', ...query }, { wait: ANSWER_WAIT })
          if (!(await raised(experiment, nonce))) accepted.push(what)
        }
        demand(accepted.length === 0, `start_response raised no error for ${accepted.join(', ')}`)
      },
    },

    'headers.server-may-mutate': {
      level: 'MAY',
      cites: START_RESPONSE,
      says:
        'It must be a Python list; i.e. type(response_headers) is ListType, and the server may change its contents in any ' +
        'way it desires.',
      experiment: 'Has the application keep the list of headers that it passed, and looks whether it has changed.',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const { nonce } = proven(await ask(experiment, { do: 'keep' }))
        const events = await experiment.events(nonce, (seen) => seen.some(({ when }) => when === 'close'))
        const changed = events.find(({ event, changed }) => event === 'list' && changed === true)
        if (!changed) return { saw: "leaves the application's list of headers as it is" }
        const when = changed['when'] === 'close' ? 'while it sends the response' : 'in start_response'
        return { saw: `changes the application's list of headers ${when}` }
      },
    },

    'headers.repeats-kept': {
      level: 'PROSE',
      cites: 'RFC 9110 §5.3',
      says:
        'Since it cannot be combined into a single field value, recipients ought to handle "Set-Cookie" as a special ' +
        'case while processing fields.',
      experiment: 'Has the application set two cookies, and looks for two Set-Cookie fields in that order.',
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
      experiment: 'GETs a response to which the application gave no Date, and looks for exactly one.',
      async check(experiment) {
        const { answer } = proven(await ask(experiment, { do: 'respond', item: 'body' }))
        const dates = values(answer.head!, 'date').length
        // RFC 9110 §6.6.1 requires Date of an origin server; Server is optional in HTTP.
        demand(dates === 1, dates === 0 ? 'the response has no Date field' : `the response has ${dates} Date fields`)
      },
    },

    'headers.case-insensitive': {
      level: 'PROSE',
      cites: START_RESPONSE,
      says:
        'HTTP header names are case-insensitive, so be sure to take that into consideration when examining ' +
        'application-supplied headers!',
      experiment:
        'Has the application send cOnTeNt-LeNgTh, cOnTeNt-TyPe, dAtE and sErVeR, and looks for a second field of the same ' +
        'name.',
      async check(experiment) {
        const header = [
          'cOnTeNt-LeNgTh: 4',
          'cOnTeNt-TyPe: text/x-lab',
          `dAtE: ${new Date().toUTCString()}`,
          'sErVeR: lab',
          'cAcHe-CoNtRoL: no-store',
        ]
        const { answer } = proven(await ask(experiment, { do: 'respond', bare: 1, header, item: 'body' }))
        const twice = header
          .map((field) => field.split(': ')[0]!)
          .filter((name) => values(answer.head!, name).length > 1)
        demand(twice.length === 0, `sent twice, although the application had given it: ${twice.join(', ')}`)
        const type = values(answer.head!, 'content-type')[0]
        demand(type === 'text/x-lab', `cOnTeNt-TyPe: text/x-lab arrived as ${JSON.stringify(type)}`)
        // Two framings at once: the length was not recognized.
        demand(answer.problems.length === 0, `with cOnTeNt-LeNgTh: ${answer.problems.join(', ')}`)
        const body = answer.body.toString('latin1')
        demand(body === 'body', `with cOnTeNt-LeNgTh the body arrived as ${JSON.stringify(body)}`)
      },
    },

    'hop-by-hop.app-fatal': {
      level: 'SHOULD',
      cites: START_RESPONSE,
      says:
        'a server or gateway should consider it a fatal error for an application to attempt sending them, and raise an ' +
        'error if they are supplied to start_response().',
      experiment:
        'Has the application send Connection, Keep-Alive, Proxy-Authenticate, Transfer-Encoding and Upgrade, one at a ' +
        'time, and looks whether the request fails.',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const accepted: string[] = []
        const headers = [
          'Connection: x-lab',
          'Keep-Alive: timeout=77',
          'Proxy-Authenticate: X-Lab',
          'Transfer-Encoding: x-lab',
          'Upgrade: x-lab',
        ]
        for (const header of headers) {
          const { nonce, answer } = await ask(
            experiment,
            { do: 'respond', header, item: 'body' },
            { wait: ANSWER_WAIT },
          )
          // Found out later, with an error for the client, is as fatal.
          if ((await raised(experiment, nonce)) || (answer.head?.status ?? 0) >= 500) continue
          const [name, value] = header.split(': ') as [string, string]
          const sent = answer.head !== undefined && values(answer.head, name).some((each) => each.includes(value))
          accepted.push(`${header} (${sent ? 'sent to the client' : 'dropped without an error'})`)
        }
        demand(accepted.length === 0, `accepted from the application: ${accepted.join(', ')}`)
      },
    },
  },
} satisfies Suite
