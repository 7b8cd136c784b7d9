import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Deployment, Service } from '../../topologies/runtimes/index.ts'
import type { Workload } from '../load/index.ts'
import { load, measure, type MeasureOptions } from './measure.ts'
import { servicesUtilization } from './used.ts'

const OPTIONS: MeasureOptions = {
  repeat: 1,
  warmUpSeconds: 0.1,
  seconds: 0.5,
  timeoutSeconds: 1,
  placement: { services: [], generator: [] },
}

const WORKLOAD: Workload = {
  name: 'greeting',
  title: 'A greeting',
  says: 'Asks for a greeting.',
  content: 'dynamic',
  application: 'pages',
  path: '/greeting',
  loop: { kind: 'closed', connections: 2 },
  expects: { status: 200, bytes: 5 },
}

/** A server of this process that greets after 2 ms, at a URL. */
async function greeter(): Promise<URL> {
  const server = createServer((request, response) =>
    setTimeout(() => response.writeHead(request.url === '/greeting' ? 200 : 404).end('hello'), 2),
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

/** A deployment that was not brought up: its services say whatever the test wants. */
const deployed = (url: URL, services: readonly Partial<Service>[]): Deployment =>
  // A measurement needs nothing else of a deployment.
  ({ target: { hops: [{ role: 'app', server: 'fake', url }] }, services }) as unknown as Deployment

const working: Partial<Service> = { role: 'app', server: 'fake', alive: () => true, contextSwitches: () => undefined }

test('a measurement holds what each service used in the window, and how much memory it held after it', async () => {
  const asked: string[] = []
  let switches = 1000
  const service: Partial<Service> = {
    ...working,
    contextSwitches: () => {
      asked.push('context switches')
      return (switches += 250)
    },
    usage: async (what = 'memory') => {
      asked.push(what)
      // Half a CPU, all the time.
      return { cpuSeconds: performance.now() / 2e3, pssBytes: what === 'memory' ? 1e6 : null, processes: 3, threads: 9 }
    },
  }
  const { usage, throughput, workload, errors, foreignCpu, latency } = await measure(
    WORKLOAD,
    deployed(await greeter(), [service]),
    OPTIONS,
  )
  expect({ workload, errors }).toEqual({ workload: 'greeting', errors: 0 })
  expect(latency!.p50).toBeGreaterThan(1.9)
  // The time of a reading counts, so that what takes longer comes after it; memory is read when the window is over.
  expect(asked).toEqual(['cpu', 'context switches', 'cpu', 'context switches', 'memory'])
  expect(usage).toMatchObject([
    { role: 'app', server: 'fake', pssBytes: 1e6, processes: 3, threads: 9, contextSwitches: 250 },
  ])
  expect(usage[0]!.utilization).toBeCloseTo(0.5, 1)
  expect(usage[0]!.cpuMicrosecondsPerRequest).toBeCloseTo(0.5e6 / throughput, -2)
  expect(foreignCpu === null || foreignCpu >= 0).toBe(true)
})

test('a service that dies ends the measurement at once, with the end of its log', async () => {
  const began = performance.now()
  const dying: Partial<Service> = {
    ...working,
    server: 'gunicorn',
    alive: () => performance.now() - began < 300,
    usage: async () => ({ cpuSeconds: 0, pssBytes: null, processes: 0, threads: 0 }),
    logs: async () => 'starting\nMemoryError',
  }
  const measuring = measure(WORKLOAD, deployed(await greeter(), [dying]), { ...OPTIONS, seconds: 20 })
  await expect(measuring).rejects.toThrow(
    /^gunicorn ended while greeting was being measured\.\n.*log:\n {2}starting\n {2}MemoryError$/,
  )
  expect(performance.now() - began).toBeLessThan(5000)
})

test('an aborted measurement ends with the reason', async () => {
  const what = { name: 'x', url: (await greeter()).href, loop: WORKLOAD.loop }
  const signal = AbortSignal.timeout(200)
  await expect(load(what, { ...OPTIONS, seconds: 20, signal })).rejects.toBe(
    await once(signal, 'abort').then(() => signal.reason),
  )
})

test('a generator that crashes is named, with its last words', async () => {
  vi.stubEnv('NODE_OPTIONS', '--require=/does/not/exist')
  onTestFinished(() => void vi.unstubAllEnvs())
  const loading = load({ name: 'x', url: 'http://127.0.0.1:9/', loop: WORKLOAD.loop }, OPTIONS)
  await expect(loading).rejects.toThrow(
    /^The generator autocannon ended without a result \(exit code 1\)\.\n[^]*does\/not\/exist/,
  )
})

test('a tier is as busy as its own CPUs are; services with CPUs of their own are as busy as the busiest', async () => {
  const busy = (role: 'app' | 'proxy', cpus: number): Partial<Service> => ({
    ...working,
    role,
    usage: async () => ({ cpuSeconds: (performance.now() / 1e3) * cpus, pssBytes: null, processes: 1, threads: 1 }),
  })
  const placement = { services: [0, 1, 2], generator: [], tiers: { proxy: [0, 1], app: [2] } }
  const services = [busy('proxy', 0.5), busy('app', 0.75)]
  const { usage } = await measure(WORKLOAD, deployed(await greeter(), services), { ...OPTIONS, placement })
  expect(usage).toMatchObject([
    { utilization: expect.closeTo(0.25, 1) as number, ownCpus: 2 },
    { utilization: expect.closeTo(0.75, 1) as number, ownCpus: 1 },
  ])
  expect(usage[0]).not.toHaveProperty('contextSwitches')
  expect(servicesUtilization(usage)).toBeCloseTo(0.75, 1)
})

test('an open loop is measured by what was due, with its schedule and without Little’s law', async () => {
  const loop = { kind: 'open', rate: 200, connections: 16 } as const
  const found = await load({ name: 'x', url: `${await greeter()}greeting`, loop }, { ...OPTIONS, seconds: 1 })
  expect(found).toMatchObject({ generator: 'pacer', loop, little: null, errors: 0, schedule: { due: 200, queued: 0 } })
  expect(found.requests).toBe(200)
  expect(found.latency!.p50).toBeGreaterThan(1.9)
  expect(found.latency).toMatchObject({ p99: expect.any(Number) as number, p999: null })
  expect(found.within!.p50.low).toBeLessThanOrEqual(found.latency!.p50)
  expect(found.within!.p50.high).toBeGreaterThanOrEqual(found.latency!.p50)
})

test('what the generator does not speak is refused, not mismeasured', async () => {
  const loading = load({ name: 'x', url: 'https://127.0.0.1:9/', loop: WORKLOAD.loop }, OPTIONS)
  await expect(loading).rejects.toThrow('The generator autocannon failed: it speaks http: only, not https:')
})

test('a generator on a CPU of the services makes a measurement invalid', async () => {
  const what = { name: 'x', url: `${await greeter()}greeting`, loop: { kind: 'closed', connections: 32 } } as const
  const { validity } = await load(what, { ...OPTIONS, placement: { services: [0], generator: [0] } })
  expect(validity).toMatchObject({ valid: false })
  expect(validity.valid || validity.because).toContain('The generator shared CPU 0 with the services.')
})

test.runIf(process.platform === 'linux')('the generator does not outlive a lab that is killed', async () => {
  const url = `${await greeter()}greeting`
  const script = `
    import { load } from ${JSON.stringify(new URL('./measure.ts', import.meta.url).href)}
    await load({ name: 'x', url: '${url}', loop: { kind: 'closed', connections: 1 } }, ${JSON.stringify({ ...OPTIONS, seconds: 30 })})`
  const lab = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' })
  onTestFinished(() => void lab.kill('SIGKILL'))
  const generators = (): string[] =>
    readdirSync('/proc').filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/stat`, 'utf8').includes(`) S ${lab.pid} `)
      } catch {
        return false
      }
    })
  await vi.waitUntil(() => generators().length > 0, { timeout: 5000 })
  const [generator] = generators()
  await delay(500)
  lab.kill('SIGKILL')
  await vi.waitUntil(() => !readdirSync('/proc').includes(generator!), { timeout: 5000 })
})
