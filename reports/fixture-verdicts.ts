import type { Result, Verdict } from './run.ts'

/** What a hostile server may put into anything that is reported: markup, a closing script, quotes, control bytes. */
export const hostile = `<img src=x onerror="document.title='owned'"></script><script>document.title='owned'</script>&'"\u0000`

type Tier = Result['tiers'][number]
type Outcomes = Readonly<Record<string, Verdict['outcome']>>

/** Clauses with what each server does to them; a server not named passes what it is given. */
const clauses: readonly (Pick<Verdict, 'clause' | 'level' | 'cites' | 'says'> & {
  readonly at: Outcomes
  readonly saw: string
})[] = [
  {
    clause: 'pep3333-environ/environ.builtin-dict',
    level: 'MUST',
    cites: 'PEP 3333, Specification Details',
    says: 'The environ parameter is a dictionary object, containing CGI-style environment variables. This object must be a builtin Python dictionary.',
    at: {},
    saw: '',
  },
  {
    clause: 'pep3333-environ/environ.script-name-root',
    level: 'MUST',
    cites: 'PEP 3333, environ Variables',
    says: 'SCRIPT_NAME may be an empty string, if the application corresponds to the "root" of the server.',
    at: {},
    saw: '',
  },
  {
    clause: 'pep3333-environ/environ.server-protocol',
    level: 'MUST',
    cites: 'PEP 3333, environ Variables',
    says: 'The version of the protocol the client used to send the request.',
    at: { nginx: 'fail', varnish: 'fail' },
    saw: 'expected HTTP/1.0 as the client sent it, saw HTTP/1.1',
  },
  {
    clause: 'pep3333-environ/environ.other-cgi',
    level: 'SHOULD',
    cites: 'PEP 3333, environ Variables',
    says: 'A server or gateway should attempt to provide as many other CGI variables as are applicable.',
    at: {},
    saw: '',
  },
  {
    clause: 'pep3333-start-response/start-response.defer-until-body',
    level: 'MUST NOT',
    cites: 'PEP 3333, The start_response() Callable',
    says: 'The start_response callable must not actually transmit the response headers.',
    at: { gunicorn: 'fail' },
    saw: 'the head was sent before the first non-empty item',
  },
  {
    clause: 'pep3333-start-response/exc-info.replaces-headers',
    level: 'MUST',
    cites: 'PEP 3333, Error Handling',
    says: 'start_response should replace the currently-stored headers with the newly-supplied ones.',
    at: { gunicorn: 'fail' },
    saw: `both X-First and X-Second were sent: ${hostile}`,
  },
  {
    clause: 'pep3333-start-response/response.crlf-in-header',
    level: 'MUST NOT',
    cites: 'PEP 3333, The start_response() Callable',
    says: 'Each header_value must not include any control characters, including carriage returns or linefeeds.',
    at: { gunicorn: 'fail', 'mod-wsgi': 'pass', nginx: 'pass' },
    saw: 'a header with CR LF was answered with 400, blaming the client',
  },
  {
    clause: 'pep3333-response/head.no-body',
    level: 'MUST NOT',
    cites: 'RFC 9110 §9.3.2',
    says: 'The server MUST NOT send content in the response to a HEAD request.',
    at: { gunicorn: 'fail', nginx: 'pass', varnish: 'pass' },
    saw: '12 bytes of body after the head',
  },
  {
    clause: 'pep3333-response/iter.close-disconnect',
    level: 'MUST',
    cites: 'PEP 3333, Specification Details',
    says: 'If the iterable returned by the application has a close() method, the server or gateway must call that method upon completion of the current request.',
    at: {},
    saw: '',
  },
  {
    clause: 'pep3333-response/iter.one-at-a-time',
    level: 'PROSE',
    cites: 'PEP 3333, Buffering and Streaming',
    says: 'WSGI servers must not delay the transmission of any block.',
    at: { nginx: 'fail', varnish: 'fail' },
    saw: 'the first block arrived with the second',
  },
  {
    clause: 'rfc9112-framing/chunked.extension',
    level: 'MUST',
    cites: 'RFC 9112 §7.1.1',
    says: 'A recipient MUST ignore unrecognized chunk extensions.',
    at: { varnish: 'fail' },
    saw: '503 Service Unavailable',
  },
  {
    clause: 'rfc9112-framing/content-length.no-overrun',
    level: 'MUST NOT',
    cites: 'PEP 3333, Handling the Content-Length Header',
    says: 'The server must not allow the application to send more bytes than the header allows.',
    at: { varnish: 'error' },
    saw: 'the experiment broke: connect ECONNREFUSED 127.0.0.4:8080',
  },
  {
    clause: 'rfc9112-framing/duplicate-fields',
    level: 'RECORD',
    cites: 'RFC 9110 §5.3',
    says: 'How two fields of one name reach the application.',
    at: { gunicorn: 'observed', 'mod-wsgi': 'observed', nginx: 'observed', varnish: 'observed' },
    saw: 'a,b',
  },
  {
    clause: 'rfc9112-framing/cl-te-conflict',
    level: 'MUST',
    cites: 'RFC 9112 §6.3',
    says: 'If a message is received with both a Transfer-Encoding and a Content-Length header field, the Transfer-Encoding overrides the Content-Length.',
    at: { 'mod-wsgi': 'blocked' },
    saw: 'depends on chunked.plain',
  },
]

/** Verdicts of the fixture's clauses at every hop of a chain. */
export function verdicts(tiers: readonly Tier[]): readonly Verdict[] {
  return clauses.flatMap(({ at, saw, ...clause }) =>
    tiers.map(({ role, server }, index) => {
      // A server that is not named shows what the one behind it does.
      const source = tiers.slice(index).find((behind) => at[behind.server] !== undefined)
      const outcome = source === undefined ? 'pass' : at[source.server]!
      const fails = outcome === 'fail'
      return {
        ...clause,
        role,
        server,
        outcome,
        ...(outcome === 'pass' ? {} : { because: saw }),
        ...(fails
          ? {
              evidence: [
                {
                  sent: `GET /probe?nonce=${index}4f2a HTTP/1.1\\r\\nHost: lab\\r\\n\\r\\n`,
                  received: `HTTP/1.1 200 OK\\r\\nX-Evil: ${hostile}\\r\\n\\r\\n`,
                },
              ],
            }
          : {}),
      }
    }),
  )
}
