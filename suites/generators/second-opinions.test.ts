import { setTimeout as delay } from 'node:timers/promises'
import { decodeFromCompressedBase64 } from 'hdr-histogram-js'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Measurement } from '../../reports/run.ts'
import { onPath } from '../../topologies/runtimes/on-path.ts'
import { OK, OK_CLOSE, serve, type Asked } from '../generating/scripted-server.ts'
import { load, type UrlLoad } from '../measuring/measure.ts'

const CONNECTIONS = 8

/** Others' generators, the packages they come in, and what they call an answer of status 503. */
const OTHERS = [
  { generator: 'wrk', debian: 'wrk', unavailable: 'status above 399' },
  { generator: 'h2load', debian: 'nghttp2-client', unavailable: 'status 503' },
] as const

interface Asking extends Partial<UrlLoad> {
  readonly url: string
  readonly generator: (typeof OTHERS)[number]['generator']
}

const measured = ({ generator, ...asked }: Asking, warmUpSeconds = 0): Promise<Measurement> =>
  load(
    { name: 'test', loop: { kind: 'closed', connections: CONNECTIONS }, expects: { status: 200, bytes: 5 }, ...asked },
    {
      ...{ repeat: 1, warmUpSeconds, seconds: 1, timeoutSeconds: 2, generator },
      placement: { services: [], generator: [] },
    },
  )

/** Answers at once, but stands still for 300 ms once, soon after the first request. */
function stalling(): (asked: Asked) => void {
  let began: number | undefined
  return ({ socket }) => {
    began ??= performance.now()
    const at = performance.now() - began
    if (at < 400 || at > 700) socket.write(OK)
    else void delay(700 - at).then(() => socket.write(OK))
  }
}

// A machine that stands still for a moment is not what is tested.
const NOISY = { retry: 2 }

describe.for(OTHERS)('$generator', ({ generator, debian, unavailable }) => {
  describe.skipIf(!onPath(generator))('installed', NOISY, () => {
    describe('right figures', () => {
      test('a server that takes 20 ms is measured as 20 ms', async () => {
        const { url } = await serve(({ socket }) => void delay(20).then(() => socket.write(OK)))
        const { latency, little, errors } = await measured({ generator, url })
        expect(errors).toBe(0)
        expect(latency!.p50).toBeGreaterThan(19)
        expect(latency!.p50).toBeLessThan(26)
        expect(little).toBeGreaterThan(0.95)
        expect(little).toBeLessThan(1.05)
      })

      test('of a stall only the requests that waited are slow, and none is invented', async () => {
        const { url } = await serve(stalling())
        const { requests, histogram, little } = await measured({ generator, url })
        const latencies = decodeFromCompressedBase64(histogram)
        expect(latencies.totalCount).toBe(requests)
        const slowest = (rank: number) => latencies.getValueAtPercentile((1 - (rank - 0.5) / requests) * 100) / 1e3
        expect(slowest(CONNECTIONS)).toBeGreaterThan(200)
        expect(slowest(CONNECTIONS + 1)).toBeLessThan(200)
        expect(little).toBeGreaterThan(0.95)
        expect(little).toBeLessThan(1.05)
      })

      test('only the window counts: the warm-up is a run of its own', async () => {
        let asked = 0
        const { url } = await serve(
          ({ socket, total }) => void delay(5).then(() => socket.write(((asked = total), OK))),
        )
        const { requests, seconds, bytes } = await measured({ generator, url }, 1)
        expect(seconds).toBeGreaterThan(0.99)
        expect(requests).toBeLessThan(asked * 0.8)
        expect(bytes / requests).toBeCloseTo(OK.length, -1)
      })
    })

    test('an answer of status 503 is an error', async () => {
      const wrong = 'HTTP/1.1 503 Oops\r\nContent-Length: 5\r\n\r\nhello'
      const { url } = await serve(({ socket, total }) => socket.write(total % 10 === 0 ? wrong : OK))
      const { requests, errors, errorKinds, validity } = await measured({ generator, url })
      expect(errorKinds).toEqual({ [unavailable]: errors })
      expect(errors / (requests + errors)).toBeCloseTo(0.1, 1)
      expect(validity).toMatchObject({ valid: false, reasons: expect.arrayContaining(['errors']) })
    })

    test('uploads bodies by POST', async () => {
      const heads = new Set<string>()
      const { url } = await serve(({ socket, head }) => {
        heads.add(`${head.split(' ', 1)[0]} ${/^content-length: \d+/im.exec(head)?.[0].toLowerCase()}`)
        socket.write(OK)
      })
      const { requests, errors } = await measured({ generator, url, uploadBytes: 5000 })
      expect([...heads]).toEqual(['POST content-length: 5000'])
      expect(errors).toBe(0)
      expect(requests).toBeGreaterThan(100)
    })

    test('a wrong first answer ends it: the others are not looked at as closely', async () => {
      const { url } = await serve(({ socket }) => socket.write(OK))
      await expect(measured({ generator, url, expects: { status: 200, bytes: 6 } })).rejects.toThrow(
        `The generator ${generator} failed: the first answer was wrong (5 bytes)`,
      )
    })
  })

  test('where it is not installed, it says what to do', async () => {
    vi.stubEnv('PATH', '/nowhere')
    onTestFinished(() => void vi.unstubAllEnvs())
    await expect(measured({ generator, url: 'http://127.0.0.1:9/' })).rejects.toThrow(
      `The generator ${generator} cannot produce this load: ${generator} is not installed (apt-get install ${debian}).`,
    )
  })
})

describe.skipIf(!onPath('wrk'))('wrk alone', NOISY, () => {
  test('a response that is cut short is an error, and the connection is replaced', async () => {
    const { url, connections } = await serve(({ socket, total }) =>
      total % 10 === 0 ? socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe') : socket.write(OK),
    )
    const { requests, errors, errorKinds } = await measured({ generator: 'wrk', url })
    expect(errorKinds).toEqual({ 'connection lost while reading': errors })
    expect(errors / (requests + errors)).toBeCloseTo(0.1, 1)
    expect(connections()).toBeGreaterThan(errors)
  })

  test('a connection for each request, when that is asked for', async () => {
    const { url, connections } = await serve(({ socket, head }) =>
      /^connection: close/im.test(head) ? socket.end(OK_CLOSE) : socket.write(OK),
    )
    const { requests, errors } = await measured({ generator: 'wrk', url, connection: 'close' })
    expect(errors).toBe(0)
    expect(requests).toBeGreaterThan(100)
    expect(connections()).toBeGreaterThanOrEqual(requests)
  })
})

describe.skipIf(!onPath('h2load'))('h2load alone', NOISY, () => {
  test('a connection that is lost is an error, and its place stays empty', async () => {
    const { url } = await serve(({ socket, total }) =>
      total === 500 || total === 1000
        ? socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe')
        : void delay(1).then(() => socket.write(OK)),
    )
    const { errors, errorKinds, validity } = await measured({ generator: 'h2load', url })
    expect({ errors, errorKinds }).toEqual({ errors: 2, errorKinds: { 'connection lost': 2 } })
    expect(validity).toMatchObject({ valid: false, reasons: ['inconsistent'] })
  })

  test('servers that close connections are refused: it would not stop', async () => {
    const { url } = await serve(({ socket }) => socket.end(OK_CLOSE))
    await expect(measured({ generator: 'h2load', url })).rejects.toThrow(
      'it does not stop while servers close connections',
    )
    await expect(measured({ generator: 'h2load', url, connection: 'close' })).rejects.toThrow('it does not stop')
  })
})
