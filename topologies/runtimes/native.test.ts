import { createServer, type Server as Listener } from 'node:net'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT, servers, topologies } from '../../scripts/catalogue.ts'
import { fill, parseServerChoice } from '../../scripts/choices.ts'
import { FILLINGS } from '../../scripts/fillings.ts'
import { toolchainFor } from '../../scripts/runtime.ts'
import { connect } from '../../suites/judging/wire.ts'
import type { AppServer, Server } from '../servers/index.ts'
import waitress from '../servers/waitress.ts'
import { tier, type Topology } from '../index.ts'
import type { Deployment, Runtime } from './index.ts'
import { native } from './native.ts'
import { ofSession, pids } from './processes.ts'
import type { Toolchain } from './toolchain.ts'

const SIZE = { workers: 2, threads: 4 }
const allTopologies = await topologies()
const allServers = await servers()
let toolchain: Toolchain
let runtime: Runtime

beforeAll(async () => {
  toolchain = await toolchainFor('private', allTopologies, () => {})
  runtime = await native(toolchain, join(ROOT, 'apps'))
}, 400_000)
afterAll(() => runtime[Symbol.asyncDispose]())

/** A topology of the catalogue with other servers in it: `with('three-tier', 'proxy=apache', 'app=waitress')`. */
function withServers(name: string, ...choices: string[]): Topology {
  const topology = allTopologies.find((each) => each.name === name)!
  return fill(
    [topology],
    choices.map((choice) => parseServerChoice(choice, allServers)),
  )[0]!
}

const up = (topology: Topology, application: string) => runtime.up(topology, { application, ...SIZE })

/** The edge's whole answer to a request for this path, head and body as text. */
async function ask(
  deployment: Deployment,
  path: string,
  { method = 'GET', headers = '', host = '' } = {},
): Promise<string> {
  const { url } = deployment.target.hops[0]
  using connection = await connect(url, AbortSignal.timeout(10_000))
  connection.send(`${method} ${path} HTTP/1.1\r\nHost: ${host || url.host}\r\n${headers}Connection: close\r\n\r\n`)
  const { head, body } = await connection.answer({ method, wait: 10_000 })
  return `${head?.version} ${head?.status} ${head?.reason}\r\n${head?.fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body.toString('latin1')}`
}

const statusLine = (answer: string) => answer.slice(0, answer.indexOf('\r\n'))

describe.each(allTopologies.map((topology) => [topology.name, topology] as const))('%s', (_, topology) => {
  test('comes up, answers at every hop, and leaves no process behind', async () => {
    const deployment = await up(topology, 'environ')
    for (const hop of deployment.target.hops) {
      const answer = await (await fetch(hop.url)).text()
      expect(answer).toContain(`REQUEST_METHOD = 'GET'`)
    }
    const before = await Promise.all(deployment.services.map((service) => service.usage()))
    for (const usage of before) expect(usage.pssBytes).toBeGreaterThan(1e6)
    for (const service of deployment.services) expect(service.contextSwitches()).toBeGreaterThan(0)
    const sessions = pids().filter((pid) =>
      deployment.services.some((service) => commandLine(pid).includes(`:${service.address.port}`)),
    )
    await deployment[Symbol.asyncDispose]()
    for (const service of deployment.services) expect(service.alive()).toBe(false)
    for (const session of sessions) expect(ofSession(session)).toEqual([])
  })

  test('serves the time alike from raw WSGI, WebOb and Werkzeug, byte for byte but for the clock', async () => {
    const requests = [
      ['/', {}],
      ['/', { method: 'POST', headers: 'Content-Length: 0\r\n' }],
      ['/', { method: 'HEAD' }],
      ['/elsewhere', {}],
      ['//', {}],
      ['/', { host: 'another.example' }],
      ['/', { host: 'LOCALHOST:8080' }],
    ] as const
    const answers: Record<string, string[]> = {}
    for (const application of ['time_raw', 'time_webob', 'time_werkzeug']) {
      await using deployment = await up(topology, application)
      answers[application] = []
      for (const [path, how] of requests) answers[application].push(clockless(await ask(deployment, path, how)))
    }
    const raw = answers['time_raw']!
    expect(raw.map(statusLine)).toEqual([
      'HTTP/1.1 200 OK',
      'HTTP/1.1 501 Not Implemented',
      // Varnish asks for the whole page to answer HEAD from it, so that behind it HEAD is a GET.
      topology.name === 'three-tier' ? 'HTTP/1.1 200 OK' : 'HTTP/1.1 501 Not Implemented',
      'HTTP/1.1 404 Not Found',
      // Apache folds slashes before the application sees them.
      topology.name === 'daemon-host' ? 'HTTP/1.1 200 OK' : 'HTTP/1.1 404 Not Found',
      'HTTP/1.1 404 Not Found',
      'HTTP/1.1 200 OK',
    ])
    expect(answers['time_webob']).toEqual(raw)
    expect(answers['time_werkzeug']).toEqual(raw)
  })

  test('serves static files, and from the web server where there is one', async () => {
    await using deployment = await up(topology, 'pages')
    const answer = await ask(deployment, '/static/16k.bin')
    expect(statusLine(answer)).toBe('HTTP/1.1 200 OK')
    expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toHaveLength(16_384)
    // nginx and Apache give static files an ETag, the application here does not.
    expect(/^etag:/im.test(answer)).toBe(topology.name !== 'app-server')
  })

  test('tells the application the client’s address only from the tier in front', async () => {
    await using deployment = await up(topology, 'environ')
    const answer = await ask(deployment, '/', {
      headers: 'X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n',
    })
    const scheme = /wsgi\.url_scheme = '(\w+)'/.exec(answer)?.[1]
    expect(scheme).toBe('http')
    const forwarded = /HTTP_X_FORWARDED_FOR = '([^']*)'/.exec(answer)?.[1]
    if (deployment.target.hops.length > 1) expect(forwarded).toMatch(/^127\.0\.0\.9(, ?127\.|$)/)
  })
})

/** Without Date and the like, whose values are the clock's or a counter's. */
function clockless(answer: string): string {
  return answer
    .replace(/^(date|age|x-varnish): .*$/gim, '$1: *')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00/g, 'TIME')
}

test.each(FILLINGS)('%s works with %s', async (name, choices) => {
  await using deployment = await up(withServers(name, ...choices.split(' ')), 'pages')
  expect(statusLine(await ask(deployment, '/time'))).toMatch(/^HTTP\/1\.[01] 200 OK$/)
  expect(statusLine(await ask(deployment, '/static/16k.bin'))).toMatch(/^HTTP\/1\.[01] 200 OK$/)
})

test('lets a running request finish when a server is stopped', async () => {
  const gracefully = allServers.filter((server): server is Server & { role: 'app' } => server.role === 'app')
  for (const server of gracefully) {
    const name = server.name === 'mod-wsgi' ? 'daemon-host' : 'app-server'
    const deployment = await up(withServers(name, `app=${server.name}`), 'probe')
    const answer = ask(deployment, '/?do=hold&seconds=1&nonce=slow')
    // The application sleeps for a second; the request is in its hands by now.
    await new Promise((resolve) => setTimeout(resolve, 300))
    await deployment[Symbol.asyncDispose]()
    expect.soft(await answer, server.name).toMatch(/^HTTP\/1\.[01] 200 OK[^]*run_once/)
  }
})

describe('what goes wrong is said with the server’s own words', () => {
  test('an application that cannot be imported', async () => {
    const apps = mkdtempSync(join(tmpdir(), 'broken-apps-'))
    writeFileSync(join(apps, 'broken.py'), 'import no_such_module\n')
    await using other = await native(toolchain, apps)
    for (const [name, words] of [
      // 3 by design; 1 when the signal of the dying worker meets Gunicorn 20.1 while it starts the next one.
      [
        'app-server',
        /Gunicorn \(app\) ended \(exit code [13]\) before it was ready[^]*No module named 'no_such_module'/,
      ],
      ['daemon-host', /Apache mod_wsgi \(app\) answers 500[^]*No module named 'no_such_module'/],
    ] as const) {
      await expect(other.up(withServers(name), { application: 'broken', ...SIZE }).then(() => name)).rejects.toThrow(
        words,
      )
    }
    rmSync(apps, { recursive: true })
  })

  test('an application that is not there', async () => {
    await expect(up(withServers('daemon-host'), 'no_such_application').then(() => 'up')).rejects.toThrow(
      /There is no application "no_such_application"[^]*environ, lint, [^]*pages, probe/,
    )
  })

  test('a port that is taken meanwhile: another one is used', async () => {
    // A server that binds the port it was given, whatever it is, loses the race for it twice.
    const taken: Listener[] = []
    let attempts = 0
    const robbed: AppServer = {
      ...waitress,
      configure: (site) => {
        attempts++
        if (attempts < 3)
          taken.push(createServer((socket) => socket.destroy()).listen(site.address.port, site.address.host))
        return waitress.configure(site)
      },
    }
    await using deployment = await up({ ...withServers('app-server'), tiers: [tier(robbed)] }, 'pages')
    expect(attempts).toBe(3)
    expect(statusLine(await ask(deployment, '/time'))).toContain('200')
    for (const listener of taken) await once(listener.close(), 'close')
  })

  test('a server that dies is seen to be dead', async () => {
    await using deployment = await up(withServers('app-server', 'app=waitress'), 'pages')
    const [service] = deployment.services
    const main = pids().find((pid) => commandLine(pid).includes(`--listen=127.0.0.11:${service!.address.port}`))
    process.kill(main!, 'SIGKILL')
    await expect.poll(() => service!.alive()).toBe(false)
  })
})

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // It is gone.
  }
}

test('two labs run side by side without touching each other', async () => {
  const other = await native(toolchain, join(ROOT, 'apps'))
  await using first = await up(withServers('reverse-proxy'), 'pages')
  const second = await other.up(withServers('reverse-proxy'), { application: 'pages', ...SIZE })
  await second[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
  expect(statusLine(await ask(first, '/time'))).toBe('HTTP/1.1 200 OK')
})
