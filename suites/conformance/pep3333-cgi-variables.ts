import { z } from 'zod'
import { ask, data, environ, Environ } from '../judging/probe.ts'
import { atApp, demand, type Suite } from './index.ts'

const VARIABLES = 'PEP 3333, environ Variables'

/** The variables that RFC 3875 defines. */
const CGI = [
  'AUTH_TYPE',
  'CONTENT_LENGTH',
  'CONTENT_TYPE',
  'GATEWAY_INTERFACE',
  'PATH_INFO',
  'PATH_TRANSLATED',
  'QUERY_STRING',
  'REMOTE_ADDR',
  'REMOTE_HOST',
  'REMOTE_IDENT',
  'REMOTE_USER',
  'REQUEST_METHOD',
  'SCRIPT_NAME',
  'SERVER_NAME',
  'SERVER_PORT',
  'SERVER_PROTOCOL',
  'SERVER_SOFTWARE',
]
/** Those of them that every request has and that PEP 3333 does not name. */
const OTHER_CGI = ['GATEWAY_INTERFACE', 'REMOTE_ADDR', 'SERVER_SOFTWARE']
/** Those of them that a request has only when somebody was asked who the client is. */
const IDENTITY = ['AUTH_TYPE', 'REMOTE_HOST', 'REMOTE_IDENT', 'REMOTE_USER']

/** An environ, and which of its variables come from the environment of the process. */
const Census = Environ.extend({ system: z.array(z.string()) })

export default {
  name: 'pep3333-cgi-variables',
  title: 'PEP 3333: what all CGI variables have in common, and which others there are',
  clauses: {
    'environ.other-cgi': {
      level: 'SHOULD',
      cites: VARIABLES,
      says: 'A server or gateway should attempt to provide as many other CGI variables as are applicable.',
      experiment: `GETs and looks for what any request has: ${OTHER_CGI.join(', ')}.`,
      applies: atApp,
      async check(experiment) {
        const { values } = await environ(experiment)
        const missing = OTHER_CGI.filter((name) => (values[name] ?? '') === '')
        demand(missing.length < OTHER_CGI.length, `the environ has none of ${OTHER_CGI.join(', ')}`)
        return missing.length > 0 ? { saw: `the environ is without ${missing.join(' and ')}` } : undefined
      },
    },

    'environ.tls-vars': {
      level: 'SHOULD',
      cites: VARIABLES,
      says:
        'In addition, if SSL is in use, the server or gateway should also provide as many of the Apache SSL environment ' +
        'variables as are applicable, such as HTTPS=on and SSL_PROTOCOL.',
      experiment: 'GETs over TLS and looks for HTTPS=on and SSL_PROTOCOL, which any such request has.',
      applies: ({ url }) => url.protocol === 'https:',
      async check(experiment) {
        const { values } = await environ(experiment)
        const shown = ['HTTPS', 'SSL_PROTOCOL'].map((name) => `${name} ${JSON.stringify(values[name] ?? null)}`)
        // Many take 1 for on, among them PEP 3333's own example of a gateway.
        const kept = ['on', '1'].includes(values['HTTPS'] ?? '') && (values['SSL_PROTOCOL'] ?? '') !== ''
        demand(kept, `over TLS the environ has ${shown.join(' and ')}`)
      },
    },

    'environ.documented': {
      level: 'SHOULD',
      cites: VARIABLES,
      says:
        'A WSGI-compliant server or gateway should document what variables it provides, along with their definitions as ' +
        'appropriate.',
      untestable: 'what a server’s documentation says cannot be seen from the server',
    },

    'environ.missing-left-out': {
      level: 'PROSE',
      cites: VARIABLES,
      says:
        'Note: missing variables (such as REMOTE_USER when no authentication has occurred) should be left out of the ' +
        'environ dictionary.',
      experiment: `GETs without authentication: ${IDENTITY.join(', ')} are not there, not even empty.`,
      applies: atApp,
      async check(experiment) {
        const { values, types } = await environ(experiment)
        const left = IDENTITY.filter((name) => name in values)
        // The name of the host is the one thing of these that a server can know by itself.
        const wrong = left.filter((name) => name !== 'REMOTE_HOST' || types[name] !== 'str' || values[name] === '')
        const shown = wrong.map((name) => `${name} as ${JSON.stringify(values[name])}`)
        demand(wrong.length === 0, `the environ of a request without authentication has ${shown.join(' and ')}`)
      },
    },

    'environ.cgi-values-str': {
      level: 'MUST',
      cites: VARIABLES,
      says:
        'Also note that CGI-defined variables must be native strings, if they are present at all. It is a violation of ' +
        "this specification for any CGI variable's value to be of any type other than str.",
      experiment: 'POSTs with a body and looks at the type of every CGI variable and every HTTP_* variable.',
      applies: atApp,
      async check(experiment) {
        const { types } = await environ(experiment, {
          method: 'POST',
          fields: ['Content-Type: text/lab'],
          body: 'hello',
        })
        const cgi = Object.entries(types).filter(([name]) => CGI.includes(name) || name.startsWith('HTTP_'))
        const wrong = cgi.filter(([, type]) => type !== 'str').map(([name, type]) => `${name} is of type ${type}`)
        demand(wrong.length === 0, wrong.join('; '))
      },
    },

    'environ.os-env': {
      level: 'MAY',
      cites: VARIABLES,
      says:
        'In addition to the CGI-defined variables, the environ dictionary may also contain arbitrary operating-system ' +
        '"environment variables"',
      experiment: 'GETs and compares the environ with the environment of the process that the application runs in.',
      applies: atApp,
      async check(experiment) {
        const { system } = data(Census, await ask(experiment, { do: 'environ' }))
        const names = system.filter((name) => !CGI.includes(name))
        if (names.includes('PATH')) return { saw: 'the environ holds the variables of the operating system, as PATH' }
        return { saw: `the environ holds ${names.join(', ') || 'none'} of the variables of the operating system` }
      },
    },
  },
} satisfies Suite
