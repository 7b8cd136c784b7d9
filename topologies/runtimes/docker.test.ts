import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT, servers, suites, topologies, workloads } from '../../scripts/catalogue.ts'
import { FILLINGS } from '../../scripts/fillings.ts'
import { chosenTopologies } from '../../scripts/options.ts'
import { nativeRuntime } from '../../scripts/runtime.ts'
import { testedEngine } from '../../scripts/tested-engine.ts'
import { judgeAll } from '../../suites/judging/judge.ts'
import { measure } from '../../suites/measuring/measure.ts'
import type { Topology } from '../index.ts'
import { ownBase } from './base.ts'
import { lookInside } from './containers/inside.ts'
import { LABEL, OWNER_LABEL } from './containers/engine.ts'
import { sharesFolders } from './containers/shared-folders.ts'
import { docker, type DockerOptions } from './docker.ts'
import type { Deployment, Runtime } from './index.ts'
import { ownerName } from './owner.ts'

const SIZE = { workers: 2, threads: 4 }
// The machine's own release, so that both runtimes have the same versions.
const base = ownBase()
const { engine, why } = await testedEngine(base)
const allTopologies = await topologies()
const allServers = await servers()
const named = (name: string) => allTopologies.find((topology) => topology.name === name)!
const containers = (options: Partial<DockerOptions> = {}, apps = join(ROOT, 'apps'), of = allServers) =>
  docker(engine!, of, apps, { base, ...options }, () => {})
/** Names of this process's containers and networks. */
const ours = async () => {
  const filters = { label: [`${OWNER_LABEL}=${ownerName()}`] }
  const found = await engine!.docker.listContainers({ all: true, filters })
  const networks = await engine!.docker.listNetworks({ filters })
  return [...found.flatMap(({ Names }) => Names), ...networks.map(({ Name }) => Name)]
}

describe.skipIf(why)(`topologies in containers${why ? ` (skipped: ${why})` : ''}`, () => {
  let runtime: Runtime
  beforeAll(async () => void (runtime = await containers()), 900_000)
  afterAll(() => runtime?.[Symbol.asyncDispose]())
  const up = (topology: Topology, application: string) => runtime.up(topology, { application, ...SIZE })

  test.each(allTopologies.map(({ name }) => name))('%s comes up, serves at every hop, leaves nothing', async (name) => {
    const deployment = await up(named(name), 'pages')
    for (const hop of deployment.target.hops) {
      const page = await fetch(new URL('/time', hop.url))
      expect(page.status).toBe(200)
      expect(await page.text()).toMatch(/\d\d:\d\d/)
      expect((await (await fetch(new URL('/static/16k.bin', hop.url))).bytes()).length).toBe(16_384)
    }
    for (const service of deployment.services) {
      const usage = await service.usage()
      expect(usage.pssBytes).toBeGreaterThan(1e6)
      expect(usage.processes).toBeGreaterThan(0)
      expect(service.version).toMatch(/^\d/)
    }
    expect(await ours()).toHaveLength(deployment.services.length)
    await deployment[Symbol.asyncDispose]()
    expect(await ours()).toEqual([])
  })

  test.each(FILLINGS)('%s works with %s', async (name, choices) => {
    const [topology] = await chosenTopologies([name], choices.split(' '))
    await using deployment = await up(topology!, 'pages')
    expect((await fetch(new URL('/time', deployment.target.hops[0].url))).status).toBe(200)
  })

  test('a container runs as nobody, on its CPUs, under its limit, and ends with its server’s own signal', async () => {
    await using limited = await containers({ memoryBytes: 64 * 1024 ** 2 }, undefined, [
      named('reverse-proxy').tiers[0].server,
      named('reverse-proxy').tiers[1]!.server,
    ])
    await using deployment = await limited.up(named('reverse-proxy'), {
      application: 'pages',
      ...SIZE,
      placement: { services: [0], generator: [0] },
    })
    const found = await engine!.docker.listContainers({ filters: { label: [`${OWNER_LABEL}=${ownerName()}`] } })
    const [nginx] = found.filter(({ Image }) => Image.startsWith('gateway-lab/nginx:'))
    const { Config, HostConfig } = await engine!.docker.getContainer(nginx!.Id).inspect()
    expect(Config.User).toBe('nobody:nogroup')
    expect((Config as { StopSignal?: string }).StopSignal).toBe('SIGQUIT')
    expect(HostConfig).toMatchObject({ CpusetCpus: '0', Memory: 64 * 1024 ** 2, NetworkMode: 'host' })
    expect(deployment.network).toBe('host')
  })

  test('lets a running request finish when a server is stopped', async () => {
    const deployment = await up(named('app-server'), 'probe')
    const answer = fetch(new URL('/?do=hold&seconds=1&nonce=slow', deployment.target.hops[0].url))
    await new Promise((resolve) => setTimeout(resolve, 300))
    await deployment[Symbol.asyncDispose]()
    expect((await answer).status).toBe(200)
  })

  test('a shell inside and the machine’s cgroup tell the same of a service', async () => {
    await using deployment = await up(named('app-server'), 'pages')
    const [service] = deployment.services
    for (let request = 0; request < 200; request++) await (await fetch(deployment.target.hops[0].url)).bytes()
    const [only] = await engine!.docker.listContainers({ filters: { label: [`${OWNER_LABEL}=${ownerName()}`] } })
    const inside = await lookInside(engine!.docker.getContainer(only!.Id))
    const outside = await service!.usage('cpu')
    expect(inside.processes).toHaveLength(3)
    expect(outside.processes).toBe(3)
    expect(inside.cpuSeconds).toBeGreaterThan(0.05)
    expect(outside.cpuSeconds / inside.cpuSeconds).toBeGreaterThan(0.5)
    expect(outside.cpuSeconds / inside.cpuSeconds).toBeLessThan(2)
    expect(inside.pssBytes).toBeGreaterThan(10e6)
    expect(inside.pssBytes).toBeLessThan(500e6)
  })

  test('with the same versions every verdict is the one that native gives', { timeout: 240_000 }, async () => {
    await using processes = await nativeRuntime(allTopologies)
    const chosen = await suites()
    const judged = async (where: Runtime) => {
      await using deployment = await where.up(named('three-tier'), { application: 'probe', ...SIZE })
      const verdicts = await judgeAll(chosen, deployment.target, new AbortController().signal)
      return {
        versions: deployment.services.map(({ server, version }) => `${server} ${version}`),
        verdicts: verdicts.map(({ role, clause, outcome, because }) => [
          `${clause} at ${role}`,
          // What is observed must agree too; how a failure is told may name ports.
          outcome === 'observed' ? `${outcome}: ${because}` : outcome,
        ]),
      }
    }
    const native = await judged(processes)
    const inContainers = await judged(runtime)
    expect(inContainers.versions).toEqual(native.versions)
    expect(inContainers.verdicts).toEqual(native.verdicts)
    expect(native.verdicts.length).toBeGreaterThan(150)
  })

  describe('in a private network', () => {
    let bridged: Runtime
    let deployment: Deployment
    beforeAll(async () => {
      bridged = await containers({ network: 'bridge' })
      deployment = await bridged.up(named('three-tier'), { application: 'environ', ...SIZE })
    })
    afterAll(async () => {
      await deployment?.[Symbol.asyncDispose]()
      await bridged?.[Symbol.asyncDispose]()
      expect(await ours()).toEqual([])
    })

    test('it is what an engine gets that does not run on this machine', async () => {
      const away = { ...engine!, isLocal: false }
      const [gunicorn] = named('app-server').tiers
      await using elsewhere = await docker(away, [gunicorn.server], join(ROOT, 'apps'), { base }, () => {})
      await using up = await elsewhere.up(named('app-server'), { application: 'pages', ...SIZE })
      expect(up.network).toBe('bridge')
      expect(up.target.events).toBeDefined()
      expect(await sharesFolders(engine!.docker, base, tmpdir())).toBe(true)
      expect(await sharesFolders(engine!.docker, base, '/no/such/folder')).toBe(false)
    })

    test('tiers find each other by name, and only loopback reaches them from outside', async () => {
      expect(deployment.network).toBe('bridge')
      const [cache, proxy] = deployment.services
      expect(Object.values(cache!.configuration).join('')).toContain('.host = "proxy"')
      expect(Object.values(proxy!.configuration).join('')).toContain('server app:')
      const listed = await engine!.docker.listContainers({ filters: { label: [`${OWNER_LABEL}=${ownerName()}`] } })
      expect(new Set(listed.flatMap(({ Ports }) => Ports.map(({ IP }) => IP)))).toEqual(new Set(['127.0.0.1']))
    })

    test('the application is told the client’s address only by the tier in front', async () => {
      const says = { headers: { 'X-Forwarded-For': '203.0.113.9', 'X-Forwarded-Proto': 'https' } }
      const answer = await (await fetch(deployment.target.hops[0].url, says)).text()
      expect(answer).toContain("wsgi.url_scheme = 'http'")
      expect(answer).toMatch(/HTTP_X_FORWARDED_FOR = '(?!203)/)
    })

    test('load comes from a container of its own, and its figures are consistent', async () => {
      await using measured = await bridged.up(named('reverse-proxy'), { application: 'pages', ...SIZE })
      const workload = (await workloads()).find(({ name }) => name === 'time')!
      const figures = await measure(workload, measured, {
        repeat: 1,
        warmUpSeconds: 0.2,
        seconds: 1,
        placement: { services: [], generator: [] },
      })
      expect(figures.errors).toBe(0)
      expect(figures.requests).toBeGreaterThan(100)
      expect(figures.little).toBeGreaterThan(0.85)
      expect(figures.little).toBeLessThan(1.15)
      expect(figures.usage.map(({ server }) => server)).toEqual(['nginx', 'gunicorn'])
      for (const tier of figures.usage) expect(tier.cpuMicrosecondsPerRequest).toBeGreaterThan(1)
    })
  })

  describe('what goes wrong is one clear message, and nothing stays behind', () => {
    test('an application that cannot be imported: the end of the container’s log', async () => {
      const apps = mkdtempSync(join(tmpdir(), 'broken-apps-'))
      writeFileSync(join(apps, 'broken.py'), 'import no_such_module\n')
      for (const network of ['host', 'bridge'] as const) {
        await using broken = await containers({ network }, apps, [named('app-server').tiers[0].server])
        const failing = broken.up(named('app-server'), { application: 'broken', ...SIZE }).then(() => 'up')
        await expect(failing).rejects.toThrow(/Gunicorn \(app\) ended[^]*No module named 'no_such_module'/)
        expect(await ours()).toEqual([])
      }
      rmSync(apps, { recursive: true })
    })

    test('a memory limit that is too small', async () => {
      await using small = await containers({ memoryBytes: 12 * 1024 ** 2 }, undefined, [
        named('app-server').tiers[0].server,
      ])
      const failing = small.up(named('app-server'), { application: 'pages', ...SIZE }).then(() => 'up')
      await expect(failing).rejects.toThrow(
        /Gunicorn \(app\) (was ended by the kernel: its memory limit|ended|did not|could not)/,
      )
      expect(await ours()).toEqual([])
    })

    test('a base image that does not exist, and one from which nothing can be built', async () => {
      await expect(containers({ base: 'debian:no-such-release-slim' }).then(() => 'up')).rejects.toThrow(
        /debian:no-such-release-slim is not there and cannot be pulled[^]*npm run base-image/,
      )
      const empty = 'gateway-lab-test/empty:1'
      const tar = Buffer.alloc(1024)
      const { Readable } = await import('node:stream')
      const imported = await engine!.docker.importImage(Readable.from([tar]), {
        repo: 'gateway-lab-test/empty',
        tag: '1',
      })
      await new Promise((resolve) => engine!.docker.modem.followProgress(imported, resolve))
      const before = new Set((await engine!.docker.listImages()).map(({ Id }) => Id))
      await expect(containers({ base: empty }).then(() => 'up')).rejects.toThrow(
        /The image gateway-lab\/[\w-]+:\w+ cannot be built[^]*Step \d+\/\d+ : RUN/,
      )
      // What the failed build left has the lab's label, so that a later lab removes it.
      const left = (await engine!.docker.listImages()).filter(({ Id }) => !before.has(Id))
      for (const { Labels } of left) expect(Labels).toMatchObject({ [LABEL]: 'image' })
      await engine!.docker.getImage(empty).remove()
    })

    test('two labs at once', async () => {
      const other = await containers({}, undefined, [named('app-server').tiers[0].server])
      await using first = await up(named('app-server'), 'pages')
      const second = await other.up(named('app-server'), { application: 'pages', ...SIZE })
      await second[Symbol.asyncDispose]()
      await other[Symbol.asyncDispose]()
      expect((await fetch(new URL('/time', first.target.hops[0].url))).status).toBe(200)
    })
  })
})
