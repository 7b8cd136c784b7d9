import { z } from 'zod'
import { describe } from '../judging/answer.ts'
import { values as fieldValues } from '../judging/head.ts'
import { ask, askAt, data, environ, Environ, mount, proven, refused } from '../judging/probe.ts'
import { atApp, demand, type Suite } from './index.ts'

const VARIABLES = 'PEP 3333, environ Variables'

const FIELDS = {
  Accept: 'text/html, */*;q=0.5',
  'Accept-Language': 'de-DE',
  Cookie: 'lab=1; other="2 3"',
  Referer: 'http://lab.example/?from',
  'X-Lab-Token': 'one  two',
  'x-lab-lower': 'kept',
}

/** An environ, and which of its variables come from the environment of the process. */
const Census = Environ.extend({ system: z.array(z.string()) })

function variable(field: string): string {
  return `HTTP_${field.toUpperCase().replaceAll('-', '_')}`
}

/** A path without its empty segments. */
function withoutEmpty(path: string): string {
  return path.replaceAll(/\/+/g, '/')
}

export default {
  name: 'pep3333-environ',
  title: 'PEP 3333: the environ',
  clauses: {
    'environ.request-method': {
      level: 'MUST',
      cites: VARIABLES,
      says:
        'The following variables must be present [...] REQUEST_METHOD The HTTP request method, such as "GET" or ' +
        '"POST". This cannot ever be an empty string, and so is always required.',
      experiment:
        'Sends GET, HEAD, PATCH, an unknown method and "get" and compares REQUEST_METHOD, which the application shows ' +
        'in a field of the response, with the method.',
      async check(experiment) {
        const saw: string[] = []
        for (const method of ['GET', 'HEAD', 'PATCH', 'LAB', 'get']) {
          const asked = await ask(experiment, { do: 'environ' }, { method })
          // A server need not take every method (RFC 9110 §9.1), but must not make another of it.
          if (method !== 'GET' && refused(asked)) {
            saw.push(`refuses the method ${method} (${describe(asked.answer)})`)
            continue
          }
          const seen = fieldValues(proven(asked).answer.head!, 'x-lab-method').join()
          if (seen === method) continue
          const becomes = `the method ${method} becomes REQUEST_METHOD ${JSON.stringify(seen)}`
          // A cache may fetch what it answers a HEAD from.
          demand(method === 'HEAD' && experiment.hop.role !== 'app', becomes)
          saw.push(becomes)
        }
        return saw.length > 0 ? { saw: saw.join('; ') } : undefined
      },
    },

    'environ.script-name-root': {
      level: 'MUST',
      cites: VARIABLES,
      says:
        'The following variables must be present, unless their value would be an empty string, in which case they may ' +
        'be omitted [...] SCRIPT_NAME The initial portion of the request URL\'s "path" that corresponds to the ' +
        'application object [...]. This may be an empty string, if the application corresponds to the "root" of the ' +
        'server.',
      experiment:
        'GETs two paths of an application at the root: SCRIPT_NAME is empty or not there, and not a slash, which belongs ' +
        'to PATH_INFO.',
      applies: (hop) => mount(hop) === '/',
      async check(experiment) {
        for (const path of ['', 'lab/a']) {
          const { values } = await environ(experiment, { path })
          const name = values['SCRIPT_NAME'] ?? ''
          demand(
            name === '',
            `SCRIPT_NAME is ${JSON.stringify(name)} for /${path}, though the application is at the root`,
          )
        }
      },
    },

    'environ.script-name-mounted': {
      level: 'MUST',
      cites: VARIABLES,
      says:
        'The following variables must be present [...] SCRIPT_NAME The initial portion of the request URL\'s "path" ' +
        'that corresponds to the application object, so that the application knows its virtual "location".',
      experiment:
        'Mounts the application at /lab by the server’s own means and GETs /lab/, /lab/a%20b and /lab: SCRIPT_NAME is ' +
        '/lab, PATH_INFO what follows it.',
      needs: 'mounted',
      applies: atApp,
      async check(experiment) {
        const there = await experiment.redeployed('mounted')
        const at = mount(there.hop).slice(0, -1)
        for (const [path, rest] of [
          ['', '/'],
          ['a%20b/c', '/a b/c'],
        ] as const) {
          const { values } = await environ(there, { path, fields: ['Connection: close'] })
          const seen = JSON.stringify([values['SCRIPT_NAME'] ?? '', values['PATH_INFO'] ?? ''])
          const shown = `SCRIPT_NAME and PATH_INFO are ${seen} for ${at}/${path}`
          demand(seen === JSON.stringify([at, rest]), `${shown}, not ${JSON.stringify([at, rest])}`)
        }
        const bare = await askAt(there, there.nonce(), at)
        // A server may send the client to the path with the slash, or know only that.
        if (!bare.proven && bare.answer.ending === 'complete' && bare.answer.head!.status >= 300)
          return { saw: `${at} without a slash is answered with ${describe(bare.answer)}` }
        const { values } = data(Environ, bare)
        const [name = '', info = ''] = [values['SCRIPT_NAME'], values['PATH_INFO']]
        const shown = `SCRIPT_NAME and PATH_INFO are ${JSON.stringify([name, info])} for ${at}`
        demand(name === at && (info === '' || info === '/'), shown)
        return info === '' ? undefined : { saw: shown }
      },
    },

    'environ.path-info': {
      level: 'MUST',
      cites: VARIABLES,
      says:
        'The following variables must be present, unless their value would be an empty string [...] PATH_INFO The ' +
        'remainder of the request URL\'s "path", designating the virtual "location" of the request\'s target within the ' +
        'application. This may be an empty string, if the request URL targets the application root and does not have a ' +
        'trailing slash.',
      experiment:
        'GETs the application’s root and a path with %20 and %7E and compares PATH_INFO with the decoded path.',
      async check(experiment) {
        const base = mount(experiment.hop)
        for (const [path, decoded] of [
          ['', ''],
          ['a%20b/%7Ec', 'a b/~c'],
        ] as const) {
          const { values } = await environ(experiment, { path })
          const info = values['PATH_INFO'] ?? ''
          // Only the server knows whether it calls what comes before the probe a part of the application.
          const right = [`/${decoded}`, `${decodeURIComponent(base)}${decoded}`]
          const shown = `PATH_INFO is ${JSON.stringify(info)} for ${base}${path}`
          demand(right.includes(info), `${shown}, not ${JSON.stringify(right[0])}`)
        }
      },
    },

    'environ.path-join': {
      level: 'PROSE',
      cites: VARIABLES,
      says:
        'SCRIPT_NAME The initial portion of the request URL\'s "path" that corresponds to the application object [...]. ' +
        'PATH_INFO The remainder of the request URL\'s "path"',
      experiment:
        'GETs paths with an empty segment, parameters, a percent-encoded percent sign and an encoded slash and compares ' +
        'SCRIPT_NAME and PATH_INFO, joined, with the decoded path.',
      async check(experiment) {
        const base = decodeURIComponent(mount(experiment.hop))
        const saw: string[] = []
        for (const [path, decoded] of [
          ['a;b=c/d%2541/', 'a;b=c/d%41/'],
          ['a%5Cb%3F', 'a\\b?'],
          ['/lab//b', '/lab//b'],
          ['a%2Fb', 'a/b'],
        ] as const) {
          const asked = await ask(experiment, { do: 'environ' }, { path })
          // RFC 3875 §4.1.5 lets a server refuse what it finds objectionable, such as a path that decoding would change.
          if (refused(asked)) {
            saw.push(`refuses /${path} (${describe(asked.answer)})`)
            continue
          }
          const { values } = data(Environ, asked)
          const seen = `${values['SCRIPT_NAME'] ?? ''}${values['PATH_INFO'] ?? ''}`
          const right = `${base}${decoded}`
          if (seen === right) continue
          const shown = `SCRIPT_NAME and PATH_INFO are together ${JSON.stringify(seen)} for /${path}`
          // "Server rewrite rules, for example, may have modified the client's originally requested URL to place it in a
          // canonical form."
          const merged = seen.length < right.length && withoutEmpty(seen) === withoutEmpty(right)
          demand(merged, `${shown}, not ${JSON.stringify(right)}`)
          saw.push(shown)
        }
        return saw.length > 0 ? { saw: saw.join('; ') } : undefined
      },
    },

    'environ.query-string-raw': {
      level: 'PROSE',
      cites: VARIABLES,
      says: 'QUERY_STRING The portion of the request URL that follows the "?", if any. May be empty or absent.',
      experiment:
        'GETs a target whose query has %41, +, a second question mark, a slash and a semicolon and compares QUERY_STRING ' +
        'with it as sent; then targets without a query and with an empty one.',
      async check(experiment) {
        const nonce = experiment.nonce()
        // Part of the path as well, so that no cache takes two of them for one.
        const path = `${mount(experiment.hop)}lab-${nonce}`
        const query = `a=%41+b%2B&c?d=/e;f&nonce=${nonce}&do=environ&%c3%a9==`
        for (const [target, expected] of [
          [`${path}?${query}`, query],
          [path, ''],
          [`${path}?`, ''],
        ] as const) {
          const { values } = data(Environ, await askAt(experiment, nonce, target))
          const seen = values['QUERY_STRING'] ?? ''
          demand(seen === expected, `QUERY_STRING is ${JSON.stringify(seen)} for ${target}`)
        }
      },
    },

    'environ.content-type': {
      level: 'PROSE',
      cites: VARIABLES,
      says: 'CONTENT_TYPE The contents of any Content-Type fields in the HTTP request. May be empty or absent.',
      experiment:
        'POSTs with a Content-Type and compares CONTENT_TYPE with it; then GETs and POSTs without one: it is empty or not ' +
        'there.',
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

    'environ.content-length': {
      level: 'PROSE',
      cites: VARIABLES,
      says: 'CONTENT_LENGTH The contents of any Content-Length fields in the HTTP request. May be empty or absent.',
      experiment:
        'POSTs five bytes and none and compares CONTENT_LENGTH with Content-Length; then GETs without one: it is empty or ' +
        'not there.',
      async check(experiment) {
        for (const [shape, right] of [
          [{ method: 'POST', body: 'hello' }, ['5']],
          // RFC 3875 §4.1.2 sets it only when there is a body.
          [{ method: 'POST', fields: ['Content-Length: 0'] }, ['0', '']],
          [{}, ['']],
        ] as const) {
          const { values } = await environ(experiment, shape)
          const seen = values['CONTENT_LENGTH'] ?? ''
          const sent = 'method' in shape ? `Content-Length: ${right[0]}` : 'no Content-Length'
          demand(
            right.some((each) => each === seen),
            `${sent} became CONTENT_LENGTH ${JSON.stringify(seen)}`,
          )
        }
      },
    },

    'environ.server-name': {
      level: 'PROSE',
      cites: VARIABLES,
      says: 'SERVER_NAME and SERVER_PORT are required strings and must never be empty.',
      experiment: 'GETs with HTTP/1.0 and without Host: SERVER_NAME is a string that is not empty.',
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
      experiment: 'GETs: SERVER_PORT is a string of digits.',
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
        'The following variables must be present [...] SERVER_PROTOCOL The version of the protocol the client used to ' +
        'send the request.',
      experiment: 'GETs with HTTP/1.1 and HTTP/1.0 and compares SERVER_PROTOCOL with the version.',
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

    'environ.http-present': {
      level: 'PROSE',
      cites: VARIABLES,
      says:
        'Variables corresponding to the client-supplied HTTP request headers (i.e., variables whose names begin with ' +
        '"HTTP_"). The presence or absence of these variables should correspond with the presence or absence of the ' +
        'appropriate HTTP header in the request.',
      experiment: 'GETs with seven fields, one of them empty, and looks for each as HTTP_* with its value.',
      async check(experiment) {
        const fields = [...Object.entries(FIELDS).map(([name, value]) => `${name}: ${value}`), 'X-Lab-Empty:']
        const { values } = await environ(experiment, { fields })
        for (const [name, value] of Object.entries(FIELDS)) {
          const seen = values[variable(name)]
          demand(seen === value, `${name}: ${value} became ${variable(name)} ${JSON.stringify(seen)}`)
        }
        const empty = values['HTTP_X_LAB_EMPTY']
        demand((empty ?? '') === '', `X-Lab-Empty without a value became ${JSON.stringify(empty)}`)
        // CGI "does not distinguish between zero-length (NULL) values and missing values" (RFC 3875 §4.1).
        return empty === undefined ? { saw: 'a field with an empty value is not shown' } : undefined
      },
    },

    'environ.http-absent': {
      level: 'PROSE',
      cites: VARIABLES,
      says:
        'The presence or absence of these variables should correspond with the presence or absence of the appropriate ' +
        'HTTP header in the request.',
      experiment: 'GETs with no fields but Host and User-Agent and looks for other variables that begin with HTTP_.',
      async check(experiment) {
        const { values, system } = data(Census, await ask(experiment, { do: 'environ' }))
        const sent = ['HTTP_HOST', 'HTTP_USER_AGENT']
        const added = Object.keys(values).filter((name) => name.startsWith('HTTP_') && !sent.includes(name))
        const more = added.filter((name) => !system.includes(name)).sort()
        if (more.length === 0) return undefined
        const saw = `the client did not send what is in the environ as ${more.join(', ')}`
        // What stands in front of the server sends requests of its own.
        demand(experiment.hop.role !== 'app', saw)
        return { saw }
      },
    },

    'environ.no-http-content': {
      level: 'SHOULD',
      cites: 'RFC 3875 §4.1.18',
      says:
        'The server is not required to create meta-variables for all the header fields that it receives. In particular, ' +
        'it SHOULD remove any header fields [...] that are available to the script in other variables, such as ' +
        "'Content-Length' and 'Content-Type'.",
      experiment: 'POSTs with both fields: there is neither HTTP_CONTENT_TYPE nor HTTP_CONTENT_LENGTH.',
      applies: atApp,
      async check(experiment) {
        const { values } = await environ(experiment, {
          method: 'POST',
          fields: ['Content-Type: text/lab'],
          body: 'hello',
        })
        const doubled = ['HTTP_CONTENT_LENGTH', 'HTTP_CONTENT_TYPE'].filter((name) => name in values)
        demand(doubled.length === 0, `the environ has ${doubled.join(' and ')} as well`)
      },
    },
  },
} satisfies Suite
