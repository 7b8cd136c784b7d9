import { createServer, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { decodeFromCompressedBase64 } from 'hdr-histogram-js'
import { expect, onTestFinished, test } from 'vitest'
import pacer from '../generators/pacer.ts'
import type { Load } from '../generators/index.ts'
import { produceTogether } from './together.ts'

/** A server that answers at once and tells when it was asked, and over how many connections. */
async function serve(asked: (request: IncomingMessage) => void): Promise<{ url: string; connections: () => number }> {
  let connections = 0
  const server = createServer((request, response) => {
    asked(request)
    response.end('hello')
  })
  server.on('connection', () => (connections += 1))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, connections: () => connections }
}

const LOAD = { warmUpSeconds: 0.2, seconds: 1, timeoutSeconds: 2, expects: { status: 200, bytes: 5 } } as const
const silent = { begin() {}, end() {} }
/** Two processes, on the same CPU: this machine may have no more. */
const TWO = [0, 0]

// Even times need a machine that is quiet for a second.
test(
  'two processes produce one open loop: all that is due, at even times, in one recording',
  { retry: 2 },
  async () => {
    const times: number[] = []
    const { url } = await serve(() => times.push(performance.now()))
    const edges: string[] = []
    const window = { begin: () => void edges.push('begin'), end: () => void edges.push('end') }
    const load: Load = { ...LOAD, url, loop: { kind: 'open', rate: 200, connections: 8 } }
    const recording = await produceTogether(pacer, load, { cpus: TWO, window })
    expect(edges).toEqual(['begin', 'end'])
    expect(recording).toMatchObject({ errors: 0, timeouts: 0, schedule: { due: recording.requests } })
    // Either may count one more or less at its edges.
    expect(Math.abs(recording.requests - 200)).toBeLessThanOrEqual(2)
    expect(decodeFromCompressedBase64(recording.histogram).totalCount).toBe(recording.requests)
    const inSlices = recording.slices!.map((slice) => decodeFromCompressedBase64(slice).totalCount)
    expect(inSlices.reduce((sum, count) => sum + count, 0)).toBe(recording.requests)
    expect(recording.busiestCpuSeconds).toBeLessThan(recording.cpuSeconds)
    // 5 ms apart when they take turns; two processes out of step would come in pairs, 10 ms apart.
    const gaps = times.slice(1).map((time, index) => time - times[index]!)
    expect(gaps.filter((gap) => gap > 2.5 && gap < 7.5).length / gaps.length).toBeGreaterThan(0.6)
  },
)

test('two processes share the connections of a closed loop out', { retry: 2 }, async () => {
  const { url, connections } = await serve(() => {})
  const load: Load = { ...LOAD, url, loop: { kind: 'closed', connections: 5 } }
  const recording = await produceTogether(pacer, load, { cpus: TWO, window: silent })
  expect(connections()).toBe(5)
  expect(recording.requests).toBe(decodeFromCompressedBase64(recording.histogram).totalCount)
  const mean = decodeFromCompressedBase64(recording.histogram).mean / 1e6
  // Little's law, over both.
  expect((recording.requests / recording.seconds) * mean).toBeGreaterThan(0.9 * 5)
  expect((recording.requests / recording.seconds) * mean).toBeLessThan(1.1 * 5)
})

test('when one of several fails, all end and it is said why', async () => {
  const { url } = await serve(() => {})
  const load: Load = {
    ...LOAD,
    url: url.replace('http:', 'https:'),
    seconds: 30,
    loop: { kind: 'closed', connections: 2 },
  }
  const began = performance.now()
  await expect(produceTogether(pacer, load, { cpus: TWO, window: silent })).rejects.toThrow(
    /^The generator pacer failed/,
  )
  expect(performance.now() - began).toBeLessThan(15_000)
})
