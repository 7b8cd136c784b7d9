import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Outcome, Verdict } from '../../reports/run.ts'
import { chosenTopologies } from '../../scripts/options.ts'
import { suites, topologies } from '../../scripts/catalogue.ts'
import { nativeRuntime } from '../../scripts/runtime.ts'
import type { Runtime } from '../../topologies/runtimes/index.ts'
import { judgeAll } from '../judging/judge.ts'

/**
 * What is known of real servers, each verdict found by reading the bytes. It holds for the versions named; with other
 * versions the verdicts are not compared, but no experiment may break there either.
 */
interface Known {
  readonly topology: string
  readonly servers: string
  /** The hop whose verdicts are known, and the beginning of its server's version. */
  readonly role: 'app' | 'proxy' | 'cache'
  readonly version: string
  /** Every clause that fails there, and no other. */
  readonly breaks: readonly string[]
  /** Clauses that a security update changed within that version. */
  readonly unsettled?: readonly string[]
  /** Clauses that mean nothing there, because another one is broken. */
  readonly blocked?: readonly string[]
  /** What was seen where no rule decides, or the rule leaves the choice. */
  readonly shows: Readonly<Record<string, string>>
}

/** What Gunicorn's workers of every kind break and show. */
const GUNICORN: Pick<Known, 'breaks' | 'shows'> = {
  breaks: [
    'environ.mutable-isolated',
    'environ.request-method',
    'file-wrapper.position',
    'status.form',
    'status.no-control',
    'hop-by-hop.app-fatal',
    'expect.http10-exempt',
    'start-response.defer-until-body',
    'exc-info.replaces-headers',
    'content-length.stops-iterating',
    'content-length.write-past-raises',
    'content-length.short-logged',
    'environ.extension-names',
    'config.deployer-values',
    'cgi.request-method',
    'cgi.script-name-slash',
    'expect.100-not-to-10',
    'host.missing-400',
    'host.duplicate-400',
    'cl.non-digit',
    'framing.head',
    'framing.204-1xx',
    'framing.304',
  ],
  shows: {
    'body.bytes-only':
      'an application that yields str gets 200 OK with a body that was cut after 0 of 4 bytes, 0 body bytes',
    'cgi.path-info-slash':
      '/lab%2Fone becomes /lab/one; //lab becomes //lab; /lab/../one becomes /lab/../one; /lab;one=1 becomes /lab;one=1',
    'cgi.underscore-collision':
      'X-Lab-User: real and X_Lab_User: spoofed became HTTP_X_LAB_USER "real,spoofed", in the other order "spoofed,real"',
  },
}

const KNOWN: readonly Known[] = [
  {
    topology: 'app-server',
    servers: 'app=gunicorn/sync',
    role: 'app',
    version: '20.1.0',
    breaks: [...GUNICORN.breaks, 'app.start-before-first-bytes', 'conn.keepalive-11'],
    shows: GUNICORN.shows,
  },
  {
    topology: 'app-server',
    servers: 'app=gunicorn/gthread',
    role: 'app',
    version: '20.1.0',
    breaks: [...GUNICORN.breaks, 'content-length.short-closes', 'environ.multithread-truthful'],
    shows: GUNICORN.shows,
  },
  {
    topology: 'app-server',
    servers: 'app=gunicorn/gevent',
    role: 'app',
    version: '20.1.0',
    breaks: [...GUNICORN.breaks, 'content-length.short-closes', 'environ.multithread-truthful'],
    shows: GUNICORN.shows,
  },
  {
    topology: 'app-server',
    servers: 'app=waitress/threads',
    role: 'app',
    version: '2.1.2',
    breaks: [
      'status.form',
      'status.no-control',
      'headers.list-type',
      'headers.name-token',
      'headers.value-no-control',
      'headers.checked-at-call',
      'content-length.stops-iterating',
      'content-length.write-past-raises',
      'environ.multithread-truthful',
      'config.deployer-values',
      'host.missing-400',
      'host.duplicate-400',
      'te.with-cl',
      'framing.head',
    ],
    shows: {
      'body.bytes-only':
        'an application that yields str gets 200 OK with a body that was cut after 0 of 4 bytes, 0 body bytes',
      'cgi.path-info-slash':
        '/lab%2Fone becomes /lab/one; //lab becomes /lab; /lab/../one becomes /lab/../one; /lab;one=1 becomes /lab;one=1',
      'cgi.underscore-collision':
        'X-Lab-User: real and X_Lab_User: spoofed became HTTP_X_LAB_USER "real", in the other order "real"',
    },
  },
  {
    topology: 'app-server',
    servers: 'app=uwsgi/http-socket',
    role: 'app',
    version: '2.0.21',
    breaks: [
      'start-response.two-or-three-args',
      'error.before-output',
      'file-wrapper.non-file',
      'file-wrapper.position',
      'file-wrapper.bounded',
      'status.form',
      'status.no-control',
      'headers.name-token',
      'headers.value-no-control',
      'response.crlf-in-header',
      'headers.checked-at-call',
      'headers.required-added',
      'hop-by-hop.app-fatal',
      'hop-by-hop.inbound-decoded',
      'app.start-before-first-bytes',
      'start-response.defer-until-body',
      'start-response.second-call-fatal',
      'exc-info.replaces-headers',
      'exc-info.after-sent-original',
      'input.readline-size',
      'content-length.no-overrun',
      'content-length.stops-iterating',
      'content-length.write-past-raises',
      'content-length.short-logged',
      'app.no-transfer-encoding',
      'environ.url-scheme',
      'cgi.folded-joined',
      'conn.keepalive-11',
      'host.missing-400',
      'host.duplicate-400',
      'cl.non-digit',
      'te.with-cl',
      'field.space-before-colon',
      'field.obs-fold',
      'framing.head',
      'framing.204-1xx',
      'framing.304',
    ],
    blocked: [
      'start-response.second-call-after-error',
      'exc-info.no-reference-kept',
      'chunk.extension-ignored',
      'chunk.size-syntax',
    ],
    shows: {
      'body.bytes-only':
        'an application that yields str gets 200 OK with a body that was cut after 0 of 4 bytes, 0 body bytes',
      'cgi.path-info-slash':
        '/lab%2Fone becomes /lab/one; //lab becomes //lab; /lab/../one becomes /one; /lab;one=1 becomes /lab;one=1',
      'cgi.underscore-collision':
        'X-Lab-User: real and X_Lab_User: spoofed became HTTP_X_LAB_USER "real, spoofed", in the other order "spoofed, real"',
    },
  },
  {
    topology: 'app-server',
    servers: 'app=cheroot/threads',
    role: 'app',
    version: '9.0.0',
    breaks: [
      'environ.path-join',
      'error.before-output',
      'status.form',
      'status.no-control',
      'headers.name-token',
      'headers.value-no-control',
      'response.crlf-in-header',
      'headers.checked-at-call',
      'hop-by-hop.app-fatal',
      'expect.http10-exempt',
      'exc-info.replaces-headers',
      'input.readlines-hint',
      'input.iterate',
      'content-length.no-overrun',
      'content-length.stops-iterating',
      'content-length.write-past-raises',
      'content-length.short-closes',
      'content-length.short-logged',
      'app.no-transfer-encoding',
      'environ.multithread-truthful',
      'environ.extension-names',
      'config.deployer-values',
      'cgi.repeats-merged',
      'cgi.server-name-from-host',
      'expect.100-not-to-10',
      'host.missing-400',
      'host.duplicate-400',
      'cl.non-digit',
      'te.with-cl',
      'chunk.size-syntax',
      'field.space-before-colon',
      'framing.head',
      'framing.204-1xx',
      'framing.304',
    ],
    shows: {
      'body.bytes-only':
        'an application that yields str gets 200 OK with a body that was cut after 0 of 4 bytes, 0 body bytes',
      'cgi.path-info-slash':
        '/lab%2Fone becomes /lab%2Fone; //lab is answered by 400 Bad Request; /lab/../one becomes /lab/../one; /lab;one=1 becomes /lab;one=1',
      'cgi.underscore-collision':
        'X-Lab-User: real and X_Lab_User: spoofed became HTTP_X_LAB_USER "spoofed", in the other order "real"',
    },
  },
  {
    topology: 'app-server',
    servers: 'app=wsgiref/single',
    role: 'app',
    version: '3.11',
    unsettled: ['response.crlf-in-header', 'headers.value-no-control'],
    breaks: [
      'environ.mutable-isolated',
      'environ.missing-left-out',
      'environ.content-type',
      'file-wrapper.bounded',
      'status.no-control',
      'headers.name-token',
      'headers.checked-at-call',
      'hop-by-hop.inbound-decoded',
      'start-response.defer-until-body',
      'start-response.second-call-after-error',
      'input.eof-at-content-length',
      'input.read-no-arg',
      'input.empty-when-exhausted',
      'content-length.no-overrun',
      'content-length.stops-iterating',
      'content-length.write-past-raises',
      'content-length.short-logged',
      'cgi.folded-joined',
      'conn.keepalive-11',
      'host.missing-400',
      'host.duplicate-400',
      'cl.non-digit',
      'te.with-cl',
      'field.space-before-colon',
      'field.obs-fold',
      'framing.head',
      'framing.204-1xx',
      'framing.304',
    ],
    blocked: ['input.readlines-hint', 'input.iterate', 'chunk.extension-ignored', 'chunk.size-syntax'],
    shows: {
      'body.bytes-only': 'an application that yields str gets 500 Internal Server Error, 59 body bytes',
      'cgi.path-info-slash':
        '/lab%2Fone becomes /lab/one; //lab becomes /lab; /lab/../one becomes /lab/../one; /lab;one=1 becomes /lab;one=1',
      'cgi.underscore-collision':
        'X-Lab-User: real and X_Lab_User: spoofed became HTTP_X_LAB_USER "real,spoofed", in the other order "spoofed,real"',
    },
  },
  {
    topology: 'daemon-host',
    servers: 'app=mod-wsgi/daemon',
    role: 'app',
    version: '4.9.4',
    breaks: [
      'error.after-output',
      'headers.name-token',
      'hop-by-hop.app-fatal',
      'server.play-dumb',
      'start-response.second-call-fatal',
      'content-length.stops-iterating',
      'content-length.write-past-raises',
      'content-length.short-closes',
      'content-length.short-logged',
      'app.no-transfer-encoding',
      'cgi.server-port-actual',
    ],
    blocked: ['start-response.second-call-after-error', 'chunk.extension-ignored', 'chunk.size-syntax'],
    shows: {
      'body.bytes-only': 'an application that yields str gets 500 Internal Server Error, 571 body bytes',
      'cgi.path-info-slash':
        '/lab%2Fone is answered by 404 Not Found; //lab becomes /lab; /lab/../one becomes /one; /lab;one=1 becomes /lab;one=1',
      'cgi.underscore-collision':
        'X-Lab-User: real and X_Lab_User: spoofed became HTTP_X_LAB_USER "real", in the other order "real"',
    },
  },
  {
    topology: 'reverse-proxy',
    servers: 'proxy=nginx/http11',
    role: 'proxy',
    version: '1.22',
    breaks: [
      'status.form',
      'status.no-control',
      'exc-info.replaces-headers',
      'content-length.short-closes',
      'hop.connection-listed-removed',
      'hop.known-removed',
      'via.added',
    ],
    shows: {
      'environ.server-protocol': 'an HTTP/1.0 client is shown as HTTP/1.1',
      'cgi.path-info-slash':
        '/lab%2Fone becomes /lab/one; //lab becomes //lab; /lab/../one becomes /lab/../one; /lab;one=1 becomes /lab;one=1',
      'cgi.underscore-collision':
        'X-Lab-User: real and X_Lab_User: spoofed became HTTP_X_LAB_USER "real", in the other order "real"',
    },
  },
  {
    topology: 'reverse-proxy',
    servers: 'proxy=nginx/http10',
    role: 'proxy',
    version: '1.22',
    breaks: [
      'error.after-output',
      'status.form',
      'status.no-control',
      'exc-info.replaces-headers',
      'hop.connection-listed-removed',
      'hop.known-removed',
      'via.added',
    ],
    shows: {
      'environ.server-protocol': 'an HTTP/1.1 client is shown as HTTP/1.0',
      'cgi.path-info-slash':
        '/lab%2Fone becomes /lab/one; //lab becomes //lab; /lab/../one becomes /lab/../one; /lab;one=1 becomes /lab;one=1',
      'cgi.underscore-collision':
        'X-Lab-User: real and X_Lab_User: spoofed became HTTP_X_LAB_USER "real", in the other order "real"',
    },
  },
  {
    topology: 'reverse-proxy',
    servers: 'proxy=apache/http11',
    role: 'proxy',
    version: '2.4',
    breaks: [
      'environ.request-method',
      'status.form',
      'status.no-control',
      'server.may-range',
      'exc-info.replaces-headers',
      'content-length.short-closes',
      'cgi.request-method',
      'cgi.script-name-slash',
      'via.added',
    ],
    shows: {
      'environ.server-protocol': 'an HTTP/1.0 client is shown as HTTP/1.1',
      'cgi.path-info-slash':
        '/lab%2Fone is answered by 404 Not Found; //lab becomes /lab; /lab/../one becomes /one; /lab;one=1 becomes /lab;one=1',
      'cgi.underscore-collision':
        'X-Lab-User: real and X_Lab_User: spoofed became HTTP_X_LAB_USER "real,spoofed", in the other order "spoofed,real"',
    },
  },
  {
    topology: 'three-tier',
    servers: 'cache=varnish',
    role: 'cache',
    version: '7.1',
    breaks: [
      'status.form',
      'status.no-control',
      'server.may-validate',
      'server.may-range',
      'exc-info.replaces-headers',
      'content-length.short-closes',
      'hop.known-removed',
      'via.added',
      'chunk.extension-ignored',
    ],
    shows: {
      'environ.server-protocol': 'an HTTP/1.0 client is shown as HTTP/1.1',
      'cgi.path-info-slash':
        '/lab%2Fone becomes /lab/one; //lab becomes //lab; /lab/../one becomes /lab/../one; /lab;one=1 becomes /lab;one=1',
      'cgi.underscore-collision':
        'X-Lab-User: real and X_Lab_User: spoofed became HTTP_X_LAB_USER "real", in the other order "real"',
      'framing.304': 'answers 503 Backend fetch failed in place of the 304',
    },
  },
]

const all = await suites()
let runtime: Runtime
beforeAll(async () => void (runtime = await nativeRuntime(await topologies())), 400_000)
afterAll(() => runtime[Symbol.asyncDispose]())

describe.concurrent.each(KNOWN)('$topology with $servers', ({ topology: name, servers, role, version, ...known }) => {
  let verdicts: readonly Verdict[]
  let found: string

  beforeAll(async () => {
    const [topology] = await chosenTopologies([name], [servers])
    await using deployment = await runtime.up(topology!, { application: 'probe', workers: 2, threads: 4 })
    verdicts = await judgeAll(all, deployment.target, AbortSignal.timeout(230_000), {
      at: (hop) => hop.role === role,
    })
    found = deployment.services.find((service) => service.role === role)!.version
  }, 240_000)

  const own = (outcome: Outcome): readonly Verdict[] =>
    verdicts.filter((verdict) => verdict.role === role && verdict.outcome === outcome)
  const ids = (of: readonly Verdict[]): readonly string[] => of.map(({ clause }) => clause.split('/')[1]!).toSorted()

  test('no experiment broke', ({ expect }) => {
    expect(verdicts.filter(({ outcome }) => outcome === 'error')).toEqual([])
  })

  test(`the ${role} keeps and breaks what ${version} is known to`, ({ expect, skip }) => {
    skip(!found.startsWith(version), `known for ${version}, this is ${found}`)
    const settled = ids(own('fail')).filter((id) => !known.unsettled?.includes(id))
    expect(settled).toEqual(known.breaks.toSorted())
    expect(ids(own('blocked'))).toEqual((known.blocked ?? []).toSorted())
  })

  test('and shows what it is known to show where no rule decides', ({ expect, skip }) => {
    skip(!found.startsWith(version), `known for ${version}, this is ${found}`)
    const shown = own('observed').map(({ clause, because }) => [clause.split('/')[1]!, because])
    expect(Object.fromEntries(shown)).toMatchObject(known.shows)
  })
})
