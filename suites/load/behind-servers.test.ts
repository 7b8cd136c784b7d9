import { afterAll, beforeAll, expect, test } from 'vitest'
import { servers, topologies } from '../../scripts/catalogue.ts'
import { fill, parseServerChoice } from '../../scripts/choices.ts'
import { nativeRuntime } from '../../scripts/runtime.ts'
import { filling, type Topology } from '../../topologies/index.ts'
import type { Deployment, Runtime } from '../../topologies/runtimes/index.ts'

/** What the workloads ask for, through real servers: the right answers at every hop, and caches that keep what they may. */
const [allTopologies, allServers] = [await topologies(), await servers()]
let runtime: Runtime
beforeAll(async () => {
  runtime = await nativeRuntime(allTopologies)
}, 400_000)
afterAll(() => runtime[Symbol.asyncDispose]())

/** A topology of the catalogue with the Python server in one of its variants. */
function withGunicorn(name: string, variant: string): Topology {
  const choice = parseServerChoice(`app=gunicorn/${variant}`, allServers)
  return fill([allTopologies.find((topology) => topology.name === name)!], [choice])[0]!
}

const up = (topology: Topology, workers = 2): Promise<Deployment> =>
  runtime.up(topology, { application: 'pages', workers, threads: 4 })

/** Asks on a connection of its own: a server that is told to stop waits for those that are kept. */
const ask = (url: URL, path: string, uploadBytes?: number): Promise<Response> =>
  fetch(new URL(path, url), {
    headers: { connection: 'close' },
    ...(uploadBytes === undefined ? {} : { method: 'POST', body: new Uint8Array(uploadBytes) }),
  })

/** Lengths of what is asked for. */
const LENGTHS = {
  '/time': 21,
  '/page': 4096,
  '/page/7': 4096,
  '/static/16k.bin': 16_384,
  '/cpu': 9,
  '/wait': 7,
  '/stream': 262_144,
}

const ALL = [
  ...['sync', 'gthread', 'gevent'].map((variant) => withGunicorn('three-tier', variant)),
  ...allTopologies.filter(({ name }) => name === 'daemon-host'),
].map((topology) => [filling(topology), topology] as const)

test.for(ALL)('every hop answers rightly: %s', async ([, topology]) => {
  await using deployment = await up(topology)
  for (const { url, server } of deployment.target.hops) {
    for (const [path, length] of Object.entries(LENGTHS)) {
      const response = await ask(url, path)
      const { length: found } = await response.bytes()
      expect([server, path, response.status, found]).toEqual([server, path, 200, length])
    }
    expect(await (await ask(url, '/upload', 65_536)).text()).toBe('  65536\n')
    expect((await ask(url, '/page/abc')).status).toBe(404)
  }
})

test('a page is made once for all who ask a cache, and each time where there is none', async () => {
  await using deployment = await up(withGunicorn('three-tier', 'gthread'))
  for (const { url, role } of deployment.target.hops) {
    const made = async (): Promise<number> => Number((await ask(url, '/page/7')).headers.get('x-made-at'))
    const [first, second] = [await made(), await made()]
    expect(first).toBeGreaterThan(0)
    if (role === 'cache') expect(second).toBe(first)
    else expect(second).toBeGreaterThan(first)
  }
})

test('one process with greenlets waits for many at once', async () => {
  await using deployment = await up(withGunicorn('app-server', 'gevent'), 1)
  const { url } = deployment.target.hops[0]
  const began = performance.now()
  const all = Array.from({ length: 100 }, async () => (await ask(url, '/wait')).text())
  expect(new Set(await Promise.all(all))).toEqual(new Set(['waited\n']))
  // One after the other they would take 2 s at the least.
  expect(performance.now() - began).toBeLessThan(2000)
})
