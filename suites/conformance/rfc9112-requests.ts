import { describe } from '../judging/answer.ts'
import { ask, data, Environ, exchange, request } from '../judging/probe.ts'
import { INVALID_HOST, NO_MESSAGE } from '../judging/quotations.ts'
import { demandEach, demandRefused, isTurnedAway } from '../judging/refusal.ts'
import { bodyRead, post, told } from '../judging/request-body.ts'
import { askRewritten, askTarget, environUnlessTurnedAway, holding, REFUSAL_WAIT } from '../judging/rewritten.ts'
import { Blocked, demand, type Experiment, type Suite } from './index.ts'

const LF_WAIT = 800
/** What a server answers an invalid request-line with. */
const INVALID_LINE = [400, 301]
/** An authority that cannot be taken for a URI: no scheme begins with a digit. */
const AUTHORITY = '127.0.0.1:80'

/** What becomes of a request whose head is written otherwise, and whose body is a request as well. */
async function bareLf(experiment: Experiment, rewrite: (head: string) => string): Promise<string> {
  const [nonce, within] = [experiment.nonce(), experiment.nonce()]
  const connection = await experiment.connect()
  const body = request(experiment.hop, within, { do: 'environ' })
  const shape = { method: 'POST', fields: ['X-Lab: one', `Content-Length: ${body.length}`], wait: LF_WAIT }
  connection.send(rewrite(request(experiment.hop, nonce, { do: 'read', op: 'body' }, shape)) + body)
  const asked = await exchange(nonce, connection, shape)
  if (isTurnedAway(asked)) return 'turns away'
  // Who knows no end of a line but CR LF waits for one.
  if (asked.answer.head === undefined && asked.answer.ending === 'silent') return 'waits for the end of'
  if (asked.answer.ending === 'malformed') return 'answers with no HTTP to'
  const read = bodyRead(asked)?.value
  if (read === body) return 'takes'
  demand(read === '', `of a body with a bare LF in the head before it the application read ${told(asked)}`)
  const second = await exchange(within, connection, shape)
  const events = experiment.target.events ? await experiment.events(within) : []
  const isHidden = !second.proven && events.length > 0
  demand(!isHidden, 'a request in a body, after a bare LF in the head, reached the application unknown to the client')
  return 'does not heed'
}

export default {
  name: 'rfc9112-requests',
  title: 'RFC 9112 and 9110: request lines and fields',
  clauses: {
    'host.invalid-400': {
      level: 'MUST',
      cites: 'RFC 9112 §3.2',
      says: INVALID_HOST,
      experiment:
        'Sends values of Host that are no host and port (a space, a slash, an @, a port of letters, half an IPv6 ' +
        'address ...), each of which must get 400 and not reach the application.',
      async check(experiment) {
        const hosts = ['lab example', 'lab/example', 'user@lab', 'lab?example', 'lab:port', '[::1', '<lab>']
        const inputs = Object.fromEntries(hosts.map((host) => [`"Host: ${host}"`, host]))
        await demandEach(experiment, inputs, async (experiment, host, what) =>
          demandRefused(await ask(experiment, { do: 'environ' }, { host, wait: REFUSAL_WAIT }), what),
        )
      },
    },

    'target.absolute-accepted': {
      level: 'MUST',
      cites: 'RFC 9112 §3.2.2',
      says:
        'When an origin server receives a request with an absolute-form of request-target, the origin server MUST ignore ' +
        'the received Host header field (if any) and instead use the host information of the request-target. [...] A ' +
        'server MUST accept the absolute-form in requests even though most HTTP/1.1 clients will only send the ' +
        'absolute-form to a proxy.',
      experiment:
        'Sends an absolute request-target, with its own authority in Host and with another: both must reach the ' +
        'application like an ordinary request for that authority.',
      async check(experiment) {
        const { hop } = experiment
        const own = hop.url.host
        const plain = data(Environ, await ask(experiment, { do: 'environ' })).values
        for (const host of [own, 'other.example']) {
          const what = `an absolute target for ${host === own ? 'the host in Host' : 'another host than Host'}`
          const absolute = (message: string): string => message.replace(' /', ` ${hop.url.protocol}//${own}/`)
          const asked = await askRewritten(experiment, absolute, { host })
          demand(asked.proven, `${what} got ${describe(asked.answer)}`)
          const { values } = data(Environ, asked)
          for (const name of ['HTTP_HOST', 'SERVER_NAME', 'PATH_INFO']) {
            const [seen, expected] = [values[name], plain[name]].map((value) => JSON.stringify(value) ?? 'none')
            const shown = (value: string): string => value.replace(own, 'the target’s authority')
            demand(seen === expected, `of ${what} the application got ${name} ${shown(seen!)}, not ${shown(expected!)}`)
          }
        }
      },
    },

    'target.authority-only-connect': {
      level: 'SHOULD',
      cites: 'RFC 9112 §3.2, §3.2.3',
      says:
        'Recipients of an invalid request-line SHOULD respond with either a 400 (Bad Request) error or a 301 (Moved ' +
        'Permanently) redirect with the request-target properly encoded. [...] The "authority-form" of request-target is ' +
        'only used for CONNECT requests',
      experiment: `GETs the target ${AUTHORITY}, which must get 400 (or 301) and not reach the application.`,
      async check(experiment) {
        demandRefused(await askTarget(experiment, () => AUTHORITY), `GET ${AUTHORITY}`, INVALID_LINE)
      },
    },

    'target.asterisk-only-options': {
      level: 'SHOULD',
      cites: 'RFC 9112 §3.2, §3.2.4',
      says:
        'Recipients of an invalid request-line SHOULD respond with either a 400 (Bad Request) error or a 301 (Moved ' +
        'Permanently) redirect with the request-target properly encoded. [...] The "asterisk-form" of request-target is ' +
        'only used for a server-wide OPTIONS request',
      experiment: 'GETs the target *, which must get 400 (or 301) and not reach the application.',
      async check(experiment) {
        demandRefused(await askTarget(experiment, () => '*'), 'GET *', INVALID_LINE)
      },
    },

    'target.whitespace-reject': {
      level: 'SHOULD',
      cites: 'RFC 9112 §3.2',
      says:
        'Recipients of an invalid request-line SHOULD respond with either a 400 (Bad Request) error or a 301 (Moved ' +
        'Permanently) redirect with the request-target properly encoded. A recipient SHOULD NOT attempt to autocorrect ' +
        'and then process the request without a redirect, since the invalid request-line might be deliberately crafted to ' +
        'bypass security filters along the request chain.',
      experiment:
        'Sends targets with a space or a tab in the path or the query, which must get 400 (or 301) and not reach the ' +
        'application.',
      async check(experiment) {
        const targets = {
          'a space in the path': (target: string) => target.replace('?', 'lab one?'),
          'a tab in the path': (target: string) => target.replace('?', 'lab\tone?'),
          'a space in the query': (target: string) => `${target} one`,
        }
        await demandEach(experiment, targets, async (experiment, rewrite, what) =>
          demandRefused(await askTarget(experiment, rewrite), what, INVALID_LINE),
        )
      },
    },

    'line.bare-cr': {
      level: 'MUST',
      cites: 'RFC 9112 §2.2',
      says:
        'A sender MUST NOT generate a bare CR (a CR character not immediately followed by LF) within any protocol elements ' +
        'other than the content. A recipient of such a bare CR MUST consider that element to be invalid or replace each ' +
        'bare CR with SP before processing the element or forwarding the message.',
      experiment:
        'Sends a CR without LF in a target, in a field value, before CR LF and where a line should end: the request must ' +
        'be turned away, or reach the application with a space in place of the CR.',
      async check(experiment) {
        const inputs = {
          'a bare CR in the target': { path: 'lab\rone', field: 'one', spaced: /^one$/ },
          'a bare CR in a field value': { path: '', field: 'one\rtwo', spaced: /^one +two$/ },
          'a bare CR before CR LF': { path: '', field: 'one\r', spaced: /^one *$/ },
          'a bare CR in place of CR LF': { path: '', field: 'one\rX-Lab-Two: two', spaced: /^one +X-Lab-Two: two$/ },
        }
        await demandEach(experiment, inputs, async (experiment, { path, field, spaced }, what) => {
          const shape = { path, fields: [`X-Lab: ${field}`], wait: REFUSAL_WAIT }
          const values = environUnlessTurnedAway(await ask(experiment, { do: 'environ' }, shape), what)
          if (values === undefined) return
          demand(holding(values, '\r') === '', `${what} reached the application in ${holding(values, '\r')}`)
          demand(values['HTTP_X_LAB_TWO'] === undefined, `${what} was taken for the end of a line`)
          const seen = values['HTTP_X_LAB']
          demand(spaced.test(seen ?? ''), `${what} gave the application ${JSON.stringify(seen)}`)
        })
      },
    },

    'line.bare-lf-consistent': {
      level: 'MAY',
      cites: 'RFC 9112 §2.2',
      says:
        'Although the line terminator for the start-line and fields is the sequence CRLF, a recipient MAY recognize a ' +
        'single LF as a line terminator and ignore any preceding CR.',
      experiment:
        'POSTs with a bare LF before Content-Length, and with bare LFs alone: whether it ends a line is noted. Where it ' +
        'does not, the body is a request of its own, and must be one to every hop.',
      async check(experiment) {
        const between = await bareLf(experiment, (head) => head.replace('\r\nContent-Length', '\nContent-Length'))
        const alone = await bareLf(experiment, (head) => head.replaceAll('\r\n', '\n'))
        return { saw: `${between} a bare LF between two fields, ${alone} a head with bare LFs alone` }
      },
    },

    'line.leading-crlf': {
      level: 'SHOULD',
      cites: 'RFC 9112 §2.2',
      says:
        'In the interest of robustness, a server that is expecting to receive and parse a request-line SHOULD ignore at ' +
        'least one empty line (CRLF) received prior to the request-line.',
      experiment:
        'Sends an empty line before a request, on a new connection and after a POST on one that stays open: both must be ' +
        'answered by the application.',
      async check(experiment) {
        const first = await askRewritten(experiment, (message) => `\r\n${message}`)
        demand(first.proven, `an empty line before a request on a new connection got ${describe(first.answer)}`)
        const { connection, proven } = await post(experiment, [], 'hello')
        if (!proven) throw new Blocked('a POST is not answered')
        const nonce = experiment.nonce()
        connection.send(`\r\n${request(experiment.hop, nonce, { do: 'environ' })}`)
        const second = await exchange(nonce, connection)
        // A server need not keep the connection.
        if (second.answer.head === undefined && second.answer.ending === 'cut') return
        demand(second.proven, `an empty line between a POST and the next request got ${describe(second.answer)}`)
      },
    },

    'line.whitespace-before-first-field': {
      level: 'MUST',
      cites: 'RFC 9112 §2.2',
      says:
        'A recipient that receives whitespace between the start-line and the first header field MUST either reject the ' +
        'message as invalid or consume each whitespace-preceded line without further processing of it (i.e., ignore the ' +
        'entire line, along with any subsequent lines preceded by whitespace, until a properly formed header field is ' +
        'received or the header section is terminated).',
      experiment:
        'Sends two lines that begin with a space or a tab between the request line and Host: the request must be turned ' +
        'away, or nothing of the lines may reach the application.',
      async check(experiment) {
        const inputs = { 'lines that begin with a space': ' ', 'lines that begin with a tab': '\t' }
        await demandEach(experiment, inputs, async (experiment, blank, what) => {
          const lines = `HTTP/1.1\r\n${blank}X-Lab: unasked\r\n${blank}X-Lab-Two: unasked\r\n`
          const asked = await askRewritten(experiment, (message) => message.replace('HTTP/1.1\r\n', lines))
          const values = environUnlessTurnedAway(asked, what)
          const found = values === undefined ? '' : holding(values, 'unasked')
          demand(found === '', `${what} reached the application in ${found}`)
        })
      },
    },

    'version.unsupported': {
      level: 'SHOULD',
      cites: 'RFC 9110 §6.2',
      says:
        'A server MUST NOT send a version to which it is not conformant. A server can send a 505 (HTTP Version Not ' +
        "Supported) response if it wishes, for any reason, to refuse service of the client's major protocol version. A " +
        'recipient that receives a message with a major version number that it implements and a minor version number higher ' +
        'than what it implements SHOULD process the message as if it were in the highest minor version within that major ' +
        'version to which the recipient is conformant.',
      experiment:
        'Sends HTTP/1.9, which must be served like HTTP/1.1, and HTTP/9.9, which may be served or refused; no answer may ' +
        'claim a version that is not spoken.',
      async check(experiment) {
        const versions = ['HTTP/1.9', 'HTTP/9.9'].map((version) => async () => {
          const asked = await askRewritten(experiment, (message) => message.replace('HTTP/1.1', version))
          const spoken = asked.answer.head?.version ?? 'HTTP/1.1'
          demand(/^HTTP\/1\.[01]$/.test(spoken), `${version} was answered in ${spoken}`)
          return asked
        })
        const minor = await versions[0]!()
        demand(minor.proven, `HTTP/1.9 got ${describe(minor.answer)}`)
        const major = await versions[1]!()
        if (major.proven) return { saw: 'serves HTTP/9.9 as if it were HTTP/1.1' }
        demand(isTurnedAway(major), `HTTP/9.9 got ${describe(major.answer)}`)
        const { head } = major.answer
        return { saw: head ? `answers HTTP/9.9 with ${head.status}` : 'closes the connection on HTTP/9.9' }
      },
    },

    'field.ctl-nul-crlf': {
      level: 'MUST',
      cites: 'RFC 9110 §5.5',
      says:
        'Field values containing CR, LF, or NUL characters are invalid and dangerous, due to the varying ways that ' +
        'implementations might parse and interpret those characters; a recipient of CR, LF, or NUL within a field value ' +
        'MUST either reject the message or replace each of those characters with SP before further processing or ' +
        'forwarding of that message.',
      experiment:
        'Sends NUL, CR and LF in a field value: the request must be turned away, or reach the application with a space ' +
        'in place of the character.',
      async check(experiment) {
        const inputs = {
          'NUL within a field value': { value: 'one\0two', spaced: /^one +two$/ },
          'NUL at the end of a field value': { value: 'one\0', spaced: /^one *$/ },
          'CR within a field value': { value: 'one\rtwo', spaced: /^one +two$/ },
          // A bare LF may end the line as well; what then follows it is no field.
          'LF within a field value': { value: 'one\ntwo', spaced: /^one( +two)?$/ },
        }
        await demandEach(experiment, inputs, async (experiment, { value, spaced }, what) => {
          const asked = await ask(experiment, { do: 'environ' }, { fields: [`X-Lab: ${value}`], wait: REFUSAL_WAIT })
          const values = environUnlessTurnedAway(asked, what)
          const seen = values?.['HTTP_X_LAB']
          const isLawful = values === undefined || spaced.test(seen ?? '')
          demand(isLawful, `${what} gave the application ${JSON.stringify(seen)}`)
        })
      },
    },

    'field.name-token': {
      level: 'SHOULD',
      cites: 'RFC 9112 §2.2',
      says: NO_MESSAGE,
      experiment:
        'Sends field names that are no token (with a space, a bracket, a slash, an @, a letter beyond ASCII, or empty), ' +
        'which must get 400 and not reach the application.',
      async check(experiment) {
        const names = ['X Lab', 'X(Lab', 'X/Lab', 'X@Lab', 'X\xe9Lab', '']
        const inputs = Object.fromEntries(names.map((name) => [`a field named ${JSON.stringify(name)}`, name]))
        await demandEach(experiment, inputs, async (experiment, name, what) =>
          demandRefused(
            await ask(experiment, { do: 'environ' }, { fields: [`${name}: one`], wait: REFUSAL_WAIT }),
            what,
          ),
        )
      },
    },

    'field.limits-431': {
      level: 'MUST',
      cites: 'RFC 9110 §5.4',
      says:
        'A server that receives a request header field line, field value, or set of fields larger than it wishes to process ' +
        'MUST respond with an appropriate 4xx (Client Error) status code.',
      experiment:
        'Sends a field of 10000 and one of 70000 bytes, and 1000 fields: the application must get all of it, or the ' +
        'client a 4xx.',
      async check(experiment) {
        const long = (length: number): readonly string[] => [`X-Lab: ${'a'.repeat(length)}`]
        const inputs = {
          'a field of 10000 bytes': long(10_000),
          'a field of 70000 bytes': long(70_000),
          '1000 fields': Array.from({ length: 1000 }, (_, index) => `X-Lab-${index}: a`),
        }
        await demandEach(experiment, inputs, async (experiment, fields, what) => {
          const asked = await ask(experiment, { do: 'environ' }, { fields, wait: REFUSAL_WAIT })
          const { head, ending } = asked.answer
          if (!asked.proven && ending === 'complete' && head!.status >= 400 && head!.status < 500) return
          demand(asked.proven, `${what} got ${describe(asked.answer)} instead of a 4xx`)
          const { values } = data(Environ, asked)
          const whole = fields.filter((field) => {
            const [name, value] = field.split(': ') as [string, string]
            return values[`HTTP_${name.toUpperCase().replaceAll('-', '_')}`] === value
          })
          demand(whole.length === fields.length, `${what} did not reach the application whole`)
        })
      },
    },

    'uri.too-long-414': {
      level: 'MUST',
      cites: 'RFC 9112 §3',
      says:
        'A server that receives a request-target longer than any URI it wishes to parse MUST respond with a 414 (URI Too ' +
        'Long) status code',
      experiment:
        'Sends request lines of 8000, 20000 and 100000 bytes: the application must get the whole target, or the client ' +
        '414; 8000 are to be taken (RFC 9112 §3 recommends it).',
      async check(experiment) {
        const refused: number[] = []
        const lengths = [8000, 20_000, 100_000]
        const inputs = Object.fromEntries(lengths.map((length) => [`a request line of ${length} bytes`, length]))
        await demandEach(experiment, inputs, async (experiment, length, what) => {
          let pad = ''
          const asked = await askTarget(experiment, (target) => {
            const start = `${target}&pad=`
            pad = 'a'.repeat(length - `GET ${start} HTTP/1.1`.length)
            return start + pad
          })
          if (!asked.proven) {
            demandRefused(asked, what, [414])
            refused.push(length)
            return
          }
          const seen = data(Environ, asked).values['QUERY_STRING'] ?? ''
          demand(seen.endsWith(`pad=${pad}`), `of ${what} the application got a query of ${seen.length} bytes`)
        })
        if (refused.includes(8000)) return { saw: 'answers 414 to a request line of 8000 bytes already' }
      },
    },

    'method.unknown-501': {
      level: 'SHOULD',
      cites: 'RFC 9110 §9.1',
      says:
        'An origin server that receives a request method that is unrecognized or not implemented SHOULD respond with the ' +
        '501 (Not Implemented) status code.',
      experiment:
        'Sends methods that nobody knows, a very long one and "get": the application must be asked, by that name, or the ' +
        'client get 501 (or 405, when the server knows the method).',
      async check(experiment) {
        const methods = ['LAB', 'X-LAB', "lab!#$%&'*+.^_`|~9", 'get', 'L'.repeat(64)]
        const shown = (method: string): string =>
          method.length > 20 ? `a method of ${method.length} letters` : `the method ${method}`
        const left: string[] = []
        await demandEach(
          experiment,
          Object.fromEntries(methods.map((method) => [shown(method), method])),
          async (experiment, method, what) => {
            const asked = await ask(experiment, { do: 'environ' }, { method, wait: REFUSAL_WAIT })
            if (!asked.proven) return demandRefused(asked, what, [501, 405])
            const seen = data(Environ, asked).values['REQUEST_METHOD']
            demand(seen === method, `${what} reached the application as ${seen}`)
            left.push(what)
          },
        )
        if (left.length === methods.length) return { saw: 'leaves unknown methods to the application' }
        return { saw: `refuses unknown methods${left.length > 0 ? `, but not ${left.join(', ')}` : ''}` }
      },
    },
  },
} satisfies Suite
