import { ask, askAt, data, Environ, environ, environUnlessRefused, refused } from '../judging/probe.ts'
import type { Shape } from '../judging/probe.ts'
import { describe } from '../judging/answer.ts'
import { atApp, demand, type Suite } from './index.ts'

const FIELDS_SAY =
  'The HTTP header field name is converted to upper case, has all occurrences of "-" replaced with "_" and has ' +
  '"HTTP_" prepended to give the meta-variable name.'

function quoted(value: string | undefined): string {
  return value === undefined ? 'absent' : JSON.stringify(value)
}

export default {
  name: 'rfc3875-environ',
  title: 'RFC 3875: what the environ inherits from CGI of a request',
  clauses: {
    'cgi.request-method': {
      level: 'MUST',
      cites: 'RFC 3875 §4.1.12',
      says:
        'The REQUEST_METHOD meta-variable MUST be set to the method which should be used by the script to process the ' +
        'request, as described in section 4.3. [...] The method is case sensitive.',
      experiment: 'Sends the methods PATCH, DELETE and LABel and compares each with REQUEST_METHOD.',
      async check(experiment) {
        for (const method of ['PATCH', 'DELETE', 'LABel']) {
          const asked = await ask(experiment, { do: 'environ' }, { method })
          // A server need not take every method (RFC 9110 §9.1), but must not make another of it.
          if (!asked.proven && asked.answer.ending === 'complete' && asked.answer.head!.status >= 400)
            return { saw: `refuses the method ${method} (${describe(asked.answer)})` }
          const seen = data(Environ, asked).values['REQUEST_METHOD']
          demand(seen === method, `the method ${method} became REQUEST_METHOD ${JSON.stringify(seen)}`)
        }
      },
    },

    'cgi.script-name-slash': {
      level: 'MUST',
      cites: 'RFC 3875 §4.1.13',
      says:
        'The SCRIPT_NAME variable MUST be set to a URI path (not URL-encoded) which could identify the CGI script (rather ' +
        'than the script\'s output). The syntax is the same as for PATH_INFO (section 4.1.5) SCRIPT_NAME = "" | ( "/" path )',
      experiment:
        'Looks at whether SCRIPT_NAME is empty or begins with a slash, also when the client sends a field named ' +
        'SCRIPT_NAME.',
      async check(experiment) {
        const plain = (await environ(experiment, { path: 'lab/one' })).values['SCRIPT_NAME'] ?? ''
        demand(plain === '' || plain.startsWith('/'), `SCRIPT_NAME is ${quoted(plain)}`)
        const field = 'SCRIPT_NAME: lab'
        const claimed = await environUnlessRefused(experiment, { path: 'lab/one', fields: [field] })
        const seen = claimed?.values['SCRIPT_NAME'] ?? ''
        demand(
          seen === '' || seen.startsWith('/'),
          `the field "${field}" of the client made SCRIPT_NAME ${quoted(seen)}`,
        )
      },
    },

    'cgi.path-info-slash': {
      level: 'PROSE',
      cites: 'RFC 3875 §4.1.5',
      says:
        'Unlike a URI path, the PATH_INFO is not URL-encoded, and cannot contain path-segment parameters. [...] PATH_INFO = ' +
        '"" | ( "/" path ) [...] The server MAY impose restrictions and limitations on what values it permits for ' +
        'PATH_INFO, and MAY reject the request with an error if it encounters any values considered objectionable. That MAY ' +
        'include any requests that would result in an encoded "/" being decoded into PATH_INFO',
      experiment:
        'Looks at whether PATH_INFO is empty or begins with a slash, and at what becomes of /lab%2Fone, //lab, ' +
        '/lab/../one and /lab;one=1.',
      async check(experiment) {
        const saw: string[] = []
        for (const path of ['lab%2Fone', '/lab', 'lab/../one', 'lab;one=1']) {
          const asked = await ask(experiment, { do: 'environ' }, { path })
          if (!asked.proven) {
            demand(asked.answer.head !== undefined, `/${path} got ${describe(asked.answer)}`)
            saw.push(`/${path} is answered by ${describe(asked.answer)}`)
            continue
          }
          const seen = data(Environ, asked).values['PATH_INFO'] ?? ''
          demand(seen === '' || seen.startsWith('/'), `/${path} became PATH_INFO ${quoted(seen)}`)
          saw.push(`/${path} becomes ${seen}`)
        }
        return { saw: saw.join('; ') }
      },
    },

    'cgi.path-translated': {
      level: 'MUST',
      cites: 'RFC 3875 §4.1.6',
      says:
        'The server SHOULD set this meta-variable if the request URI includes a path-info component. If PATH_INFO is NULL, ' +
        'then the PATH_TRANSLATED variable MUST be set to NULL (or unset).',
      experiment:
        'Mounts the application below a path and asks for exactly that path, where PATH_INFO is empty: PATH_TRANSLATED ' +
        'must be empty too. Without a document tree it may always be left out.',
      needs: 'mounted',
      applies: atApp,
      async check(experiment) {
        const there = await experiment.redeployed('mounted')
        const bare = await askAt(there, there.nonce(), there.hop.url.pathname.replace(/\/$/, ''))
        // A server may answer the path without its slash by a redirection to the one with it.
        const empty = bare.proven ? data(Environ, bare).values : undefined
        const left = empty?.['PATH_INFO'] ?? ''
        const translated = empty?.['PATH_TRANSLATED'] ?? ''
        demand(left !== '' || translated === '', `PATH_INFO is empty, PATH_TRANSLATED is ${quoted(translated)}`)
        const seen = (await environ(there, { path: 'lab/One' })).values['PATH_TRANSLATED'] ?? ''
        return {
          saw: seen === '' ? 'PATH_TRANSLATED is not set' : `PATH_TRANSLATED ends in ${quoted(seen.slice(-12))}`,
        }
      },
    },

    'cgi.query-string-always': {
      level: 'RECORD',
      cites: 'RFC 3875 §4.1.7',
      says:
        'The server MUST set this variable; if the Script-URI does not include a query component, the QUERY_STRING MUST be ' +
        'defined as an empty string ("").',
      experiment:
        'Asks for a path without a query and looks at QUERY_STRING, which PEP 3333 allows to be empty or absent.',
      async check(experiment) {
        const path = `${experiment.hop.url.pathname.replace(/\/?$/, '/')}lab-${experiment.nonce()}`
        const { values } = data(Environ, await askAt(experiment, experiment.nonce(), path))
        return { saw: `without a query QUERY_STRING is ${quoted(values['QUERY_STRING'])}` }
      },
    },

    'cgi.content-length-iff-body': {
      level: 'MUST',
      cites: 'RFC 3875 §4.1.2',
      says:
        'The server MUST set this meta-variable if and only if the request is accompanied by a message-body entity. The ' +
        'CONTENT_LENGTH value must reflect the length of the message-body after the server has removed any transfer-codings ' +
        'or content-codings.',
      experiment:
        'Compares CONTENT_LENGTH with the body of a GET without one, of POSTs of 0 and of 5 bytes, and of a chunked POST, ' +
        'for which PEP 3333 allows to leave it out.',
      async check(experiment) {
        const length = async (shape: Shape) => (await environ(experiment, shape)).values['CONTENT_LENGTH'] ?? ''
        const none = await length({})
        demand(none === '', `CONTENT_LENGTH is ${quoted(none)} for a GET without a body`)
        const zero = await length({ method: 'POST', fields: ['Content-Length: 0'] })
        // PEP 3333: the contents of any Content-Length fields. May be empty or absent.
        demand(zero === '' || zero === '0', `CONTENT_LENGTH is ${quoted(zero)} for a body of 0 bytes`)
        const five = await length({ method: 'POST', body: 'hello' })
        demand(five === '5', `CONTENT_LENGTH is ${quoted(five)} for a body of 5 bytes`)
        const fields = ['Transfer-Encoding: chunked']
        const chunked = { method: 'POST', fields, body: '5\r\nhello\r\n0\r\n\r\n' }
        const asked = await ask(experiment, { do: 'environ' }, chunked)
        // "If this is not possible [...], the server SHOULD reject the client request." (§4.2)
        if (!asked.proven) return { saw: `a chunked body is answered by ${describe(asked.answer)}` }
        const removed = data(Environ, asked).values['CONTENT_LENGTH'] ?? ''
        if (removed === '') return { saw: 'a chunked body comes without CONTENT_LENGTH' }
        demand(removed === '5', `CONTENT_LENGTH is ${quoted(removed)} for a chunked body of 5 bytes`)
      },
    },

    'cgi.content-type-if-sent': {
      level: 'MUST',
      cites: 'RFC 3875 §4.1.3',
      says: 'The server MUST set this meta-variable if an HTTP Content-Type field is present in the client request header.',
      experiment: 'Sends Content-Type with a POST and with a GET that has no body, and compares it with CONTENT_TYPE.',
      async check(experiment) {
        const type = 'application/x-lab;level="1"'
        const fields = [`Content-Type: ${type}`]
        for (const shape of [{ method: 'POST', fields, body: 'hello' }, { fields }]) {
          const seen = (await environ(experiment, shape)).values['CONTENT_TYPE']
          const what = 'body' in shape ? 'a POST' : 'a GET without a body'
          // Spaces mean nothing there.
          demand(seen?.replaceAll(' ', '') === type, `CONTENT_TYPE is ${quoted(seen)} for ${what} with ${fields[0]}`)
        }
      },
    },

    'cgi.http-mapping': {
      level: 'PROSE',
      cites: 'RFC 3875 §4.1.18',
      says: FIELDS_SAY,
      experiment:
        'Sends a field whose name is in mixed case and looks for the one HTTP_ variable it must become, and at what becomes ' +
        'of a field name with a dot.',
      async check(experiment) {
        const { values } = await environ(experiment, { fields: ['x-LAB-mixed-Case: Value'] })
        const made = Object.keys(values).filter((key) => /^HTTP.X.LAB/i.test(key))
        const shown = `x-LAB-mixed-Case: Value became ${made.join(', ') || 'nothing'}`
        demand(made.length === 1 && made[0] === 'HTTP_X_LAB_MIXED_CASE', shown)
        const seen = values['HTTP_X_LAB_MIXED_CASE']
        demand(seen === 'Value', `x-LAB-mixed-Case: Value became HTTP_X_LAB_MIXED_CASE ${quoted(seen)}`)
        // Every name's character has its place in a meta-variable's, but not in one of an operating system.
        const dotted = await environUnlessRefused(experiment, { fields: ['X-Lab.Dot: dotted'] })
        if (!dotted) return { saw: 'refuses the field X-Lab.Dot' }
        const key = Object.keys(dotted.values).find((each) => dotted.values[each] === 'dotted')
        if (key !== 'HTTP_X_LAB.DOT') return { saw: key ? `X-Lab.Dot becomes ${key}` : 'X-Lab.Dot is left out' }
      },
    },

    'cgi.repeats-merged': {
      level: 'MUST',
      cites: 'RFC 3875 §4.1.18',
      says:
        'If multiple header fields with the same field-name are received then the server MUST rewrite them as a single ' +
        'value having the same semantics.',
      experiment: 'Sends a field twice with different values: both must stand in one variable, in order, with a comma.',
      async check(experiment) {
        const { values } = await environ(experiment, { fields: ['X-Lab: one', 'X-Lab: two'] })
        const merged = values['HTTP_X_LAB']
        const same = /^one[ \t]*,[ \t]*two$/.test(merged ?? '')
        demand(same, `X-Lab: one and X-Lab: two became HTTP_X_LAB ${JSON.stringify(merged)}`)
      },
    },

    'cgi.folded-joined': {
      level: 'MUST',
      cites: 'RFC 3875 §4.1.18',
      says: 'Similarly, a header field that spans multiple lines MUST be merged onto a single line.',
      experiment:
        'Sends a field folded over two lines: unless it is refused, as RFC 9112 allows, both parts must stand on one line ' +
        'in one variable.',
      async check(experiment) {
        const asked = await ask(experiment, { do: 'environ' }, { fields: ['X-Lab: one\r\n two'] })
        if (refused(asked)) return
        demand(asked.proven, `a field folded between "one" and "two" got ${describe(asked.answer)}`)
        const seen = data(Environ, asked).values['HTTP_X_LAB']
        demand(/^one[ \t]+two$/.test(seen ?? ''), `a field folded between "one" and "two" became ${quoted(seen)}`)
      },
    },

    'cgi.underscore-collision': {
      level: 'RECORD',
      cites: 'RFC 3875 §4.1.18',
      says: FIELDS_SAY,
      experiment: 'Sends X-Lab-User and X_Lab_User, in either order, and looks at the one variable that both become.',
      async check(experiment) {
        const [real, spoofed] = ['X-Lab-User: real', 'X_Lab_User: spoofed']
        const seen = async (...fields: string[]) =>
          quoted((await environUnlessRefused(experiment, { fields }))?.values['HTTP_X_LAB_USER'])
        const [after, before] = [await seen(real, spoofed), await seen(spoofed, real)]
        return { saw: `${real} and ${spoofed} became HTTP_X_LAB_USER ${after}, in the other order ${before}` }
      },
    },

    'cgi.httpoxy': {
      level: 'RECORD',
      cites: 'RFC 3875 §4.1.18',
      says:
        'Meta-variables with names beginning with "HTTP_" contain values read from the client request header fields, if the ' +
        'protocol used is HTTP.',
      experiment: 'Sends the field Proxy and looks for HTTP_PROXY, which programs take for the proxy they are to use.',
      async check(experiment) {
        const given = await environUnlessRefused(experiment, { fields: ['Proxy: http://lab.example:8081'] })
        if (!given) return { saw: 'refuses a request with the field Proxy' }
        const reaches = given.values['HTTP_PROXY']?.includes('lab.example') === true
        return { saw: `the field Proxy ${reaches ? 'becomes' : 'does not become'} HTTP_PROXY` }
      },
    },

    'cgi.auth-hidden': {
      level: 'RECORD',
      cites: 'RFC 3875 §4.1.18',
      says:
        'The server is not required to create meta-variables for all the header fields that it receives. In particular, it ' +
        "SHOULD remove any header fields carrying authentication information, such as 'Authorization'",
      experiment: 'Sends Authorization and looks for HTTP_AUTHORIZATION, which applications that authenticate need.',
      async check(experiment) {
        const given = await environUnlessRefused(experiment, { fields: ['Authorization: Basic bGFiOmxhYg=='] })
        if (!given) return { saw: 'refuses a request with the field Authorization' }
        const reaches = given.values['HTTP_AUTHORIZATION'] !== undefined
        return { saw: `the application ${reaches ? 'is' : 'is not'} given the field Authorization` }
      },
    },
  },
} satisfies Suite
