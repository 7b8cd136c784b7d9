import { gzipSync } from 'node:zlib'
import { describe, gotValues } from '../judging/answer.ts'
import { isServerError } from '../judging/failures.ts'
import { httpDate } from '../judging/head.ts'
import { byName, demandAll } from '../judging/inputs.ts'
import { response, type Reply } from '../judging/origin.ts'
import { sentValues, type Received } from '../judging/received.ts'
import { CONTENT, delivered, plain, relayed, requireAsked } from '../judging/relay.ts'
import { clientAddress } from '../judging/wire.ts'
import { demand, type Experiment, type Observation, type Suite } from './index.ts'

/**
 * What an intermediary makes of messages that it passes on. Those that are judged are gateways, "a.k.a. reverse proxies"
 * (RFC 9110 §3.7): towards clients they are bound by what binds an origin server, towards the origin by what binds a
 * client, and on both sides by what binds an intermediary. What binds a proxy alone, which its client has chosen, is
 * only observed.
 */

const ABSOLUTE_HOST = 'target.example:8081'

/** Parts of a path or query that somebody might think the same as something else. */
const PARTS = ['//', '/./', '/../', '%2F', '/%2e%2e/', ';c=1/', '%7E', '%c3%A9', '%5C', '?', '?c=%7E&d=//../&e=%2f']

/** A target as RFC 3986 §6.2.2 lets anybody normalise it: hexadecimal digits, unreserved characters and dot segments. */
function normalised(target: string): string {
  const [path = '', ...query] = target.split('?')
  const decoded = path.replaceAll(/%[0-9a-f]{2}/gi, (coded) => {
    const character = String.fromCharCode(Number.parseInt(coded.slice(1), 16))
    return /[\w\-.~]/.test(character) ? character : coded.toUpperCase()
  })
  const kept: string[] = []
  for (const segment of decoded.split('/'))
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
  return [kept.join('/'), ...query].join('?')
}

/** What becomes of a target with this part; undefined when it arrives as it was. */
async function fateOf(
  experiment: Experiment,
  part: string,
): Promise<'rewrites' | 'normalises' | 'refuses' | undefined> {
  const target = (nonce: string): string => `/${nonce}/a${part}b`
  let sent = ''
  const { requests } = await relayed(experiment, plain(), (nonce) => ({ target: (sent = target(nonce)) }))
  const arrived = requests[0]?.target
  if (arrived === undefined) return 'refuses'
  if (arrived === sent) return undefined
  return normalised(arrived) === normalised(sent) ? 'normalises' : 'rewrites'
}

/** Field lines with one name as one value, however they were split. */
const combined = (lines: readonly string[]): string => lines.join(',').replaceAll(/\s*,\s*/g, ', ')

/** How long the origin holds a body back, in milliseconds. */
const HEAD_START = 60

const PAGE = '<p>a page that compresses well</p>\n'.repeat(100)
const CODED_PAGE = gzipSync(PAGE)
const STRONG = '"strong"'

/** What a client and an origin that differ about a content coding made of a page. */
interface Recoded {
  readonly how: string
  /** Whether other bytes arrived than were sent. */
  readonly changed: boolean
  readonly etag: string | undefined
}

/** Gets a page with these fields: once it could be compressed on the way, once it is and could be decompressed. */
async function recoded(experiment: Experiment, ...fields: readonly string[]): Promise<readonly Recoded[]> {
  const ask = async (how: string, accepts: readonly string[], codes: (received: Received) => boolean) => {
    let sent = Buffer.alloc(0)
    const reply = (received: Received): Reply => {
      const isCoded = codes(received)
      sent = isCoded ? CODED_PAGE : Buffer.from(PAGE)
      const all = ['Content-Type: text/html', `ETag: ${STRONG}`, 'Vary: Accept-Encoding', ...fields]
      return response('200 OK', isCoded ? [...all, 'Content-Encoding: gzip'] : all, sent)
    }
    const passage = await relayed(experiment, reply, { fields: accepts })
    requireAsked(passage)
    const { head, body, ending } = passage.answer
    demand(head?.status === 200 && ending === 'complete', `a page came back as ${describe(passage.answer)}`)
    return { how, changed: !body.equals(sent), etag: gotValues(passage.answer, 'etag')[0] }
  }
  return Promise.all([
    ask('compressed', ['Accept-Encoding: gzip'], () => false),
    ask('decompressed', [], (received) => /gzip/.test(sentValues(received, 'accept-encoding').join())),
  ])
}

/** What the origin sees of a field with which a client says where its request came from. */
function fateOfClaim(seen: readonly string[], claimed: string): string {
  const value = combined(seen)
  if (value === '') return 'dropped'
  if (value === claimed) return 'passed on as claimed'
  return value.includes(claimed) ? 'appended to' : 'replaced'
}

export default {
  name: 'rfc9110-forwarding',
  title: 'RFC 9110: messages that an intermediary passes on',
  alone: true,
  clauses: {
    'host.forwarded-intact': {
      level: 'PROSE',
      cites: 'RFC 9110 §7.2',
      says:
        'The "Host" header field in a request provides the host and port information from the target URI, enabling the ' +
        'origin server to distinguish among resources while servicing requests for multiple host names.',
      experiment:
        'Asks for a host that is not the intermediary’s own and looks for it at the origin: all intermediaries here ' +
        'are set up to pass it on.',
      async check(experiment) {
        const host = 'site.example:8081'
        const hosts = sentValues(delivered(await relayed(experiment, plain(), { host }), 'a request'), 'host')
        const isKept = hosts.length === 1 && hosts[0]!.toLowerCase() === host
        demand(isKept, `"Host: ${host}" reached the origin as ${JSON.stringify(hosts.join(' and '))}`)
      },
    },

    'host.absolute-form': {
      level: 'MUST',
      cites: 'RFC 9112 §3.2.2',
      says:
        'When an origin server receives a request with an absolute-form of request-target, the origin server MUST ignore ' +
        'the received Host header field (if any) and instead use the host information of the request-target.',
      experiment:
        'Sends an absolute target and another host in Host: the origin must not be shown the host that is to be ignored.',
      async check(experiment) {
        const sent = (nonce: string) => ({ target: `http://${ABSOLUTE_HOST}/${nonce}`, host: 'ignored.example' })
        const request = delivered(await relayed(experiment, plain(), sent), 'a request with an absolute target')
        const hosts = sentValues(request, 'host').join(' and ')
        demand(
          hosts.toLowerCase() === ABSOLUTE_HOST,
          `a request for http://${ABSOLUTE_HOST}/ with "Host: ignored.example" was forwarded with "Host: ${hosts}"`,
        )
      },
    },

    'path.untouched': {
      level: 'MUST NOT',
      cites: 'RFC 9110 §7.7',
      says:
        'A proxy MUST NOT modify the "absolute-path" and "query" parts of the received target URI when forwarding it to ' +
        'the next inbound server except as required by that forwarding protocol.',
      experiment:
        'Sends targets with parts that some take for others and compares them with those that reach the origin. The ' +
        'sentence binds proxies; of a gateway it is told what it rewrites, what it only normalises, which anybody may ' +
        '(RFC 9110 §4.2.3), and what it refuses.',
      async check(experiment) {
        const fates = await Promise.all(PARTS.map(async (part) => ({ part, fate: await fateOf(experiment, part) })))
        const told = (['rewrites', 'normalises', 'refuses'] as const).flatMap((fate) => {
          const parts = fates.filter((each) => each.fate === fate).map(({ part }) => `"${part}"`)
          return parts.length === 0 ? [] : [`${fate} ${parts.join(' ')}`]
        })
        if (told.length > 0) return { saw: told.join('; ') }
      },
    },

    'unknown-fields.forwarded': {
      level: 'PROSE',
      cites: 'RFC 9110 §7.6',
      says:
        'Intermediaries are expected to forward messages even when protocol elements are not recognized (e.g., new ' +
        'methods, status codes, or field names) since that preserves extensibility for downstream recipients.',
      experiment:
        'Sends unknown fields both ways, one of them three times, one empty and one with a byte beyond ASCII, and looks ' +
        'at what arrives, and in which order.',
      async check(experiment) {
        const fields = ['X-Lab: one', 'X-Lab-Empty:', 'x-lab: two', 'X-Lab: three, "four, five"', 'X-Lab-High: caf\xe9']
        const expected = { 'X-Lab': 'one, two, three, "four, five"', 'X-Lab-Empty': '', 'X-Lab-High': 'caf\xe9' }
        const passage = await relayed(experiment, plain(...fields), { fields })
        const request = delivered(passage, 'a request with unknown fields')
        for (const [name, value] of Object.entries(expected)) {
          const [there, back] = [sentValues(request, name), gotValues(passage.answer, name)]
          demand(there.length > 0, `${name} of the request was not forwarded`)
          demand(combined(there) === value, `"${name}: ${value}" of the request was forwarded as ${combined(there)}`)
          demand(back.length > 0, `${name} of the response was not forwarded`)
          demand(combined(back) === value, `"${name}: ${value}" of the response was forwarded as ${combined(back)}`)
        }
      },
    },

    'unknown-fields.any-name': {
      level: 'PROSE',
      cites: 'RFC 9110 §7.6',
      says:
        'Intermediaries are expected to forward messages even when protocol elements are not recognized (e.g., new ' +
        'methods, status codes, or field names) since that preserves extensibility for downstream recipients.',
      experiment:
        'Sends fields both ways whose names are tokens of other characters than letters, digits and "-", and looks at ' +
        'which arrive.',
      async check(experiment) {
        const names = ['X_Lab', 'X.Lab', "X!#$%&'*+^`|~"]
        const fields = names.map((name) => `${name}: one`)
        const passage = await relayed(experiment, plain(...fields), { fields })
        const request = delivered(passage, 'a request with unusual field names')
        const lost = (from: (name: string) => readonly string[]): string =>
          names.filter((name) => from(name).length === 0).join(' and ')
        const [there, back] = [
          lost((name) => sentValues(request, name)),
          lost((name) => gotValues(passage.answer, name)),
        ]
        const told = [...(there ? [`of the request ${there}`] : []), ...(back ? [`of the response ${back}`] : [])]
        demand(told.length === 0, `not forwarded: ${told.join(', ')}`)
      },
    },

    'unknown-method.forwarded': {
      level: 'PROSE',
      cites: 'RFC 9110 §7.6',
      says:
        'Intermediaries are expected to forward messages even when protocol elements are not recognized (e.g., new ' +
        'methods, status codes, or field names) since that preserves extensibility for downstream recipients.',
      experiment: 'Sends a request with a method and a body that nobody knows, and looks for it at the origin.',
      async check(experiment) {
        const request = delivered(await relayed(experiment, plain(), { method: 'LAB', body: 'hello' }), 'LAB')
        demand(request.method === 'LAB', `LAB was forwarded as ${request.method}`)
        demand(request.body.toString() === 'hello', `the content of LAB was forwarded as ${request.body.toString()}`)
      },
    },

    'unknown-status.forwarded': {
      level: 'PROSE',
      cites: 'RFC 9110 §7.6',
      says:
        'Intermediaries are expected to forward messages even when protocol elements are not recognized (e.g., new ' +
        'methods, status codes, or field names) since that preserves extensibility for downstream recipients.',
      experiment: 'Has the origin answer with statuses that nobody knows, one of each class.',
      async check(experiment) {
        await demandAll(experiment, byName(['299', '399', '499', '599']), async (own, status) => {
          const passage = await relayed(own, response(`${status} Lab`, ['Cache-Control: no-store'], CONTENT))
          requireAsked(passage)
          const { answer } = passage
          const isKept = String(answer.head?.status) === status && answer.body.toString() === CONTENT
          demand(isKept, `status ${status} arrived as ${describe(answer)}`)
        })
      },
    },

    'set-cookie.not-folded': {
      level: 'PROSE',
      cites: 'RFC 9110 §5.3',
      says:
        'Since it cannot be combined into a single field value, recipients ought to handle "Set-Cookie" as a special case ' +
        'while processing fields.',
      experiment: 'Has the origin set three cookies, which must arrive in three lines and in their order.',
      async check(experiment) {
        const cookies = ['a=1; Expires=Wed, 09 Jun 2038 10:18:14 GMT', 'b=2; Path=/', 'a=3; Path=/lab']
        const passage = await relayed(experiment, plain(...cookies.map((cookie) => `Set-Cookie: ${cookie}`)))
        delivered(passage, 'a request')
        const seen = gotValues(passage.answer, 'set-cookie')
        demand(seen.join('\n') === cookies.join('\n'), `three cookies arrived as ${JSON.stringify(seen)}`)
      },
    },

    notransform: {
      level: 'MUST NOT',
      cites: 'RFC 9111 §5.2.2.6',
      says:
        'The no-transform response directive indicates that an intermediary (regardless of whether it implements a cache) ' +
        'MUST NOT transform the content, as defined in Section 7.7 of [HTTP].',
      experiment:
        'Has the origin send a page with no-transform, once plain to a client that accepts gzip, once in gzip, if it is ' +
        'asked for that, to a client that said nothing: the same bytes must arrive.',
      async check(experiment) {
        const all = await recoded(experiment, 'Cache-Control: no-transform, no-store')
        for (const { how, changed } of all) demand(!changed, `a page with no-transform was ${how} on its way`)
      },
    },

    'etag.per-encoding': {
      level: 'PROSE',
      cites: 'RFC 9110 §8.8.3.3',
      says:
        'Content codings are a property of the representation data, so a strong entity tag for a content-encoded ' +
        'representation has to be distinct from the entity tag of an unencoded representation to prevent potential ' +
        'conflicts during cache updates and range requests.',
      experiment:
        'Has the origin send a page with a strong entity tag, once plain to a client that accepts gzip, once in gzip, if ' +
        'it is asked for that, to a client that said nothing: where the coding is changed, the tag must be too.',
      async check(experiment): Promise<Observation> {
        const changed = (await recoded(experiment, 'Cache-Control: no-store')).filter((each) => each.changed)
        for (const { how, etag } of changed)
          demand(etag !== STRONG, `a page was ${how} on its way and kept its strong entity tag`)
        if (changed.length === 0) return { saw: 'changes no content coding' }
        const told = changed.map(({ how, etag }) => `${how} with ${etag === undefined ? 'no' : 'another'} entity tag`)
        return { saw: `a page is ${told.join(', ')}` }
      },
    },

    'date.recipient-adds': {
      level: 'MUST',
      cites: 'RFC 9110 §6.6.1',
      says:
        'A recipient with a clock that receives a response message without a Date header field MUST record the time it ' +
        "was received and append a corresponding Date header field to the message's header section if it is cached or " +
        'forwarded downstream.',
      experiment: 'Has the origin answer without Date and looks for one in the response.',
      async check(experiment) {
        const passage = await relayed(experiment)
        delivered(passage, 'a request')
        const dates = gotValues(passage.answer, 'date')
        demand(dates.length === 1, `a response without Date arrived with ${dates.length} of them`)
        const off = Math.abs(Date.parse(dates[0]!) - Date.now())
        demand(off < 60_000 && dates[0] === new Date(dates[0]!).toUTCString(), `Date is ${JSON.stringify(dates[0])}`)
      },
    },

    'date.kept': {
      level: 'RECORD',
      cites: 'RFC 9110 §6.6.1',
      says: 'The "Date" header field represents the date and time at which the message was originated',
      experiment: 'Has the origin answer with a Date of an hour ago and looks at which arrives.',
      async check(experiment): Promise<Observation> {
        const date = httpDate(-3600)
        const passage = await relayed(experiment, plain(`Date: ${date}`))
        delivered(passage, 'a request')
        const dates = gotValues(passage.answer, 'date')
        return {
          saw: dates.join() === date ? 'keeps the origin’s Date' : 'replaces the origin’s Date by one of its own',
        }
      },
    },

    'content-length.false-not-forwarded': {
      level: 'MUST NOT',
      cites: 'RFC 9110 §8.6',
      says:
        'As a result, a sender MUST NOT forward a message with a Content-Length header field value that is known to be ' +
        'incorrect. Likewise, a sender MUST NOT forward a message with a Content-Length header field value that does not ' +
        'match the ABNF above, with one exception: a recipient of a Content-Length header field value consisting of the ' +
        'same decimal value repeated as a comma-separated list (e.g, "Content-Length: 42, 42") MAY either reject the ' +
        'message as invalid or replace that invalid field value with a single instance of the decimal value',
      experiment:
        'Sends, both ways, a length beside a chunked body of another length, and the right length twice, in one line and ' +
        'in two: what is passed on may have none or the right one.',
      async check(experiment) {
        const falseLengths = {
          'a false length beside chunks': ['Content-Length: 3', 'Transfer-Encoding: chunked'],
          'a length twice in a line': ['Content-Length: 5, 5'],
          'a length in two lines': ['Content-Length: 5', 'Content-Length: 5'],
        }
        const right = ['', '5']
        await demandAll(experiment, falseLengths, async (own, fields, what) => {
          const body = fields.some((field) => field.endsWith('chunked')) ? '5\r\nhello\r\n0\r\n\r\n' : 'hello'
          const { requests } = await relayed(own, plain(), { method: 'POST', fields, body })
          for (const request of requests) {
            const seen = sentValues(request, 'content-length').join(' and ')
            demand(right.includes(seen), `a request with ${what} was forwarded with Content-Length ${seen}`)
          }
          // The head some time before the body: what is known at once may be mended, what is streamed may not.
          const head = response('200 OK', ['Cache-Control: no-store', 'Connection: close', ...fields]).steps
          const passage = await relayed(own, { steps: [...head, { wait: HEAD_START }, body, 'close'] })
          requireAsked(passage)
          if (isServerError(passage.answer)) return
          const { head: seen, problems } = passage.answer
          const lengths =
            seen === undefined ? (problems.at(-1) ?? '') : gotValues(passage.answer, 'content-length').join(' and ')
          demand(
            seen !== undefined && right.includes(lengths),
            `a response with ${what} was forwarded with Content-Length ${lengths}`,
          )
        })
      },
    },

    'forwarded.chain': {
      level: 'RECORD',
      cites: 'RFC 7239 §8.1',
      says:
        'The "Forwarded" HTTP header field cannot be relied upon to be correct, as it may be, whether mistakenly or for ' +
        'malicious reasons, modified by every node on the way to the server, including the client making the request.',
      experiment: 'Claims another origin in the fields that say where a request came from and looks at what arrives.',
      async check(experiment): Promise<Observation> {
        const claims = {
          'X-Forwarded-For': '203.0.113.7',
          Forwarded: 'for=203.0.113.7',
          'X-Forwarded-Host': 'claimed.example',
          'X-Forwarded-Proto': 'https',
          'X-Real-IP': '203.0.113.7',
        }
        const fields = Object.entries(claims).map(([name, value]) => `${name}: ${value}`)
        const request = delivered(await relayed(experiment, plain(), { fields }), 'a request with claims')
        const told = Object.entries(claims).map(
          ([name, value]) => `${name} is ${fateOfClaim(sentValues(request, name), value)}`,
        )
        const own = clientAddress(experiment.hop.url)
        const isTold = own !== undefined && sentValues(request, 'x-forwarded-for').join().includes(own)
        return { saw: `${told.join(', ')}; the client’s own address is ${isTold ? '' : 'not '}told in X-Forwarded-For` }
      },
    },
  },
} satisfies Suite
