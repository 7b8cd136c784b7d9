import { ask, data, Environ, exchange, proven, target } from '../judging/probe.ts'
import { values, type Head } from '../judging/head.ts'
import { describe, type Answer } from '../judging/answer.ts'
import { mayServeFiles, ofFile, staticFile } from '../judging/static-file.ts'
import { demand, type Experiment, type Suite } from './index.ts'

const REFUSAL_WAIT = 400
const CHALLENGES = ['Newauth realm="lab", type=1, title="Login to \\"lab\\""', 'Basic realm="simple, but quoted"']
const COOKIES = [
  'one=1; Expires=Wed, 09 Jun 2100 10:18:14 GMT; Path=/',
  'two=2; Path=/lab; HttpOnly',
  'one=3; Path=/lab, with a comma',
]

/** Demands one Date field in the format that a sender must use. */
function demandDate(head: Head, what: string): void {
  const dates = values(head, 'date')
  demand(dates.length === 1, `${what} has ${dates.length === 0 ? 'no Date field' : `${dates.length} Date fields`}`)
  const [date = ''] = dates
  demand(isDate(date), `${what} has the Date ${JSON.stringify(date)}, which is no IMF-fixdate`)
}

/** Whether a text is a date in IMF-fixdate, as JavaScript writes it too. */
function isDate(text: string): boolean {
  return !Number.isNaN(Date.parse(text)) && new Date(text).toUTCString() === text
}

/** What a request gets that no server can take for one it understands. */
async function misunderstood(
  experiment: Experiment,
  nonce: string,
  requestLine: string,
  field: string,
): Promise<Answer> {
  const connection = await experiment.connect()
  connection.send(`${requestLine}\r\nHost: ${experiment.hop.url.host}\r\n${field}\r\n\r\n`)
  return (await exchange(nonce, connection, { wait: REFUSAL_WAIT })).answer
}

export default {
  name: 'rfc9110-semantics',
  title: 'RFC 9110: what a message means',
  clauses: {
    'date.origin': {
      level: 'MUST',
      cites: 'RFC 9110 §6.6.1',
      says:
        'An origin server with a clock (as defined in Section 5.6.7) MUST generate a Date header field in all 2xx ' +
        '(Successful), 3xx (Redirection), and 4xx (Client Error) responses, and MAY generate a Date header field in 1xx ' +
        '(Informational) and 5xx (Server Error) responses.',
      experiment:
        'The application answers 200, 302 and 404 without a Date, then 200 with one, and two requests are no HTTP: each ' +
        '200, 302 and 4xx must have one Date, in IMF-fixdate.',
      async check(experiment) {
        for (const status of ['200 OK', '302 Found', '404 Not Found']) {
          const header = status.startsWith('3') ? ['Location: /lab'] : []
          const { answer } = proven(await ask(experiment, { do: 'respond', status, header, item: 'body' }))
          demandDate(answer.head!, `a ${status.slice(0, 3)} of the application's`)
        }
        const header = `Date: ${new Date().toUTCString()}`
        const { answer } = proven(await ask(experiment, { do: 'respond', header, item: 'body' }))
        demandDate(answer.head!, 'a 200 that the application gave a Date')

        const nonce = experiment.nonce()
        const where = target(experiment.hop, nonce, {})
        const refusals = [
          await misunderstood(experiment, nonce, `GET ${where} HTTP/1.1`, 'a line that is no field'),
          await misunderstood(experiment, nonce, `GET ${where} two targets HTTP/1.1`, 'X-Lab: one'),
        ]
        for (const { head } of refusals)
          if (head && head.status >= 400 && head.status < 500) demandDate(head, `a ${head.status} of the server's own`)
      },
    },

    'lastmod.not-future': {
      level: 'MUST NOT',
      cites: 'RFC 9110 §8.8.2.1',
      says:
        'An origin server with a clock (as defined in Section 5.6.7) MUST NOT generate a Last-Modified date that is later ' +
        "than the server's time of message origination (Date, Section 6.6.1).",
      experiment:
        'GETs a static file that the file system says will be changed tomorrow: its Last-Modified may not be later than ' +
        'its Date.',
      applies: mayServeFiles,
      check: ofFile(async ({ head, modified }) => {
        if (modified === undefined) return { saw: 'a file from the future gets no Last-Modified' }
        const [date = ''] = values(head, 'date')
        if (!isDate(date) || !isDate(modified)) throw new Error(`Date ${date}, Last-Modified ${modified}`)
        const ahead = (Date.parse(modified) - Date.parse(date)) / 1000
        demand(ahead <= 0, `a file got a Last-Modified about ${Math.round(ahead / 3600)} hours later than its Date`)
        return undefined
      }, 'tomorrow.txt'),
    },

    '405.allow': {
      level: 'MUST',
      cites: 'RFC 9110 §15.5.6, §10.2.1',
      says:
        'The origin server MUST generate an Allow header field in a 405 response containing a list of the target ' +
        "resource's currently supported methods. [...] A proxy MUST NOT modify the Allow header field",
      experiment:
        'The application answers 405 with Allow, which must arrive unchanged; where a server answers TRACE, or a POST to a ' +
        'static file, by a 405 of its own, that must have Allow too.',
      async check(experiment) {
        const allow = 'GET, HEAD, X-LAB'
        const query = { do: 'respond', status: '405 Method Not Allowed', header: `Allow: ${allow}`, item: 'no' }
        const { answer } = proven(await ask(experiment, query, { method: 'POST', body: 'body' }))
        const seen = values(answer.head!, 'allow').join(', ')
        demand(answer.head!.status === 405, `a 405 of the application's arrived as ${describe(answer)}`)
        demand(
          seen === allow,
          `the application's "Allow: ${allow}" arrived as ${seen === '' ? 'nothing' : `"${seen}"`}`,
        )

        const own: Record<string, Answer | undefined> = {
          TRACE: (await ask(experiment, { do: 'respond', item: 'traced' }, { method: 'TRACE' })).answer,
          'a POST to a static file': await (
            await staticFile(experiment, 'lines.txt')
          )?.ask(['Content-Length: 0'], 'POST'),
        }
        const bare = Object.entries(own).filter(([, answer]) => {
          return answer?.head?.status === 405 && values(answer.head, 'allow').length === 0
        })
        const methods = bare.map(([what]) => what).join(' and to ')
        demand(bare.length === 0, `the server's own 405 to ${methods} has no Allow`)
      },
    },

    '401.www-authenticate': {
      level: 'MUST',
      cites: 'RFC 9110 §15.5.2, §11.6.1',
      says:
        'The server generating a 401 response MUST send a WWW-Authenticate header field (Section 11.6.1) containing at ' +
        'least one challenge applicable to the target resource. [...] A proxy forwarding a response MUST NOT modify any ' +
        'WWW-Authenticate header fields in that response.',
      experiment:
        'The application answers 401 with two challenges, one in each field line: both must arrive unchanged.',
      async check(experiment) {
        const header = CHALLENGES.map((challenge) => `WWW-Authenticate: ${challenge}`)
        const asked = await ask(experiment, { do: 'respond', status: '401 Unauthorized', header, item: 'who?' })
        demand(asked.proven && asked.answer.head!.status === 401, `a 401 arrived as ${describe(asked.answer)}`)
        const seen = values(asked.answer.head!, 'www-authenticate').join(', ')
        demand(
          seen.replaceAll(/, */g, ', ') === CHALLENGES.join(', '),
          `the challenges arrived as ${JSON.stringify(seen)}`,
        )
      },
    },

    'options.asterisk': {
      level: 'PROSE',
      cites: 'RFC 9110 §9.3.7',
      says:
        'An OPTIONS request with an asterisk ("*") as the request target (Section 7.1) applies to the server in general ' +
        "rather than to a specific resource. Since a server's communication options typically depend on the resource, " +
        'the "*" request is only useful as a "ping" or "no-op" type of method; it does nothing beyond allowing the client ' +
        'to test the capabilities of the server.',
      experiment:
        'Sends "OPTIONS *": it must succeed, or be refused as a method (405, 501), and the application may not be asked ' +
        'for a resource.',
      async check(experiment) {
        const nonce = experiment.nonce()
        const connection = await experiment.connect()
        const fields = [`Host: ${experiment.hop.url.host}`, `X-Lab-Query: nonce=${nonce}&do=environ`]
        connection.send(`OPTIONS * HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`)
        const asked = await exchange(nonce, connection, { method: 'OPTIONS' })
        if (asked.proven) {
          const path = data(Environ, asked).values['PATH_INFO'] ?? ''
          demand(!path.startsWith('/'), `"OPTIONS *" was passed to the application as a request for ${path}`)
          return { saw: `passes "OPTIONS *" to the application with the PATH_INFO "${path}"` }
        }
        const { head, ending } = asked.answer
        const known = head !== undefined && (head.status < 300 || head.status === 405 || head.status === 501)
        demand(known && ending === 'complete', `"OPTIONS *" got ${describe(asked.answer)}`)
        return head.status < 300 ? undefined : { saw: `refuses "OPTIONS *" with ${head.status}` }
      },
    },

    'trace.no-sensitive': {
      level: 'SHOULD',
      cites: 'RFC 9110 §9.3.8',
      says:
        'The final recipient of the request SHOULD exclude any request fields that are likely to contain sensitive data ' +
        'when that recipient generates the response content.',
      experiment:
        'Sends TRACE with credentials and a cookie, which may not come back; an application that is asked is silent.',
      async check(experiment) {
        const secrets = { Authorization: experiment.nonce(), Cookie: experiment.nonce() }
        const fields = [`Authorization: Basic ${secrets.Authorization}`, `Cookie: lab=${secrets.Cookie}`]
        const { answer } = await ask(experiment, { do: 'respond', item: 'traced' }, { method: 'TRACE', fields })
        const reflected = Object.entries(secrets).filter(([, secret]) => answer.body.includes(secret))
        const names = reflected.map(([name]) => name).join(' and ')
        demand(names === '', `${names} came back in the ${answer.head?.status} response to TRACE`)
      },
    },

    'vary.sent': {
      level: 'SHOULD',
      cites: 'RFC 9110 §12.5.5',
      says:
        'An origin server SHOULD generate a Vary header field on a cacheable response when it wishes that response to be ' +
        'selectively reused for subsequent requests.',
      experiment:
        'The application answers a cacheable text with Vary: Accept-Language, X-Lab to a client that takes gzip: both names ' +
        'must arrive, and Accept-Encoding beside them when the text arrives encoded.',
      async check(experiment) {
        const header = ['Content-Type: text/html', 'Cache-Control: max-age=60', 'Vary: Accept-Language, X-Lab']
        const query = { do: 'respond', bare: 1, header, item: 'a text that can be made shorter. ', repeat: 100 }
        const fields = ['Accept-Encoding: gzip', 'Accept-Language: en']
        const { answer } = proven(await ask(experiment, query, { fields }))
        const [vary, coding] = ['vary', 'content-encoding'].map((name) => values(answer.head!, name).join(', '))
        const names = vary!.toLowerCase().split(/ *, */)
        const expected = ['accept-language', 'x-lab', ...(coding === '' ? [] : ['accept-encoding'])]
        const missing = expected.filter((name) => !names.includes(name))
        const what = `a response${coding === '' ? '' : ` that was encoded with ${coding}`} arrived with Vary`
        demand(missing.length === 0, `${what} "${vary}", without ${missing.join(' and ')}`)
      },
    },

    'set-cookie.not-folded': {
      level: 'MUST NOT',
      cites: 'RFC 9110 §5.3',
      says:
        'a proxy MUST NOT change the order of these field line values when forwarding a message. [...] In practice, the ' +
        '"Set-Cookie" header field ([COOKIE]) often appears in a response message across multiple field lines and does ' +
        'not use the list syntax [...]. Since it cannot be combined into a single field value, recipients ought to handle ' +
        '"Set-Cookie" as a special case while processing fields.',
      experiment:
        'The application sets three cookies with commas in them: three field lines must arrive, in their order.',
      async check(experiment) {
        const header = COOKIES.flatMap((cookie, index) => [`Set-Cookie: ${cookie}`, `X-Between: ${index}`])
        const { answer } = proven(await ask(experiment, { do: 'respond', header, item: 'body' }))
        const seen = values(answer.head!, 'set-cookie')
        const same = seen.length === COOKIES.length && seen.every((cookie, index) => cookie === COOKIES[index])
        demand(same, `${COOKIES.length} Set-Cookie lines arrived as ${JSON.stringify(seen)}`)
      },
    },
  },
} satisfies Suite
