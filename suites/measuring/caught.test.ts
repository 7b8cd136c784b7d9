import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import autocannon from 'autocannon'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Measurement } from '../../reports/run.ts'
import type { Deployment, Service } from '../../topologies/runtimes/index.ts'
import { contextSwitchesOf, processOf, usageOf } from '../../topologies/runtimes/processes.ts'
import { OK_CLOSE, serve } from '../generating/scripted-server.ts'
import type { Workload } from '../load/index.ts'
import { canPin } from './generator-process.ts'
import { load, measure, type MeasureOptions } from './measure.ts'
import { validity } from './validity.ts'

/** What is known to make figures wrong, done on purpose: it must be caught. The machine may add to it, so it is tried again. */
const NOISY = { retry: 3 }

const OPTIONS: MeasureOptions = {
  repeat: 1,
  warmUpSeconds: 0.5,
  seconds: 1.5,
  timeoutSeconds: 1,
  placement: { services: [0], generator: [1] },
}

const HELLO: Omit<Workload, 'loop'> = {
  name: 'hello',
  title: 'Hello',
  says: 'Asks for a greeting.',
  content: 'dynamic',
  application: 'pages',
  path: '/',
  expects: { status: 200, bytes: 5 },
}

/** Says hello to whatever it is sent, with a long head that costs the generator more than the server. */
const FAST = `
  const fields = Array.from({ length: 400 }, (_, n) => 'X-Field-' + n + ': something\\r\\n').join('')
  const hello = Buffer.from('HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n' + fields + '\\r\\nhello')
  const server = require('node:net').createServer({ noDelay: true }, (socket) => {
    socket.on('data', () => socket.write(hello))
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))`

/** A script in a process of its own on one CPU, ended with the test at the latest. */
function onCpu(cpu: number, script: string): ChildProcess {
  const child = spawn('taskset', ['-c', String(cpu), process.execPath, '-e', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** A process that burns a CPU, for twenty seconds at most. */
const hogOn = (cpu: number): ChildProcess => onCpu(cpu, 'for (const end = Date.now() + 2e4; Date.now() < end;);')

/** The fast server on CPU 0, as a deployment of one service. */
async function fastServer(): Promise<Deployment> {
  const child = onCpu(0, FAST)
  const [port] = await once(child.stdout!, 'data')
  const own = () => [processOf(child.pid!)!]
  const service: Partial<Service> = {
    role: 'app',
    server: 'fast',
    alive: () => child.exitCode === null,
    usage: () => usageOf(own(), 'cpu'),
    contextSwitches: () => contextSwitchesOf(own()),
  }
  const url = new URL(`http://127.0.0.1:${String(port).trim()}/`)
  // A measurement needs nothing else of a deployment.
  return { target: { hops: [{ role: 'app', server: 'fast', url }] }, services: [service] } as unknown as Deployment
}

const reasonsOf = ({ validity }: Pick<Measurement, 'validity'>): readonly string[] =>
  validity.valid ? [] : validity.reasons

describe('an autocannon that is not mended', NOISY, () => {
  const loop = { kind: 'closed', connections: 10 } as const
  const closing = () => serve(({ socket }) => socket.end(OK_CLOSE))

  test('is caught by Little’s law at a server that closes each connection', async () => {
    const { url } = await closing()
    const { requests, latency, duration, errors, timeouts } = await autocannon({
      url,
      connections: loop.connections,
      duration: 2,
    })
    const little = ((requests.total / duration) * latency.mean) / 1e3 / loop.connections
    const verdict = validity({
      ...{ loop, requests: requests.total, errors: 0, timeouts, errorKinds: {}, little },
      throughput: requests.total / duration,
      ...{ latency: null, generatorCpu: 0, generatorEventLoop: 0, foreignCpu: 0, medians: [], cpus: 2 },
      servicesUtilization: null,
    })
    expect(errors).toBeGreaterThanOrEqual(0)
    expect(little).toBeGreaterThan(2)
    expect(reasonsOf({ validity: verdict })).toEqual(['inconsistent'])
  })

  test.for(['autocannon', 'pacer'])('%s, as the lab uses it, keeps to it there', async (generator) => {
    const { url } = await closing()
    const measured = await load({ name: 'x', url, loop }, { ...OPTIONS, generator })
    expect(measured.connects).toBeGreaterThan(0.9 * measured.requests)
    expect(measured.little).toBeGreaterThan(0.9)
    expect(measured.little).toBeLessThan(1.1)
    expect(reasonsOf(measured)).not.toContain('inconsistent')
  })
})

describe.runIf(availableParallelism() > 1 && canPin())('on two CPUs', NOISY, () => {
  test('a generator that is slower than the server is caught', async () => {
    const workload: Workload = { ...HELLO, loop: { kind: 'closed', connections: 64 } }
    const measured = await measure(workload, await fastServer(), { ...OPTIONS, generator: 'autocannon' })
    expect(measured.usage[0]!.utilization).toBeLessThan(0.9)
    expect(reasonsOf(measured)).toContain('generator-bound')
  })

  test('a rate that no generator can keep is caught, and nothing of it is dropped silently', async () => {
    const workload: Workload = { ...HELLO, loop: { kind: 'open', rate: 300_000, connections: 64 } }
    const how = { ...OPTIONS, warmUpSeconds: 0, seconds: 0.5, timeoutSeconds: 10 }
    const measured = await measure(workload, await fastServer(), how)
    expect(measured.schedule!.due).toBe(150_000)
    expect(measured.requests + measured.errors + measured.timeouts).toBe(150_000)
    expect(measured.throughput).toBeLessThan(200_000)
    expect(reasonsOf(measured)).toContain('generator-bound')
  })

  test('somebody else’s work on the services’ CPU is caught', async () => {
    hogOn(0)
    const workload: Workload = { ...HELLO, loop: { kind: 'closed', connections: 16 } }
    const measured = await measure(workload, await fastServer(), OPTIONS)
    expect(measured.foreignCpu).toBeGreaterThan(0.25)
    expect(reasonsOf(measured)).toContain('disturbed')
  })

  test('somebody else’s work on the generator’s CPU is caught, even where nothing is known of the services', async () => {
    const { target } = await fastServer()
    hogOn(1)
    const url = target.hops[0].url.href
    const measured = await load({ name: 'x', url, loop: { kind: 'closed', connections: 16 } }, OPTIONS)
    expect(measured.foreignCpu).toBeNull()
    expect(measured.generatorDelay).toBeGreaterThan(0.2)
    expect(reasonsOf(measured)).toContain('disturbed')
  })
})
