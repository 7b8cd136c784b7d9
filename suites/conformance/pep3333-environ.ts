import { z } from 'zod'
import { ask, data, environ, Environ, request, exchange, proven } from '../judging/probe.ts'
import { atApp, demand, type Experiment, type Suite } from './index.ts'

const VARIABLES = 'PEP 3333, environ Variables'
const HOLD_SECONDS = 0.15
const OVERLAPPING = 6

const Held = z.object({ multithread: z.boolean(), multiprocess: z.boolean(), pid: z.number() })

/** The path of the hop's URL, ending in a slash: where the probe is mounted as the client sees it. */
function mount({ hop }: Experiment): string {
  return hop.url.pathname.replace(/\/?$/, '/')
}

// As Python's urllib.parse.quote does it, for text that is ASCII.
function quote(text: string): string {
  return encodeURIComponent(text).replaceAll('%2F', '/')
}

export default {
  name: 'pep3333-environ',
  title: 'PEP 3333: the environ',
  clauses: {
    'environ.path-info': {
      level: 'MUST',
      cites: VARIABLES,
      says:
        'The following variables must be present, unless their value would be an empty string [...] PATH_INFO: The ' +
        'remainder of the request URL\'s "path", designating the virtual "location" of the request\'s target within the ' +
        'application.',
      async check(experiment) {
        const { values } = await environ(experiment, { path: 'a%20b/%C3%A9/c' })
        const path = `${values['SCRIPT_NAME'] ?? ''}${values['PATH_INFO'] ?? ''}`
        // CGI values are decoded; bytes beyond ASCII stand as Latin-1 (PEP 3333, Unicode Issues).
        const expected = `${decodeURIComponent(mount(experiment))}a b/\u00c3\u00a9/c`
        const shown = `SCRIPT_NAME and PATH_INFO are together ${JSON.stringify(path)}`
        demand(path === expected, `${shown}, not ${JSON.stringify(expected)}`)
      },
    },

    'environ.content-type': {
      level: 'PROSE',
      cites: VARIABLES,
      says: 'The contents of any Content-Type fields in the HTTP request. May be empty or absent.',
      async check(experiment) {
        const type = 'application/x-lab; level="1"'
        const given = await environ(experiment, { method: 'POST', fields: [`Content-Type: ${type}`], body: 'hello' })
        const seen = given.values['CONTENT_TYPE']
        demand(seen === type, `Content-Type ${type} became CONTENT_TYPE ${JSON.stringify(seen)}`)
        for (const shape of [{}, { method: 'POST', body: 'hello' }]) {
          const { values } = await environ(experiment, shape)
          const invented = values['CONTENT_TYPE'] ?? ''
          demand(invented === '', `CONTENT_TYPE is ${JSON.stringify(invented)} for a request without Content-Type`)
        }
      },
    },

    'environ.server-name': {
      level: 'PROSE',
      cites: VARIABLES,
      says: 'SERVER_NAME and SERVER_PORT are required strings and must never be empty.',
      async check(experiment) {
        // HTTP/1.0 needs no Host field, so that a server cannot take the name from there. A proxy that speaks HTTP/1.1
        // to the next tier must have one to send.
        const { values, types } = await environ(experiment, atApp(experiment.hop) ? { version: '1.0', host: null } : {})
        const name = values['SERVER_NAME'] ?? ''
        demand(types['SERVER_NAME'] === 'str' && name !== '', `SERVER_NAME is ${JSON.stringify(values['SERVER_NAME'])}`)
      },
    },

    'environ.server-port': {
      level: 'PROSE',
      cites: VARIABLES,
      says: 'SERVER_NAME and SERVER_PORT are required strings and must never be empty.',
      async check(experiment) {
        const { values, types } = await environ(experiment)
        const shown = `SERVER_PORT is ${JSON.stringify(values['SERVER_PORT'])} of type ${types['SERVER_PORT']}`
        demand(types['SERVER_PORT'] === 'str' && /^\d+$/.test(values['SERVER_PORT'] ?? ''), shown)
      },
    },

    'environ.server-protocol': {
      level: 'MUST',
      cites: VARIABLES,
      says:
        'The following variables must be present [...] SERVER_PROTOCOL: The version of the protocol the client used to ' +
        'send the request.',
      async check(experiment) {
        for (const version of ['1.1', '1.0'] as const) {
          const { values } = await environ(experiment, { version })
          const seen = values['SERVER_PROTOCOL']
          if (seen === `HTTP/${version}`) continue
          const saw = `an HTTP/${version} client is shown as ${seen}`
          demand(experiment.hop.role !== 'app', saw)
          // An intermediary is a client of its own, which MUST send its own version (RFC 9112 §2.3).
          return { saw }
        }
      },
    },

    'environ.url-scheme': {
      level: 'MUST',
      cites: VARIABLES,
      says:
        'must contain the following WSGI-defined variables: [...] wsgi.url_scheme: A string representing the "scheme" ' +
        'portion of the URL at which the application is being invoked.',
      async check(experiment) {
        const scheme = experiment.hop.url.protocol.slice(0, -1)
        const plain = await environ(experiment)
        const seen = plain.values['wsgi.url_scheme']
        demand(seen === scheme, `wsgi.url_scheme is ${seen} for a request over ${scheme}`)
        // Only there has the client an address of its own, which no server was told to trust.
        if (!experiment.hop.url.hostname.startsWith('127.')) return
        const claims = ['X-Forwarded-Proto: https', 'X-Forwarded-Ssl: on', 'Forwarded: proto=https']
        for (const claim of claims) {
          const asked = await ask(experiment, { do: 'environ' }, { fields: [claim] })
          // Refused is not believed: Gunicorn takes claims that contradict those of its proxy for an attack.
          if (!asked.proven && asked.answer.ending === 'complete' && asked.answer.head!.status === 400) continue
          const claimed = data(Environ, asked).values['wsgi.url_scheme']
          demand(claimed === scheme, `"${claim}" of an untrusted client made wsgi.url_scheme ${claimed}`)
        }
      },
    },

    'environ.multithread-truthful': {
      level: 'PROSE',
      cites: VARIABLES,
      says:
        'This value should evaluate true if the application object may be simultaneously invoked by another thread in ' +
        'the same process, and should evaluate false otherwise.',
      needs: 'events',
      applies: atApp,
      async check(experiment) {
        const held = await Promise.all(
          Array.from({ length: OVERLAPPING }, async () => {
            const nonce = experiment.nonce()
            const connection = await experiment.connect()
            connection.send(request(experiment.hop, nonce, { do: 'hold', seconds: HOLD_SECONDS }))
            const answered = proven(await exchange(nonce, connection))
            const [called] = await experiment.events(nonce, (seen) => seen.length > 0)
            return { ...data(Held, answered), at: called!.at, thread: called!['thread'] }
          }),
        )
        const overlap = held.find((one) =>
          held.some(
            (other) =>
              other !== one &&
              other.pid === one.pid &&
              other.thread !== one.thread &&
              Math.abs(other.at - one.at) < HOLD_SECONDS * 0.9,
          ),
        )
        // True without an overlap is no fault: the application *may* be invoked by another thread.
        demand(
          overlap === undefined || overlap.multithread,
          'wsgi.multithread is false, but two threads of one process were in the application at the same time',
        )
      },
    },

    'url.reconstruct': {
      level: 'PROSE',
      cites: 'PEP 3333, URL Reconstruction',
      says: "If an application wishes to reconstruct a request's complete URL, it may do so using the following algorithm",
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
        const expected = `${protocol}//${authority}${mount(experiment)}lab/a%20b?${parameters}`
        if (url === expected) return
        const saw = `the client asked for ${expected}, the application reconstructs ${url}`
        demand(experiment.hop.role !== 'app', saw)
        // "Note that such a reconstructed URL may not be precisely the same URI as requested by the client."
        return { saw }
      },
    },
  },
} satisfies Suite
