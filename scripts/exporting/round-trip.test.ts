import { execFile } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Run } from '../../reports/run.ts'
import type { Runtime } from '../../topologies/runtimes/index.ts'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import { freePort } from '../../topologies/runtimes/ready.ts'
import type { Toolchain } from '../../topologies/runtimes/toolchain.ts'
import { packagesOf } from '../application/packages.ts'
import { topologies } from '../catalogue.ts'
import { nativeRuntime, toolchainFor } from '../runtime.ts'
import { endedLab } from '../started-lab.ts'
import { sayLoudly, whyNoCompose } from '../tested-engine.ts'
import { planFolder, type PlanFolder } from './planned-file.ts'
import { startedExport } from './started-export.ts'

const run = promisify(execFile)
const PROBE: Run['application'] = {
  name: 'apps/probe.py:application',
  statics: [{ directory: 'apps/static', prefix: '/static/' }],
}
/** Clause to outcome. */
type Outcomes = Readonly<Record<string, string>>

let toolchain: Toolchain
let runtime: Runtime
let plan: PlanFolder
beforeAll(async () => {
  toolchain = await toolchainFor('private', await topologies(), () => {})
  runtime = await nativeRuntime(await topologies())
  plan = planFolder(PROBE)
}, 400_000)
afterAll(async () => {
  await runtime[Symbol.asyncDispose]()
  plan[Symbol.dispose]()
})

/** What the lab judges of a gateway from outside. */
async function judged(url: string, role: string): Promise<Outcomes> {
  const { stdout, stderr } = await endedLab(['conform', '--url', url, '--role', role, '--json'])
  expect(stderr).toBe('')
  const verdicts = JSON.parse(stdout) as readonly { clause: string; outcome: string }[]
  return Object.fromEntries(verdicts.map(({ clause, outcome }) => [clause, outcome]))
}

/** What it judges of the deployment that it brings up itself. */
async function judgedOfItsOwn(name: string, role: string): Promise<Outcomes> {
  const topology = (await topologies()).find((each) => each.name === name)!
  await using deployment = await runtime.up(topology, { application: 'probe', workers: 4, threads: 4 })
  return await judged(deployment.target.hops[0].url.href, role)
}

/** A short load: all answers right. */
async function loaded(url: string): Promise<void> {
  const { stdout } = await endedLab([
    'load',
    '--url',
    url,
    '--connections',
    '4',
    '--warm-up',
    '0.2',
    '--duration',
    '0.5',
    '--json',
  ])
  const { requests, errors, timeouts } = JSON.parse(stdout) as { requests: number; errors: number; timeouts: number }
  expect({ errors, timeouts }).toEqual({ errors: 0, timeouts: 0 })
  expect(requests).toBeGreaterThan(50)
}

/** Exports, and lets everybody read it, as a copy to another machine would. */
async function exported(from: PlanFolder, name: string, words: readonly string[]): Promise<string> {
  const { code, stderr } = await from.export(name, words)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return join(from.folder, name)
}

test(
  'the native bundle of three-tier, started by its own script, conforms exactly as the lab’s own deployment does',
  { timeout: 120_000 },
  async () => {
    const folder = await exported(plan, 'native', ['--format', 'native', '--topology', 'three-tier'])
    // The lab dates this file for a rule about dates.
    const tomorrow = new Date(Date.now() + 86_400_000)
    utimesSync(join(folder, 'app/static/tomorrow.txt'), tomorrow, tomorrow)
    await using started = await startedExport('/', [join(folder, 'run.sh')], await freePort('127.0.0.1'), toolchain)
    await loaded(`${started.url}?do=respond`)
    await loaded(`${started.url}static/lines.txt`)
    const [outcomes, own] = await Promise.all([judged(started.url, 'cache'), judgedOfItsOwn('three-tier', 'cache')])
    expect(await started.stop()).toBe('code 0')
    expect(Object.values(outcomes).filter((outcome) => outcome === 'pass').length).toBeGreaterThan(50)
    expect(outcomes).toEqual(own)
  },
)

test(
  'the Procfile’s web line, started as a platform starts it, conforms as the lab’s own deployment of app-server does',
  { timeout: 120_000 },
  async () => {
    using alone = planFolder({ name: PROBE.name })
    const folder = await exported(alone, 'procfile', ['--format', 'procfile'])
    const [, line] = /^web: (.*)$/m.exec(readFileSync(join(folder, 'Procfile'), 'utf8'))!
    // The distribution's Gunicorn, so that both are the same version; pip's is another test's.
    const programs = join(alone.folder, 'programs')
    mkdirSync(programs)
    writeFileSync(join(programs, 'gunicorn'), `#!/bin/sh\nexec ${toolchain.root}/usr/bin/python3 -m gunicorn "$@"\n`)
    chmodSync(join(programs, 'gunicorn'), 0o755)
    const path = { PATH: `${programs}:/usr/bin:/bin` }
    await using started = await startedExport(
      folder,
      ['sh', '-c', `exec ${line!}`],
      await freePort('127.0.0.1'),
      toolchain,
      path,
    )
    await loaded(`${started.url}?do=respond`)
    const [outcomes, own] = await Promise.all([judged(started.url, 'app'), judgedOfItsOwn('app-server', 'app')])
    expect(Object.values(outcomes).filter((outcome) => outcome === 'pass').length).toBeGreaterThan(50)
    // A platform's router says whether clients came by TLS, and is believed; here the judge speaks in its place and claims it.
    expect(outcomes).toEqual({ ...own, 'pep3333-wsgi-variables/environ.url-scheme': 'fail' })
  },
)

describe('an application that nobody wrote for the lab, with packages from pip and static files', () => {
  const APPLICATION = `from flask import Flask, request

shop = Flask(__name__)


@shop.route("/basket/<name>")
def basket(name):
    return {"name": name, "secure": request.is_secure, "root": request.script_root}
`
  /** Answers of every topology, and of a platform, must be these. */
  async function answersRight(url: string): Promise<void> {
    const dynamic = await fetch(`${url}basket/tea%20pot`)
    expect([dynamic.status, await dynamic.json()]).toEqual([200, { name: 'tea pot', secure: false, root: '' }])
    const file = await fetch(`${url}public/site.css`)
    expect([file.status, await file.text(), file.headers.get('cache-control')?.replace(', public', '')]).toEqual([
      200,
      'a { color: red }\n',
      'max-age=3600',
    ])
    expect(file.headers.get('content-type')).toMatch(/^text\/css/)
    expect((await fetch(`${url}public/gone.css`)).status).toBe(404)
    expect((await fetch(`${url}public/../shop.py`)).status).toBe(404)
    await loaded(`${url}basket/tea`)
  }

  let shop: PlanFolder
  let application: string
  beforeAll(() => {
    shop = planFolder(undefined)
    application = join(shop.folder, 'flask-shop')
    mkdirSync(join(application, 'public'), { recursive: true })
    writeFileSync(join(application, 'shop.py'), APPLICATION)
    writeFileSync(join(application, 'public', 'site.css'), 'a { color: red }\n')
    writeFileSync(join(application, 'requirements.txt'), 'flask\n')
  })
  afterAll(() => shop[Symbol.dispose]())

  const words = () => [
    ...['--app', `${application}/shop.py:shop`, '--static', `${application}/public=/public`],
    ...['--requirements', `${application}/requirements.txt`, '--path', '/basket/tea'],
  ]
  /** What pip installs of an export's requirements, kept in the lab's cache by what they say. */
  async function installed(folder: string): Promise<string> {
    const file = join(shop.folder, 'wanted.txt')
    const lines = readFileSync(join(folder, 'requirements.txt'), 'utf8').split('\n')
    writeFileSync(file, lines.filter((line) => line !== '' && !line.startsWith('#')).join('\n'))
    return packagesOf(file, runtime, () => {})
  }
  const unreachable = (error: unknown): string => {
    const why =
      error instanceof LabError &&
      /(?:Failed to establish|name resolution|Max retries|timed out).*/.exec(error.message)?.[0]
    if (!why) throw error
    sayLoudly(`exports with packages from pip: the index cannot be reached: ${why}`)
    return why
  }

  test.for(['daemon-host', 'reverse-proxy'])(
    '%s as a native bundle answers right',
    { timeout: 120_000 },
    async (topology, { skip }) => {
      const folder = await exported(shop, topology, ['--format', 'native', '--topology', topology, ...words()])
      const packages = await installed(folder).catch((error: unknown) => skip(unreachable(error)))
      cpSync(packages!, join(folder, 'packages'), { recursive: true })
      await using started = await startedExport('/', [join(folder, 'run.sh')], await freePort('127.0.0.1'), toolchain)
      await answersRight(started.url)
    },
  )

  test(
    'on a platform with a Procfile it answers right, its static files beside it',
    { timeout: 120_000 },
    async ({ skip }) => {
      const folder = await exported(shop, 'platform', ['--format', 'procfile', ...words()])
      const packages = await installed(folder).catch((error: unknown) => skip(unreachable(error)))
      const [, line] = /^web: (.*)$/m.exec(readFileSync(join(folder, 'Procfile'), 'utf8'))!
      const found = { PATH: `${packages!}/bin:/usr/bin:/bin`, PYTHONPATH: packages! }
      await using started = await startedExport(
        folder,
        ['sh', '-c', `exec ${line!}`],
        await freePort('127.0.0.1'),
        toolchain,
        found,
      )
      await answersRight(started.url)
      // A platform's router ends TLS, and is believed.
      const forwarded = await fetch(`${started.url}basket/tea`, { headers: { 'X-Forwarded-Proto': 'https' } })
      expect(await forwarded.json()).toMatchObject({ secure: true })
    },
  )
})

const why = await whyNoCompose('the export for Docker Compose')

test.skipIf(why)(
  `docker compose brings the export of three-tier up, and it conforms${why ? ` (skipped: ${why})` : ''}`,
  { timeout: 300_000 },
  async () => {
    const folder = await exported(plan, 'compose', ['--format', 'compose', '--topology', 'three-tier'])
    const tomorrow = new Date(Date.now() + 86_400_000)
    utimesSync(join(folder, 'app/static/tomorrow.txt'), tomorrow, tomorrow)
    const port = await freePort('127.0.0.1')
    // This machine may be smaller than the plan's. The classic builder, because not everybody has another.
    const env = { ...process.env, PUBLISH: `127.0.0.1:${port}`, CPUS_APP: '1', DOCKER_BUILDKIT: '0' }
    const compose = (words: readonly string[]) =>
      run('docker', ['compose', '--project-name', 'gateway-lab-export', ...words], { cwd: folder, env })
    try {
      await compose(['up', '--build', '--detach', '--wait'])
      const url = `http://127.0.0.1:${port}/`
      await loaded(`${url}?do=respond`)
      await loaded(`${url}static/lines.txt`)
      const outcomes = await judged(url, 'cache')
      expect(Object.values(outcomes).filter((outcome) => outcome === 'pass').length).toBeGreaterThan(50)
      expect(Object.values(outcomes)).not.toContain('error')
    } finally {
      await compose(['down', '--volumes', '--rmi', 'all', '--timeout', '10'])
    }
  },
)
