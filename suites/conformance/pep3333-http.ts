import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { ask, data, exchange, Reads, request, type Exchange, type Query, type Shape } from '../judging/probe.ts'
import { values, type Head } from '../judging/head.ts'
import { describe } from '../judging/answer.ts'
import { atApp, demand, type Experiment, type Suite } from './index.ts'

const EXPECT = 'PEP 3333, HTTP 1.1 Expect/Continue'
const HTTP_FEATURES = 'PEP 3333, Other HTTP Features'
const EXPECT_WAIT = 800
const QUIET_WAIT = 250
const LOST_WAIT = 1500
const VALIDATOR = 'Sat, 01 Jan 2022 00:00:00 GMT'
/** What a server may add to a response without touching what the application says: RFC 9110 asks for them or lets them be. */
const SERVERS_OWN = /^(age|connection|content-length|date|keep-alive|server|transfer-encoding|via)$/

/** A field as a list, so that lines that were joined or split are the same. */
function members(head: Head, name: string): string {
  return values(head, name)
    .flatMap((value) => value.split(','))
    .map((member) => member.trim())
    .join(', ')
}

/** Demands that a response reaches the client as the application gave it; returns the names of fields that were added. */
async function demandUnchanged(
  experiment: Experiment,
  status: string,
  given: readonly string[],
): Promise<readonly string[]> {
  const item = `the application's own body for ${status}\r\n\n\r`
  const fields = ['Content-Type: text/plain', ...given]
  const { answer, proven } = await ask(experiment, { do: 'respond', bare: 1, status, header: fields, item })
  const what = `"${status}" with ${fields.map((field) => field.split(':')[0]).join(', ')}`
  demand(proven && answer.ending === 'complete', `in place of the application's ${what} came ${describe(answer)}`)
  const head = answer.head!
  demand(head.status === Number(status.slice(0, 3)), `${what} arrived as ${describe(answer)}`)
  const sent: Head = { ...head, fields: fields.map((field) => field.split(': ') as [string, string]) }
  for (const [name] of sent.fields) {
    const [before, after] = [members(sent, name), members(head, name)]
    demand(after === before, `of ${what}, "${name}: ${before}" ${after ? `arrived as "${after}"` : 'did not arrive'}`)
  }
  const body = answer.body.toString('latin1')
  demand(body === item, `the body ${JSON.stringify(item)} arrived as ${JSON.stringify(body.slice(0, 100))}`)
  const known = new Set(['x-probe', ...sent.fields.map(([name]) => name.toLowerCase())])
  const names = head.fields.map(([name]) => name)
  return names.filter((name) => !known.has(name.toLowerCase()) && !SERVERS_OWN.test(name.toLowerCase()))
}

const RANGED = '0123456789'
const RANGE = ['Range: bytes=2-5', 'Connection: close']
/** Apache cuts what reaches it in one piece, which a response does at times; everybody else is asked in vain. */
const RANGE_TRIES = 24

/** Whether a range is cut out of a whole response; demands that it is the right one. */
async function isCut(experiment: Experiment): Promise<boolean> {
  const query = { do: 'respond', item: RANGED, header: 'ETag: "lab"' }
  const { answer, proven } = await ask(experiment, query, { fields: RANGE })
  demand(proven && answer.ending === 'complete', `a request with Range got ${describe(answer)}`)
  const body = answer.body.toString('latin1')
  const [range] = values(answer.head!, 'content-range')
  const cut = answer.head!.status !== 200
  const right = cut ? answer.head!.status === 206 && range === 'bytes 2-5/10' && body === '2345' : body === RANGED
  const got = `${describe(answer)}, Content-Range: ${range ?? 'none'} and ${JSON.stringify(body)}`
  demand(right, `a request for bytes 2-5 of "${RANGED}" got ${got}`)
  return cut
}

/** Asks for a response that is no part of another, and demands that it is not cut. */
async function demandWhole(experiment: Experiment, what: string, query: Query, shape: Shape): Promise<void> {
  const { answer } = await ask(experiment, { do: 'respond', item: RANGED, ...query }, shape)
  const status = String(query['status'] ?? '200 OK')
  const kept = answer.ending === 'complete' && answer.head!.status === Number(status.slice(0, 3))
  demand(kept, `${what}: ${status} became ${describe(answer)}`)
  const body = answer.body.toString('latin1')
  demand(body === (query['item'] ?? RANGED), `${what}: a ${status} of 10 bytes arrived as ${JSON.stringify(body)}`)
}

/** The response to a client that takes gzip on these terms, once it is known to hold what the application gave. */
async function encoded(experiment: Experiment, accepts: string, header: readonly string[]): Promise<Head | undefined> {
  const item = 'compressible '
  const query = { do: 'respond', bare: 1, header: ['Content-Type: text/html', ...header], item, repeat: 300 }
  const { answer, proven } = await ask(experiment, query, { fields: [`Accept-Encoding: ${accepts}`] })
  const what = `"Accept-Encoding: ${accepts}"`
  demand(proven && answer.ending === 'complete', `${what} got ${describe(answer)}`)
  const codings = members(answer.head!, 'content-encoding')
  demand(codings === '' || codings === 'gzip', `${what} got Content-Encoding: ${codings}`)
  const body = codings === '' ? answer.body : decoded(answer.body)
  demand(body?.toString('latin1') === item.repeat(300), `${what} got a body that is not the application's`)
  return codings === '' ? undefined : answer.head!
}

function decoded(body: Buffer): Buffer | undefined {
  try {
    return gunzipSync(body)
  } catch {
    return undefined
  }
}

/** What the application read from a body that was sent in some special way; demands an answer that is the probe's. */
function bodyRead(asked: Exchange, what: string): string {
  const { answer } = asked
  const good = asked.proven && answer.ending === 'complete' && answer.head!.status === 200
  demand(good, `${what} got ${describe(answer)}`)
  const [read] = data(Reads, asked)
  return read?.raised === undefined ? JSON.stringify(read?.value) : `an error (${read.raised})`
}

export default {
  name: 'pep3333-http',
  title: 'PEP 3333: HTTP features',
  clauses: {
    'expect.transparent': {
      level: 'MUST',
      cites: EXPECT,
      says:
        'Servers and gateways that implement HTTP 1.1 must provide transparent support for HTTP 1.1\'s "expect/continue" ' +
        'mechanism.',
      experiment:
        'POSTs with Expect: 100-continue and holds the body back until 100 comes, or for 0.8 s; the application must get ' +
        'the body.',
      async check(experiment) {
        const nonce = experiment.nonce()
        const connection = await experiment.connect()
        const fields = ['Expect: 100-continue', 'Content-Length: 5']
        const shape = { method: 'POST', fields }
        connection.send(request(experiment.hop, nonce, { do: 'read', op: 'body' }, shape))
        // "Wait until the client decides that the server does not support expect/continue" is the third allowed way.
        await connection.heard(EXPECT_WAIT)
        connection.send('hello')
        const asked = await exchange(nonce, connection, shape)
        const got = bodyRead(asked, 'Expect: 100-continue')
        const odd = asked.answer.interim.find(({ status }) => status !== 100)
        demand(odd === undefined, `an interim response ${odd?.status} came instead of 100`)
        demand(got === '"hello"', `the application read ${got}, not "hello"`)
      },
    },

    'expect.read-blocks': {
      level: 'PROSE',
      cites: EXPECT,
      says: 'The read request must then remain blocked until the client responds.',
      experiment:
        'POSTs with Expect: 100-continue and waits another 0.25 s after 100 came (or did not); until the body is sent, ' +
        'the read of the application must not return.',
      dependsOn: 'expect.transparent',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const nonce = experiment.nonce()
        const connection = await experiment.connect()
        const shape = { method: 'POST', fields: ['Expect: 100-continue', 'Content-Length: 5'] }
        connection.send(request(experiment.hop, nonce, { do: 'read', op: 'read:5' }, shape))
        await connection.heard(QUIET_WAIT)
        const isRead = ({ event }: { readonly event: string }): boolean => event === 'read'
        const early = await experiment.events(nonce, (seen) => seen.some(isRead), QUIET_WAIT)
        demand(!early.some(isRead), 'the read returned before the client had sent its body')
        connection.send('hello')
        const got = bodyRead(await exchange(nonce, connection, shape), 'Expect: 100-continue')
        demand(got === '"hello"', `the application read ${got}, not "hello"`)
      },
    },

    'expect.http10-exempt': {
      level: 'MUST',
      cites: 'RFC 9110 §10.1.1',
      says: 'A server that receives a 100-continue expectation in an HTTP/1.0 request MUST ignore that expectation.',
      experiment:
        'POSTs over HTTP/1.0 with Expect: 100-continue and sends the body 0.25 s later; nothing may come before it, and ' +
        'the application must get it.',
      async check(experiment) {
        const nonce = experiment.nonce()
        const connection = await experiment.connect()
        const fields = ['Expect: 100-continue', 'Content-Length: 5']
        const shape = { method: 'POST', version: '1.0', fields } as const
        connection.send(request(experiment.hop, nonce, { do: 'read', op: 'body' }, shape))
        await connection.heard(QUIET_WAIT)
        connection.send('hello')
        const asked = await exchange(nonce, connection, shape)
        const [interim] = asked.answer.interim
        demand(interim === undefined, `an HTTP/1.0 client was sent ${interim?.status}`)
        const got = bodyRead(asked, 'Expect: 100-continue in HTTP/1.0')
        demand(got === '"hello"', `the application read ${got}, not "hello"`)
      },
    },

    'hop-by-hop.inbound-decoded': {
      level: 'MUST',
      cites: HTTP_FEATURES,
      says:
        'WSGI servers must handle any supported inbound "hop-by-hop" headers on their own, such as by decoding any ' +
        'inbound Transfer-Encoding, including chunked encoding if applicable.',
      experiment: 'POSTs a body in two chunks; the application must read it decoded, or the client be refused.',
      async check(experiment) {
        const asked = await ask(
          experiment,
          { do: 'read', op: 'body' },
          {
            method: 'POST',
            fields: ['Transfer-Encoding: chunked'],
            body: '3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n',
            wait: LOST_WAIT,
          },
        )
        const { head, ending } = asked.answer
        // "any supported": a server that says that it does not support the coding is within the rule.
        if (!asked.proven && ending === 'complete' && [400, 411, 501].includes(head!.status))
          return { saw: `refuses a chunked request body (${describe(asked.answer)})` }
        const got = bodyRead(asked, 'a chunked request body')
        demand(got === '"hello"', `from the chunked body "hello" the application read ${got}`)
      },
    },

    'server.play-dumb': {
      level: 'PROSE',
      cites: HTTP_FEATURES,
      says:
        'In general, servers and gateways should "play dumb" and allow the application complete control over its output. ' +
        "They should only make changes that do not alter the effective semantics of the application's response.",
      experiment:
        'The application answers 200, 302, 404 and 503 with fields and a body of its own; none may be lost or changed, ' +
        'and fields beside them are noted.',
      async check(experiment) {
        const kept = 'Cache-Control: no-store, private'
        const validators = ['ETag: W/"lab"', `Last-Modified: ${VALIDATOR}`, 'Expires: Thu, 01 Dec 1994 16:00:00 GMT']
        const about = ['Content-Language: de, en', 'Content-Location: /lab/here', 'Vary: Accept-Language']
        const others = ['Content-Disposition: attachment; filename="a b.txt"', 'Link: </lab.css>; rel=preload']
        const responses: readonly (readonly [string, readonly string[]])[] = [
          ['200 OK', [kept, ...validators, ...about, ...others, 'X-Lab: one', 'x-lab: two']],
          ['302 Found', [kept, 'Location: /lab/elsewhere?a=b#c']],
          ['404 Not Found', [kept]],
          ['503 Service Unavailable', [kept, 'Retry-After: 7']],
          // CGI would have the server answer with what is at that path (RFC 3875 §6.2.2).
          ['200 OK', [kept, 'Location: /lab/elsewhere']],
        ]
        const added: string[] = []
        for (const [status, given] of responses) added.push(...(await demandUnchanged(experiment, status, given)))
        if (added.length > 0) return { saw: `adds ${[...new Set(added)].toSorted().join(', ')}` }
      },
    },

    'server.may-validate': {
      level: 'MAY',
      cites: HTTP_FEATURES,
      says:
        'it should be clear that a server may handle cache validation via the If-None-Match and If-Modified-Since request ' +
        'headers and the Last-Modified and ETag response headers.',
      experiment:
        'The application answers 200 with ETag and Last-Modified whatever is asked; a 304 may answer a condition that is ' +
        'met, and no other request.',
      async check(experiment) {
        const validated = async (what: string, fields: readonly string[], method = 'GET'): Promise<boolean> => {
          const etag = `"${experiment.nonce()}"`
          const header = [`ETag: ${etag}`, `Last-Modified: ${VALIDATOR}`]
          const shape = { method, fields: fields.map((field) => field.replace('ETAG', etag)) }
          const { answer, proven } = await ask(experiment, { do: 'respond', header, item: 'body' }, shape)
          if (answer.ending === 'complete' && answer.head!.status === 304) {
            const seen = values(answer.head!, 'etag')[0] ?? 'none'
            demand(seen.replace(/^W\//, '') === etag, `the 304 to ${what} has not the ETag ${etag}, but ${seen}`)
            return true
          }
          const whole = proven && answer.ending === 'complete' && answer.body.toString() === 'body'
          demand(whole && answer.head!.status === 200, `${what} got ${describe(answer)}`)
          return false
        }
        const none = 'If-None-Match: "another"'
        const since = `If-Modified-Since: ${VALIDATOR}`
        const wrong = 'was answered 304'
        demand(!(await validated('a request without a condition', [])), `a request without a condition ${wrong}`)
        // If-Modified-Since does not count beside If-None-Match (RFC 9110 §13.1.3).
        demand(!(await validated('another ETag', [none, since])), `a request with another ETag ${wrong}`)
        const before = 'If-Modified-Since: Fri, 31 Dec 2021 23:59:59 GMT'
        demand(!(await validated('an earlier date', [before])), `a request for what was modified since ${wrong}`)
        demand(!(await validated('a POST', ['If-None-Match: ETAG'], 'POST')), `a POST ${wrong}`)
        const done = [
          ...((await validated('a matching ETag', ['If-None-Match: ETAG'])) ? ['If-None-Match'] : []),
          ...((await validated('the date of Last-Modified', [since])) ? ['If-Modified-Since'] : []),
        ]
        const saw = done.length > 0 ? `answers 304 to ${done.join(' and ')}` : 'leaves validation to the application'
        return { saw }
      },
    },

    'server.may-range': {
      level: 'MAY',
      cites: HTTP_FEATURES,
      says:
        "A server may transmit byte ranges of the application's response if requested by the client, and the application " +
        "doesn't natively support byte ranges.",
      experiment:
        'The application answers a request for bytes 2-5 with all 10; a 206 must have the right Content-Range and bytes, ' +
        "and no POST, 404, failed If-Range or 206 of the application's own may be cut. Intermediaries are asked often.",
      async check(experiment) {
        const most = experiment.hop.role === 'app' ? 1 : RANGE_TRIES
        let cuts = false
        for (let tries = 0; tries < most && !cuts; tries += 1) cuts = await isCut(experiment)

        const post = { method: 'POST', fields: RANGE }
        for (let tries = 0; tries < (cuts ? most : 1); tries += 1)
          await demandWhole(experiment, 'a POST with Range', {}, post)
        await demandWhole(experiment, 'a 404 to a request with Range', { status: '404 Not Found' }, { fields: RANGE })
        const another = { fields: [...RANGE, 'If-Range: "other"'] }
        await demandWhole(experiment, 'If-Range that fails', { header: 'ETag: "lab"' }, another)
        const own = { status: '206 Partial Content', header: 'Content-Range: bytes 2-5/10', item: '2345' }
        await demandWhole(experiment, "the application's own range", own, { fields: RANGE })
        return { saw: cuts ? "cuts ranges out of the application's response" : 'leaves ranges to the application' }
      },
    },

    'server.may-encode': {
      level: 'MAY',
      cites: HTTP_FEATURES,
      says:
        "Similarly, a server may re-encode or transport-encode an application's response, but the application should use a " +
        'suitable content encoding on its own, and must not apply a transport encoding.',
      experiment:
        'The application answers 4 kB of HTML to clients that take gzip, do not, or get Cache-Control: no-transform; an ' +
        'encoded body must be the same decoded, with Vary and not under the same strong ETag.',
      async check(experiment) {
        const etag = 'ETag: "lab"'
        const refusing = await encoded(experiment, 'gzip;q=0, identity', [etag])
        demand(refusing === undefined, 'a client that does not take gzip got it')
        const kept = await encoded(experiment, 'gzip', [etag, 'Cache-Control: no-transform, no-store'])
        demand(kept === undefined, 'a response with Cache-Control: no-transform was encoded')
        const head = await encoded(experiment, 'gzip', [etag])
        if (head === undefined) return { saw: 'leaves content coding to the application' }
        const vary = members(head, 'vary').toLowerCase()
        demand(/\*|accept-encoding/.test(vary), `an encoded response has ${vary ? `Vary: ${vary}` : 'no Vary'}`)
        // A strong validator of one representation is not that of another (RFC 9110 §8.8.3.3).
        demand(values(head, 'etag')[0] !== '"lab"', 'an encoded response has the strong ETag of the one that is not')
        return { saw: "encodes the application's response with gzip" }
      },
    },

    'extension.safe': {
      level: 'MUST',
      cites: 'PEP 3333, Server Extension APIs',
      says:
        'So, to provide maximum compatibility, servers and gateways that provide extension APIs that replace some WSGI ' +
        'functionality, must design those APIs so that they are invoked using the portion of the API that they replace.',
      experiment:
        'Lists what can be called and the sockets that the server puts into environ beside what PEP 3333 names; whether ' +
        'they go past middleware is for the reader to judge.',
      applies: atApp,
      async check(experiment) {
        const Extensions = z.array(z.object({ name: z.string(), type: z.string(), socket: z.boolean() }))
        const found = data(Extensions, await ask(experiment, { do: 'extensions' }))
        const shown = found.map(({ name, type, socket }) => `${name} (${socket ? 'a socket' : type})`)
        const saw = shown.length > 0 ? `puts into environ ${shown.toSorted().join(', ')}` : 'puts no API into environ'
        return { saw }
      },
    },
  },
} satisfies Suite
