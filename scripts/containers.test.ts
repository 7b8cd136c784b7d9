import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Run } from '../reports/run.ts'
import { DEFAULT_BASE, ownBase } from '../topologies/runtimes/base.ts'
import { LABEL, OWNER_LABEL } from '../topologies/runtimes/containers/engine.ts'
import { endedLab, processesLeft, runUntil, startLab, type Ended } from './started-lab.ts'
import { testedEngine } from './tested-engine.ts'

const { engine, why } = await testedEngine(DEFAULT_BASE, ownBase())
const skipped = why ? ` (skipped: ${why})` : ''

let temporary: string
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'containers-'))
  chmodSync(temporary, 0o755)
})
afterEach(() => rmSync(temporary, { recursive: true, force: true }))

/** All that an engine has: what carries the lab's name of an owner, and everything else. */
async function inventory(): Promise<{ readonly ours: readonly string[]; readonly others: readonly string[] }> {
  const { docker } = engine!
  const all = [
    ...(await docker.listContainers({ all: true })),
    ...(await docker.listNetworks()),
    ...(await docker.listImages()),
  ] as readonly { readonly Id: string; readonly Labels?: Readonly<Record<string, string>> | null }[]
  const ids = (wanted: (labels: Readonly<Record<string, string>>) => boolean) =>
    all.flatMap(({ Id, Labels }) => (wanted(Labels ?? {}) ? [Id] : [])).sort()
  return { ours: ids((labels) => OWNER_LABEL in labels), others: ids((labels) => !(LABEL in labels)) }
}

describe.skipIf(why)(`a lab that is ended leaves nothing in the engine${skipped}`, () => {
  const MOMENTS = ['through gunicorn', 'through nginx', 'Dynamic']
  const WORDS = ['--runtime', 'docker', '--base', ownBase()]

  test.each(MOMENTS)('Ctrl-C at "%s"', async (moment) => {
    const before = await inventory()
    const child = await runUntil(temporary, moment, WORDS)
    const ended = once(child, 'exit')
    process.kill(-child.pid!, 'SIGINT')
    expect(await ended).toEqual([130, null])
    expect(await inventory()).toEqual({ ours: [], others: before.others })
    expect(processesLeft(temporary)).toEqual([])
  })

  test.each(MOMENTS)('SIGKILL at "%s", and the next lab', async (moment) => {
    const before = await inventory()
    // A private network, so that there is a network and a generator's container to be left behind.
    const child = await runUntil(temporary, moment, [...WORDS, '--network', 'bridge'])
    const ended = once(child, 'exit')
    process.kill(-child.pid!, 'SIGKILL')
    await ended
    // What it asked the engine for just before its end may still be on its way.
    await expect.poll(async () => (await inventory()).ours.length).toBeGreaterThan(0)
    const [code] = (await once(startLab(temporary, ['clean']), 'exit')) as [number]
    expect(code).toBe(0)
    expect(await inventory()).toEqual({ ours: [], others: before.others })
  })

  test('a container that is not the lab’s is left alone, even with an image of the lab’s', async () => {
    const { docker } = engine!
    const foreign = await docker.createContainer({
      Image: DEFAULT_BASE,
      Cmd: ['sleep', '60'],
      Labels: { [LABEL]: 'image' },
    })
    await foreign.start()
    expect((await endedLab(['clean'])).code).toBe(0)
    expect((await foreign.inspect()).State.Running).toBe(true)
    await foreign.remove({ force: true })
  })
})

describe.skipIf(why)(`runtimes are chosen and told${skipped}`, () => {
  test('auto takes docker where an engine answers and has the images', { timeout: 300_000 }, async () => {
    const out = join(temporary, 'report')
    const { code, stdout } = await endedLab(
      ['--topology', 'app-server', '--suite', 'pep3333-call', '--no-load', '--json', '--out', out],
      { LAB_BASE_IMAGE: ownBase() },
    )
    expect(code).toBe(0)
    const run = Run.parse(JSON.parse(stdout))
    expect(run.runtimeBecause).toMatch(/^docker, because an engine answers/)
    expect(run.results[0]).toMatchObject({ runtime: 'docker', network: 'host' })
    expect(run.results[0]!.origin).toContain(ownBase())
  })

  test('native and docker in one run, and the report compares them', { timeout: 300_000 }, async () => {
    const out = join(temporary, 'report')
    const words = ['--topology', 'app-server', '--runtime', 'native,docker', '--base', ownBase()]
    const few = [
      '--profile',
      'smoke',
      '--repeats',
      '3',
      '--seconds',
      '0.5',
      '--suite',
      'pep3333-call',
      '--workload',
      'time',
    ]
    const { code, stdout } = await endedLab([...words, ...few, '--out', out])
    expect(code).toBe(0)
    expect(stdout).toMatch(/Native against containers, 1 topology: all \d+ verdicts agree/)
  })
})

describe('auto takes native where docker is not to be had, and says why', () => {
  test('no engine', async () => {
    const words = [
      '--topology',
      'app-server',
      '--suite',
      'pep3333-call',
      '--no-load',
      '--json',
      '--out',
      join(temporary, 'report'),
    ]
    const { code, stdout } = await endedLab(words, { DOCKER_HOST: 'unix:///no/such/socket' })
    expect(code).toBe(0)
    const run = Run.parse(JSON.parse(stdout))
    expect(run.runtimeBecause).toMatch(/^native, because docker is not to be had: No Docker Engine answers/)
    expect(run.results[0]!.runtime).toBe('native')
  })
})

describe('an engine that cannot be used is one clear message, and exit code 3', () => {
  const up = ['up', 'app-server', '--runtime', 'docker']
  const plain = async (ended: Promise<Ended>, said: RegExp) => {
    const { code, stdout, stderr } = await ended
    expect(stderr).toMatch(said)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(stdout).toBe('')
    expect(code).toBe(3)
  }

  test('it is not there', () =>
    plain(
      endedLab(up, { DOCKER_HOST: 'unix:///no/such/socket' }),
      /No Docker Engine answers[^]*apt-get install docker\.io/,
    ))

  test('it is on another machine', () =>
    plain(endedLab(up, { DOCKER_HOST: 'tcp://192.0.2.1:2375' }), /on another machine \(192\.0\.2\.1\)/))

  test.skipIf(why ?? process.getuid?.() !== 0)('its socket is not for this user', () =>
    plain(
      endedLab(up, { HOME: temporary }, ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']),
      /no permission to use the Docker Engine[^]*usermod -aG docker/,
    ),
  )

  /** Something that answers like an engine, on a socket of its own. */
  async function answering(listener: RequestListener, then: (host: string) => Promise<void>): Promise<void> {
    const socket = join(temporary, 'engine.sock')
    const server = createServer(listener).listen(socket)
    await once(server, 'listening')
    await then(`unix://${socket}`)
    server.closeAllConnections()
    server.close()
  }

  test('it is too old', () =>
    answering(
      (_, response) =>
        response.setHeader('Content-Type', 'application/json').end(
          JSON.stringify({
            ServerVersion: '18.09.1',
            IPAM: { Config: [{ Gateway: '127.0.0.1' }] },
            OSType: 'linux',
            Name: 'old',
            OperatingSystem: 'Debian',
          }),
        ),
      (host) => plain(endedLab(up, { DOCKER_HOST: host }), /Docker Engine 18\.09\.1 is too old[^]*20\.10/),
    ))

  test('it takes calls and never answers', () =>
    answering(
      () => {},
      (host) => plain(endedLab(up, { DOCKER_HOST: host }), /takes calls but does not answer/),
    ))
})
