import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
  readonly fails: readonly string[]
  readonly passes: readonly string[]
}

const KNOWN: readonly Known[] = [
  {
    topology: 'app-server',
    servers: 'app=gunicorn/gthread',
    role: 'app',
    version: '20.1.0',
    fails: [
      'exc-info.replaces-headers',
      'framing.head',
      'host.missing-400',
      'content-length.short-closes',
      'framing.304',
    ],
    passes: ['response.crlf-in-header', 'iter.close-normal', 'te.with-cl', 'conn.keepalive-11', 'cgi.repeats-merged'],
  },
  {
    topology: 'app-server',
    servers: 'app=gunicorn/sync',
    role: 'app',
    version: '20.1.0',
    fails: ['conn.keepalive-11', 'exc-info.replaces-headers', 'start-response.defer-until-body'],
    passes: ['content-length.short-closes', 'iter.close-disconnect', 'expect.transparent'],
  },
  {
    topology: 'app-server',
    servers: 'app=gunicorn/gevent',
    role: 'app',
    version: '20.1.0',
    fails: ['framing.head', 'hop-by-hop.app-fatal'],
    passes: ['environ.multithread-truthful', 'stream.no-delay'],
  },
  {
    topology: 'app-server',
    servers: 'app=waitress',
    role: 'app',
    version: '2.1.2',
    fails: ['te.with-cl', 'framing.head', 'host.missing-400'],
    passes: ['hop-by-hop.app-fatal', 'framing.204-1xx', 'exc-info.replaces-headers', 'cl.non-digit'],
  },
  {
    topology: 'app-server',
    servers: 'app=uwsgi',
    role: 'app',
    version: '2.0.21',
    fails: ['headers.required-added', 'error.before-output', 'environ.url-scheme', 'input.readline-size'],
    passes: ['exc-info.replaces-headers', 'input.eof-at-content-length', 'expect.100-not-to-10'],
  },
  {
    topology: 'app-server',
    servers: 'app=cheroot',
    role: 'app',
    version: '9.0.0',
    fails: ['cgi.repeats-merged', 'response.crlf-in-header', 'content-length.no-overrun'],
    passes: ['start-response.defer-until-body', 'hop-by-hop.inbound-decoded', 'conn.pipeline-order'],
  },
  {
    topology: 'app-server',
    servers: 'app=wsgiref',
    role: 'app',
    version: '3.11',
    // Not response.crlf-in-header: Debian's security updates mended it within this version.
    fails: ['environ.content-type', 'input.eof-at-content-length', 'field.obs-fold'],
    passes: ['hop-by-hop.app-fatal', 'exc-info.replaces-headers', 'start-response.second-call-fatal'],
  },
  {
    topology: 'daemon-host',
    servers: 'app=mod-wsgi',
    role: 'app',
    version: '4.9.4',
    fails: ['start-response.second-call-fatal', 'error.after-output', 'content-length.stops-iterating'],
    passes: ['framing.head', 'response.crlf-in-header', 'host.missing-400', 'host.duplicate-400'],
  },
  {
    topology: 'reverse-proxy',
    servers: 'proxy=nginx/http11',
    role: 'proxy',
    version: '1.22',
    fails: ['hop.connection-listed-removed', 'hop.known-removed', 'via.added'],
    passes: ['host.missing-400', 'framing.head', 'stream.no-delay', 'error.after-output'],
  },
  {
    topology: 'reverse-proxy',
    servers: 'proxy=nginx/http10',
    role: 'proxy',
    version: '1.22',
    fails: ['stream.no-delay', 'error.after-output'],
    passes: ['content-length.short-closes'],
  },
  {
    topology: 'three-tier',
    servers: 'cache=varnish',
    role: 'cache',
    version: '7.1',
    fails: ['chunk.extension-ignored', 'hop.known-removed', 'via.added'],
    passes: ['hop.connection-listed-removed', 'framing.head', 'host.missing-400', 'stream.no-delay'],
  },
]

const all = await suites()
let runtime: Runtime
beforeAll(async () => void (runtime = await nativeRuntime(await topologies())), 400_000)
afterAll(() => runtime[Symbol.asyncDispose]())

describe.each(KNOWN)('$topology with $servers', ({ topology: name, servers, role, version, fails, passes }) => {
  let verdicts: readonly Verdict[]
  let found: string

  beforeAll(async () => {
    const [topology] = await chosenTopologies([name], [servers])
    await using deployment = await runtime.up(topology!, { application: 'probe', workers: 2, threads: 4 })
    verdicts = await judgeAll(all, deployment.target, AbortSignal.timeout(110_000))
    found = deployment.services.find((service) => service.role === role)!.version
  })

  const outcomeOf = (clause: string): Outcome | undefined =>
    verdicts.find((verdict) => verdict.role === role && verdict.clause.endsWith(`/${clause}`))?.outcome

  test('no experiment broke', () => {
    expect(verdicts.filter(({ outcome }) => outcome === 'error')).toEqual([])
  })

  test(`the ${role} keeps and breaks what ${version} is known to`, ({ skip }) => {
    skip(!found.startsWith(version), `known for ${version}, this is ${found}`)
    expect(Object.fromEntries([...fails, ...passes].map((clause) => [clause, outcomeOf(clause)]))).toEqual({
      ...Object.fromEntries(fails.map((clause) => [clause, 'fail'])),
      ...Object.fromEntries(passes.map((clause) => [clause, 'pass'])),
    })
  })
})
