import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Verdict } from '../../reports/run.ts'
import { LAB_VARIANT, upAlone } from '../../scripts/alone.ts'
import { parseServerChoice } from '../../scripts/choices.ts'
import { servers as catalogue, suites, topologies } from '../../scripts/catalogue.ts'
import { chosenTopologies } from '../../scripts/options.ts'
import { nativeRuntime } from '../../scripts/runtime.ts'
import type { Tier } from '../../topologies/index.ts'
import type { Runtime } from '../../topologies/runtimes/index.ts'
import type { Intermediary, Role } from '../../topologies/servers/index.ts'
import { judgeAll } from '../judging/judge.ts'

/**
 * What is known of real servers, each verdict found by reading the bytes: a file of `known/` for each holds every clause
 * that it breaks, and what it shows where no rule decides. It holds for the versions named; with others the verdicts are
 * not compared, but no experiment may break there either. `vitest -u` writes the files anew: read the difference.
 */
interface Known {
  /** `alone` for an intermediary between the lab's own ends. */
  readonly topology: string
  /** Whose verdicts are known, as `--server` takes it. */
  readonly server: string
  /** The beginning of its version. */
  readonly version: string
  /** Clauses that a security update changed within that version. */
  readonly unsettled?: readonly string[]
}

const KNOWN: readonly Known[] = [
  { topology: 'app-server', server: 'app=gunicorn/sync', version: '20.1.0' },
  { topology: 'app-server', server: 'app=gunicorn/gthread', version: '20.1.0' },
  { topology: 'app-server', server: 'app=gunicorn/gevent', version: '20.1.0' },
  { topology: 'app-server', server: 'app=waitress/threads', version: '2.1.2' },
  { topology: 'app-server', server: 'app=uwsgi/http-socket', version: '2.0.21' },
  { topology: 'app-server', server: 'app=cheroot/threads', version: '9.0.0' },
  {
    topology: 'app-server',
    server: 'app=wsgiref/single',
    version: '3.11',
    unsettled: ['response.crlf-in-header', 'headers.value-no-control', 'response.split'],
  },
  { topology: 'daemon-host', server: 'app=mod-wsgi/daemon', version: '4.9.4' },
  { topology: 'reverse-proxy', server: 'proxy=nginx/http11', version: '1.22' },
  { topology: 'reverse-proxy', server: 'proxy=nginx/http10', version: '1.22' },
  { topology: 'reverse-proxy', server: 'proxy=apache/http11', version: '2.4' },
  { topology: 'three-tier', server: 'cache=varnish/default', version: '7.1' },
  { topology: 'alone', server: 'proxy=nginx/http11', version: '1.22' },
  { topology: 'alone', server: 'proxy=nginx/http10', version: '1.22' },
  { topology: 'alone', server: 'proxy=apache/http11', version: '2.4' },
  { topology: 'alone', server: 'cache=varnish/default', version: '7.1' },
  { topology: 'alone', server: `cache=varnish/${LAB_VARIANT}`, version: '7.1' },
  { topology: 'alone', server: 'cache=nginx-cache/default', version: '1.22' },
  { topology: 'alone', server: `cache=nginx-cache/${LAB_VARIANT}`, version: '1.22' },
  { topology: 'alone', server: 'cache=apache-cache/default', version: '2.4' },
  { topology: 'alone', server: `cache=apache-cache/${LAB_VARIANT}`, version: '2.4' },
]

const all = await suites()
const allServers = await catalogue()
const options = { application: 'probe', workers: 2, threads: 4 }
let runtime: Runtime
beforeAll(async () => {
  runtime = await nativeRuntime(
    await chosenTopologies(
      (await topologies()).map(({ name }) => name),
      ['all'],
    ),
  )
}, 400_000)
afterAll(() => runtime[Symbol.asyncDispose]())

describe.concurrent.each(KNOWN)('$topology with $server', ({ topology, server, version, unsettled = [] }) => {
  const tier = parseServerChoice(server, allServers)
  const { role } = tier.server
  let verdicts: readonly Verdict[]
  let found: string

  beforeAll(async () => {
    const signal = AbortSignal.timeout(280_000)
    ;({ verdicts, found } =
      topology === 'alone' ? await judgedAlone(tier, signal) : await judgedIn(topology, server, role, signal))
  }, 290_000)

  test('no experiment broke', ({ expect }) => {
    expect(verdicts.filter(({ outcome }) => outcome === 'error')).toEqual([])
  })

  test('breaks and shows what it is known to', async ({ expect, skip }) => {
    skip(!found.startsWith(version), `known for ${version}, this is ${found}`)
    const settled = verdicts.filter(({ clause }) => !unsettled.some((id) => clause.endsWith(`/${id}`)))
    const name = `${topology === 'alone' ? 'alone' : 'in-chain'}-${server.replace(/^\w+=/, '').replace('/', '-')}`
    await expect(told(`${tier.server.title} ${version}, ${server}, ${topology}`, settled)).toMatchFileSnapshot(
      `known/${name}.md`,
    )
  })
})

interface Judged {
  readonly verdicts: readonly Verdict[]
  /** The version of the server. */
  readonly found: string
}

async function judgedIn(name: string, server: string, role: Role, signal: AbortSignal): Promise<Judged> {
  const [topology] = await chosenTopologies([name], [server])
  await using deployment = await runtime.up(topology!, { ...options, tapped: true, signal })
  const verdicts = await judgeAll(all, deployment.target, signal, { at: (hop) => hop.role === role })
  return { verdicts, found: deployment.services.find((service) => service.role === role)!.version }
}

async function judgedAlone(tier: Tier, signal: AbortSignal): Promise<Judged> {
  // The table names intermediaries only.
  await using up = await upAlone(runtime, tier as Tier<Intermediary>, { ...options, signal })
  return { verdicts: await judgeAll(all, up!.target, signal), found: up!.deployment.services[0]!.version }
}

/** What is broken, what means nothing because of it, and what was seen where no rule decides. */
function told(title: string, verdicts: readonly Verdict[]): string {
  const of = (outcome: Verdict['outcome']): readonly Verdict[] => verdicts.filter((each) => each.outcome === outcome)
  return `${[
    `# ${title}`,
    '## Breaks',
    of('fail')
      .map(({ clause, level }) => `- ${clause} (${level})`)
      .join('\n') || 'Nothing.',
    ...(of('blocked').length > 0
      ? [
          '## Blocked',
          of('blocked')
            .map(({ clause }) => `- ${clause}`)
            .join('\n'),
        ]
      : []),
    '## Shows',
    of('observed')
      .map(({ clause, because }) => `- ${clause}: ${because}`)
      .join('\n') || 'Nothing.',
  ].join('\n\n')}\n`
}
