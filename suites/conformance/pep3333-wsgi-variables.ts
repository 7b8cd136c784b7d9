import { z } from 'zod'
import { ask, data, environ, Environ, exchange, mount, Reads, refused, request } from '../judging/probe.ts'
import { atApp, demand, type Experiment, type Suite } from './index.ts'

const VARIABLES = 'PEP 3333, environ Variables'
const UNICODE = 'PEP 3333, Unicode Issues'

/** Names that others define: CGI, its common extensions by Apache, fields, TLS. The rest is the server's own. */
const COMMON =
  /^(HTTP_.*|SSL_.*|HTTPS|X_.*|(AUTH|REMOTE|SERVER|REQUEST|SCRIPT|CONTENT|CONTEXT|DOCUMENT|PATH|REDIRECT)_.*|GATEWAY_INTERFACE|QUERY_STRING|UNIQUE_ID)$/

const HOLD_SECONDS = 0.08
/** Two of so many share a process when there are two, as the lab has them. */
const OVERLAPPING = 4
/** More requests than most deployments have processes, so that one of them is called twice. */
const RUNS = 12

const Held = z.object({
  multithread: z.boolean().nullable(),
  multiprocess: z.boolean().nullable(),
  run_once: z.boolean().nullable(),
  pid: z.number(),
  thread: z.number(),
  began: z.number(),
  ended: z.number(),
})
type Held = z.infer<typeof Held>

/** Several requests at once, each of which stays in the application for a moment. */
async function held(experiment: Experiment): Promise<readonly Held[]> {
  return Promise.all(
    Array.from({ length: OVERLAPPING }, async () => {
      const nonce = experiment.nonce()
      const connection = await experiment.connect()
      const query = { do: 'hold', seconds: HOLD_SECONDS }
      // A server that takes one connection at a time must not wait for us to close it.
      connection.send(request(experiment.hop, nonce, query, { fields: ['Connection: close'] }))
      return data(Held, await exchange(nonce, connection))
    }),
  )
}

/** Whether two threads of one process were in the application at the same time. */
function threaded(all: readonly Held[]): boolean {
  return all.some((one) =>
    all.some(
      (other) =>
        other.pid === one.pid && other.thread !== one.thread && other.began < one.ended && one.began < other.ended,
    ),
  )
}

/** The same at a deployment of one thread in one process; undefined where there is none that keeps to it. */
async function heldAlone(experiment: Experiment): Promise<readonly Held[] | undefined> {
  // Not a need of the clause: most of it can be judged without.
  if (!(await experiment.target.redeployed?.('single-thread'))) return undefined
  const all = await held(await experiment.redeployed('single-thread'))
  return threaded(all) || processes(all) > 1 ? undefined : all
}

function processes(all: readonly Held[]): number {
  return new Set(all.map(({ pid }) => pid)).size
}

// As Python's urllib.parse.quote does it, for text that is ASCII.
function quote(text: string): string {
  return encodeURIComponent(text).replaceAll('%2F', '/')
}

export default {
  name: 'pep3333-wsgi-variables',
  title: 'PEP 3333: the variables of WSGI and how they are set',
  clauses: {
    'environ.wsgi-version': {
      level: 'MUST',
      cites: VARIABLES,
      says:
        'must contain the following WSGI-defined variables: [...] wsgi.version The tuple (1, 0), representing WSGI ' +
        'version 1.0.',
      experiment: 'GETs and looks at wsgi.version and its type.',
      applies: atApp,
      async check(experiment) {
        const { values, types } = await environ(experiment)
        const seen = `${types['wsgi.version']} ${values['wsgi.version']}`
        demand(seen === 'tuple (1, 0)', `wsgi.version is ${seen}`)
      },
    },

    'environ.url-scheme': {
      level: 'MUST',
      cites: VARIABLES,
      says:
        'must contain the following WSGI-defined variables: [...] wsgi.url_scheme A string representing the "scheme" ' +
        'portion of the URL at which the application is being invoked.',
      experiment:
        'GETs and compares wsgi.url_scheme with the scheme of the connection, then claims the other scheme in ' +
        'X-Forwarded-Proto, X-Forwarded-Ssl and Forwarded from an address that no server was told to trust.',
      async check(experiment) {
        const scheme = experiment.hop.url.protocol.slice(0, -1)
        const plain = await environ(experiment)
        const seen = plain.values['wsgi.url_scheme']
        demand(seen === scheme, `wsgi.url_scheme is ${seen} for a request over ${scheme}`)
        // Only there has the client an address of its own, which no server was told to trust.
        if (!experiment.hop.url.hostname.startsWith('127.')) return
        const [other, ssl] = scheme === 'http' ? ['https', 'on'] : ['http', 'off']
        for (const claim of [`X-Forwarded-Proto: ${other}`, `X-Forwarded-Ssl: ${ssl}`, `Forwarded: proto=${other}`]) {
          const asked = await ask(experiment, { do: 'environ' }, { fields: [claim] })
          // Refused is not believed: Gunicorn takes claims that contradict those of its proxy for an attack.
          if (refused(asked) && asked.answer.head!.status === 400) continue
          const claimed = data(Environ, asked).values['wsgi.url_scheme']
          demand(claimed === scheme, `"${claim}" of an untrusted client made wsgi.url_scheme ${claimed}`)
        }
      },
    },

    'environ.input-present': {
      level: 'MUST',
      cites: VARIABLES,
      says:
        'must contain the following WSGI-defined variables: [...] wsgi.input An input stream (file-like object) from ' +
        'which the HTTP request body bytes can be read.',
      experiment: 'GETs and looks for wsgi.input, then POSTs five bytes and reads five bytes from it.',
      applies: atApp,
      async check(experiment) {
        const { types } = await environ(experiment)
        const type = types['wsgi.input'] ?? 'NoneType'
        demand(type !== 'NoneType', 'there is no wsgi.input for a request without a body')
        const asked = await ask(experiment, { do: 'read', op: 'read:5' }, { method: 'POST', body: 'hello' })
        const [read] = data(Reads, asked)
        demand(read?.raised === undefined, `reading from wsgi.input raised ${read?.raised}`)
        const seen = `${read!.type} ${JSON.stringify(read!.value)}`
        demand(seen === 'bytes "hello"', `reading from wsgi.input gave ${seen}, not the bytes that were sent`)
      },
    },

    'environ.errors-present': {
      level: 'MUST',
      cites: VARIABLES,
      says:
        'must contain the following WSGI-defined variables: [...] wsgi.errors An output stream (file-like object) to ' +
        'which error output can be written',
      experiment: 'Writes a line of ASCII text to wsgi.errors.',
      applies: atApp,
      async check(experiment) {
        const asked = await ask(experiment, { do: 'errors', text: 'a line that a clause of the lab writes' })
        const { raised } = data(z.object({ raised: z.string().nullable() }), asked)
        demand(raised === null, `writing to wsgi.errors raised ${raised}`)
      },
    },

    'environ.multithread-truthful': {
      level: 'PROSE',
      cites: VARIABLES,
      says:
        'wsgi.multithread This value should evaluate true if the application object may be simultaneously invoked by ' +
        'another thread in the same process, and should evaluate false otherwise.',
      experiment:
        `Sends ${OVERLAPPING} requests at once: wsgi.multithread is true when two threads of one process were in the ` +
        'application at the same time, and false at the same server with one thread.',
      applies: atApp,
      async check(experiment) {
        const together = await held(experiment)
        demand(
          together.every((each) => each.multithread !== null),
          'there is no wsgi.multithread',
        )
        // True without an overlap is no fault here: the application *may* be invoked by another thread.
        demand(
          !threaded(together) || together.every((each) => each.multithread),
          'wsgi.multithread is false, but two threads of one process were in the application at the same time',
        )
        const alone = await heldAlone(experiment)
        demand(!alone?.some((each) => each.multithread), 'wsgi.multithread is true at a server set to a single thread')
      },
    },

    'environ.multiprocess-truthful': {
      level: 'PROSE',
      cites: VARIABLES,
      says:
        'wsgi.multiprocess This value should evaluate true if an equivalent application object may be simultaneously ' +
        'invoked by another process, and should evaluate false otherwise.',
      experiment:
        `Sends ${OVERLAPPING} requests at once: wsgi.multiprocess is true when several processes answered, and false at ` +
        'the same server with one process.',
      applies: atApp,
      async check(experiment) {
        const together = await held(experiment)
        demand(
          together.every((each) => each.multiprocess !== null),
          'there is no wsgi.multiprocess',
        )
        demand(
          processes(together) === 1 || together.every((each) => each.multiprocess),
          'wsgi.multiprocess is false, but several processes answered',
        )
        const alone = await heldAlone(experiment)
        demand(
          !alone?.some((each) => each.multiprocess),
          'wsgi.multiprocess is true at a server set to a single process',
        )
      },
    },

    'environ.run-once': {
      level: 'PROSE',
      cites: VARIABLES,
      says:
        'wsgi.run_once This value should evaluate true if the server or gateway expects (but does not guarantee!) that ' +
        'the application will only be invoked this one time during the life of its containing process.',
      experiment: `GETs up to ${RUNS} times until a process answers again: wsgi.run_once is false there.`,
      applies: atApp,
      async check(experiment) {
        const seen = new Set<number>()
        for (let run = 0; run < RUNS; run++) {
          const { pid, run_once } = data(Held, await ask(experiment, { do: 'hold' }))
          demand(run_once !== null, 'there is no wsgi.run_once')
          if (!run_once) return
          demand(!seen.has(pid), 'wsgi.run_once is true, but one process was invoked again')
          seen.add(pid)
        }
      },
    },

    'environ.extension-names': {
      level: 'PROSE',
      cites: VARIABLES,
      says:
        'the environ dictionary may also contain server-defined variables. These variables should be named using only ' +
        'lower-case letters, numbers, dots, and underscores, and should be prefixed with a name that is unique to the ' +
        'defining server or gateway.',
      experiment:
        'GETs and looks at every name that is neither CGI’s, nor Apache’s, nor the operating system’s: lower-case, with a ' +
        'prefix.',
      applies: atApp,
      async check(experiment) {
        const asked = await ask(experiment, { do: 'environ' })
        const { values, system } = data(Environ.extend({ system: z.array(z.string()) }), asked)
        const own = Object.keys(values).filter((name) => !system.includes(name) && !COMMON.test(name))
        const wrong = own.filter((name) => !/^[a-z0-9_]+\.[a-z0-9._]+$/.test(name)).sort()
        demand(wrong.length === 0, `the environ has ${wrong.join(', ')}, which the server defines`)
      },
    },

    'environ.latin1-only': {
      level: 'MUST NOT',
      cites: UNICODE,
      says: 'Similarly, servers and gateways must not supply strings to an application containing any other Unicode characters.',
      experiment:
        'GETs with bytes beyond ASCII in the path (encoded and as they are), the query and a field, and looks for ' +
        'characters beyond U+00FF in every string of the environ.',
      applies: atApp,
      async check(experiment) {
        const raw = '\xe2\x82\xac\xff\x80'
        for (const [path, query, field] of [
          ['%E2%82%AC%FF%80', '', raw],
          [raw, '', ''],
          ['', raw, ''],
        ] as const) {
          const nonce = experiment.nonce()
          const connection = await experiment.connect()
          const fields = field === '' ? [] : [`X-Lab: ${field}`]
          connection.send(
            request(experiment.hop, nonce, { do: 'environ', lab: 'RAW' }, { path, fields }).replace('RAW', query),
          )
          const asked = await exchange(nonce, connection)
          // No URI may have such bytes (RFC 3986 §2): only the first of these has to be answered, if by a refusal.
          if (refused(asked) || (field === '' && !asked.proven)) continue
          const { values, types } = data(Environ, asked)
          const wide = Object.entries(values).find(
            ([name, value]) => types[name] === 'str' && !/^[\0-\xff]*$/.test(value),
          )
          demand(wide === undefined, `${wide?.[0]} is ${JSON.stringify(wide?.[1])}`)
        }
      },
    },

    'environ.path-bytes-as-latin1': {
      level: 'MUST',
      cites: UNICODE,
      says:
        'On Python platforms where the str or StringType type is in fact Unicode-based (e.g. Jython, IronPython, Python ' +
        '3, etc.), all "strings" referred to in this specification must contain only code points representable in ' +
        'ISO-8859-1 encoding (\\u0000 through \\u00FF, inclusive).',
      experiment: 'GETs /%C3%A9%E2%82%AC and looks for the five bytes as five characters at the end of PATH_INFO.',
      async check(experiment) {
        const { values } = await environ(experiment, { path: '%C3%A9%E2%82%AC' })
        const seen = values['PATH_INFO'] ?? ''
        demand(seen.endsWith('/\xc3\xa9\xe2\x82\xac'), `PATH_INFO is ${JSON.stringify(seen)} for /%C3%A9%E2%82%AC`)
      },
    },

    'url.reconstruct': {
      level: 'PROSE',
      cites: 'PEP 3333, URL Reconstruction',
      says: "If an application wishes to reconstruct a request's complete URL, it may do so using the following algorithm",
      experiment:
        'GETs a path and a query with encoded characters, applies the algorithm to the environ and compares the URL.',
      async check(experiment) {
        const asked = await ask(experiment, { do: 'environ', lab: 'x y+z?' }, { path: 'lab/a%20b' })
        const { values } = data(Environ, asked)
        const scheme = values['wsgi.url_scheme']
        const port = values['SERVER_PORT']
        const standard = port === (scheme === 'https' ? '443' : '80')
        const host = values['HTTP_HOST'] || `${values['SERVER_NAME']}${standard ? '' : `:${port}`}`
        const path = quote(values['SCRIPT_NAME'] ?? '') + quote(values['PATH_INFO'] ?? '')
        const query = values['QUERY_STRING'] ? `?${values['QUERY_STRING']}` : ''
        const url = `${scheme}://${host}${path}${query}`
        const { protocol, host: authority } = experiment.hop.url
        const parameters = `nonce=${asked.nonce}&do=environ&lab=x%20y%2Bz%3F`
        const expected = `${protocol}//${authority}${mount(experiment.hop)}lab/a%20b?${parameters}`
        if (url === expected) return
        const saw = `the client asked for ${expected}, the application reconstructs ${url}`
        demand(experiment.hop.role !== 'app', saw)
        // "Note that such a reconstructed URL may not be precisely the same URI as requested by the client."
        return { saw }
      },
    },

    'config.deployer-values': {
      level: 'SHOULD',
      cites: 'PEP 3333, Application Configuration',
      says:
        "Servers and gateways should support this by allowing an application's deployer to specify name-value pairs to " +
        'be placed in environ.',
      experiment:
        'Brings the server up once more with the value "by the deployer" for lab.deployed, by its own means or else in ' +
        'the environment of its process, and looks for it in the environ.',
      needs: 'deployer-value',
      applies: atApp,
      async check(experiment) {
        const there = await experiment.redeployed('deployer-value')
        const { values } = await environ(there, { fields: ['Connection: close'] })
        const seen = values['lab.deployed']
        demand(seen !== undefined, 'what the deployer set is not in the environ')
        demand(
          seen === 'by the deployer',
          `lab.deployed is ${JSON.stringify(seen)} in the environ, not "by the deployer"`,
        )
      },
    },

    'thread.single-thread-option': {
      level: 'SHOULD',
      cites: 'PEP 3333, Thread Support',
      says:
        'Servers that can run multiple requests in parallel, should also provide the option of running an application ' +
        'in a single-threaded fashion, so that applications or frameworks that are not thread-safe may still be used ' +
        'with that server.',
      experiment:
        `Brings the server up once more with one thread, sends ${OVERLAPPING} requests at once and looks whether two of ` +
        'them were in the application of one process at the same time.',
      needs: 'single-thread',
      applies: atApp,
      async check(experiment) {
        const all = await held(await experiment.redeployed('single-thread'))
        demand(!threaded(all), 'two threads of one process were in the application at the same time')
      },
    },
  },
} satisfies Suite
