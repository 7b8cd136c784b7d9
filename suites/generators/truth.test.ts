import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Measurement } from '../../reports/run.ts'
import { OK, OK_CLOSE, serve, type Asked } from '../generating/scripted-server.ts'
import { load } from '../measuring/measure.ts'
import type { Load } from './index.ts'

/** The lab's generators, which have to come to the same figures. */
const GENERATORS = ['autocannon', 'pacer'] as const

interface Asking {
  readonly generator: (typeof GENERATORS)[number]
  readonly connections?: number
  readonly seconds?: number
  readonly timeoutSeconds?: number
  readonly expects?: Load['expects']
}

function measured(
  url: string,
  { generator, connections = 5, seconds = 0.4, timeoutSeconds = 2, expects }: Asking,
): Promise<Measurement> {
  return load(
    { name: 'test', url, loop: { kind: 'closed', connections }, ...(expects && { expects }) },
    { repeat: 1, warmUpSeconds: 0.1, seconds, timeoutSeconds, placement: { services: [], generator: [] }, generator },
  )
}

const HELLO = { status: 200, bytes: 5 }

// A machine that stands still for a moment is not what is tested.
const NOISY = { retry: 2 }

describe.each(GENERATORS)('%s', (generator) => {
  describe('right figures', NOISY, () => {
    test('a server that takes 20 ms is measured as 20 ms, and connections / 20 ms requests a second', async () => {
      const { url } = await serve(({ socket }) => void delay(20).then(() => socket.write(OK)))
      const { latency, little, throughput, errors } = await measured(url, {
        generator,
        connections: 10,
        seconds: 1.5,
        expects: HELLO,
      })
      expect(errors).toBe(0)
      expect(latency!.p50).toBeGreaterThan(19)
      expect(latency!.p50).toBeLessThan(26)
      expect(throughput).toBeGreaterThan(10 / 0.03)
      expect(throughput).toBeLessThan(10 / 0.019)
      expect(little).toBeGreaterThan(0.9)
      expect(little).toBeLessThan(1.1)
    })

    test('latencies below a millisecond are not rounded away', async () => {
      const { url } = await serve(({ socket }) => socket.write(OK))
      const { latency, little } = await measured(url, { generator, connections: 1 })
      expect(latency!.p50 % 1).not.toBe(0)
      expect(little).toBeCloseTo(1, 1)
    })

    test('only the window counts: the warm-up is not in it', async () => {
      let last = 0
      const { url } = await serve(({ socket, total }) => void delay(5).then(() => socket.write(((last = total), OK))))
      const { requests, seconds, bytes } = await measured(url, { generator, connections: 2 })
      expect(seconds).toBeGreaterThan(0.39)
      expect(requests).toBeLessThan(last * 0.95)
      expect(bytes / requests).toBeCloseTo(OK.length, -1)
    })
  })

  describe('servers that close connections', NOISY, () => {
    const closing: Record<string, (asked: Asked) => void> = {
      'and say so': ({ socket }) => socket.end(OK_CLOSE),
      'and say so, but leave the closing to the client': ({ socket }) => socket.write(OK_CLOSE),
      'and do not say so': ({ socket }) => socket.end(OK),
      'as HTTP/1.0 does, with Content-Length': ({ socket }) =>
        socket.end('HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello'),
      'as HTTP/1.0 does, ending the body with it': ({ socket }) => socket.end('HTTP/1.0 200 OK\r\n\r\nhello'),
      'every 20 requests, announced': ({ socket, onConnection }) =>
        onConnection % 20 === 0 ? socket.end(OK_CLOSE) : socket.write(OK),
    }
    test.for(Object.entries(closing))('%s: mean latency is connections / throughput', async ([, answer]) => {
      const { url } = await serve(answer)
      const { errorKinds, timeouts, requests, little } = await measured(url, {
        generator,
        connections: 10,
        seconds: 1,
        expects: HELLO,
      })
      expect({ errorKinds, timeouts }).toEqual({ errorKinds: {}, timeouts: 0 })
      expect(requests).toBeGreaterThan(100)
      expect(little).toBeGreaterThan(0.85)
      expect(little).toBeLessThan(1.15)
    })

    test('HTTP/1.0 with keep-alive keeps its connections', async () => {
      const answer = 'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 5\r\n\r\nhello'
      const { url, connections } = await serve(({ socket }) => socket.write(answer))
      expect((await measured(url, { generator, expects: HELLO })).errors).toBe(0)
      expect(connections()).toBe(5)
    })
  })

  describe.concurrent('wrong answers are errors, and nothing hangs', () => {
    const every10th =
      (wrong: (socket: net.Socket) => void) =>
      ({ socket, total }: Asked) =>
        void (total % 10 === 0 ? wrong(socket) : socket.write(OK))
    const wrong: Record<string, (socket: net.Socket) => void> = {
      'truncated response': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe'),
      'closed without an answer': (socket) => socket.end(),
      'connection reset': (socket) => socket.resetAndDestroy(),
      'status 503': (socket) => socket.write('HTTP/1.1 503 Oops\r\nContent-Length: 5\r\n\r\nhello'),
      'wrong length': (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello!'),
      'malformed response': (socket) => socket.write('SSH-2.0-OpenSSH\r\n'),
      'bytes after the response': (socket) => socket.write(`${OK}more`),
    }
    test.for(Object.entries(wrong))('%s', async ([kind, answer]) => {
      const { url } = await serve(every10th(answer))
      const { requests, errors, errorKinds, timeouts, validity } = await measured(url, { generator, expects: HELLO })
      expect(Object.keys(errorKinds)).toEqual([kind])
      expect(errors / (requests + errors)).toBeCloseTo(0.1, 1)
      expect(timeouts).toBe(0)
      expect(validity).toMatchObject({
        valid: false,
        because: expect.arrayContaining([expect.stringContaining(`x ${kind}`)]),
      })
    })

    test('a body cut short in chunks', async () => {
      const answer = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'
      const { url } = await serve(({ socket, total }) =>
        total % 2 === 0 ? socket.end(answer) : socket.write(`${answer}0\r\n\r\n`),
      )
      const { errors, errorKinds, requests } = await measured(url, { generator, expects: HELLO })
      expect(Object.keys(errorKinds)).toEqual(['truncated response'])
      expect(errors / requests).toBeCloseTo(1, 0)
    })

    test('no answer at all is a timeout, and the connection is replaced', async () => {
      const { url, connections } = await serve(({ socket, total }) => total % 50 === 0 || socket.write(OK))
      const { timeouts, errors } = await measured(url, { generator, connections: 3, seconds: 1.5, timeoutSeconds: 1 })
      expect(timeouts).toBeGreaterThanOrEqual(3)
      expect(errors).toBe(0)
      expect(connections()).toBeGreaterThan(3)
    })

    test('a refused connection is counted without spinning', async () => {
      const server = net.createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as net.AddressInfo
      await new Promise((resolve) => server.close(resolve))
      const { requests, errorKinds, latency, generatorCpu } = await measured(`http://127.0.0.1:${port}/`, { generator })
      expect({ requests, latency }).toEqual({ requests: 0, latency: null })
      expect(errorKinds['connection refused']).toBeGreaterThan(5)
      expect(errorKinds['connection refused']).toBeLessThan(40)
      expect(generatorCpu).toBeLessThan(0.5)
    })
  })

  describe.concurrent('unusual but right answers', () => {
    test('a response after 103 Early Hints counts once', async () => {
      let asked = 0
      const { url } = await serve(
        ({ socket, total }) => ((asked = total), socket.write(`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${OK}`)),
      )
      const { requests, errors } = await measured(url, { generator, expects: HELLO })
      expect(errors).toBe(0)
      expect(requests).toBeLessThan(asked)
    })

    test('a 304 with a Content-Length has no body', async () => {
      const { url } = await serve(({ socket }) =>
        socket.write('HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'),
      )
      const { requests, errors, timeouts } = await measured(url, { generator })
      expect({ errors, timeouts }).toEqual({ errors: 0, timeouts: 0 })
      expect(requests).toBeGreaterThan(100)
    })

    test('a response in single bytes is whole', async () => {
      const { url } = await serve(async ({ socket }) => {
        for (const byte of OK) {
          socket.write(byte)
          await delay(1)
        }
      })
      const { requests, errors } = await measured(url, { generator, connections: 2, seconds: 1, expects: HELLO })
      expect(errors).toBe(0)
      expect(requests).toBeGreaterThan(5)
    })

    test('a response in two pieces is whole, wherever it is cut', async () => {
      const { url } = await serve(async ({ socket, total }) => {
        const cut = total % OK.length
        socket.setNoDelay(true).write(OK.slice(0, cut))
        await delay(1)
        socket.write(OK.slice(cut))
      })
      const { requests, errorKinds } = await measured(url, { generator, connections: 10, expects: HELLO })
      expect(errorKinds).toEqual({})
      expect(requests).toBeGreaterThan(2 * OK.length)
    })

    test('a name is as good as an address', async () => {
      const { url } = await serve(({ socket }) => socket.write(OK))
      const { errors, requests } = await measured(url.replace('127.0.0.1', 'localhost'), { generator, expects: HELLO })
      expect(errors).toBe(0)
      expect(requests).toBeGreaterThan(100)
    })
  })

  describe('hostile answers end with the timeout at the latest', () => {
    const MEGABYTE = 'x'.repeat(1 << 20)
    const flood =
      (head: string) =>
      ({ socket }: Asked) => {
        const pour = (): void => {
          while (!socket.destroyed && socket.write(MEGABYTE));
        }
        socket.write(head)
        socket.on('drain', pour)
        pour()
      }
    const hostile: Record<string, string> = {
      'an endless body': 'HTTP/1.1 200 OK\r\n\r\n',
      'an endless header': 'HTTP/1.1 200 OK\r\nX: ',
      'an endless chunk size': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;',
      'an endless trailer': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ',
    }
    test.for(Object.entries(hostile))('%s', async ([, head]) => {
      // Anything that is kept of it would end the generator's process within the second.
      vi.stubEnv('NODE_OPTIONS', '--max-old-space-size=48')
      onTestFinished(() => void vi.unstubAllEnvs())
      const { url } = await serve(flood(head))
      const { requests, errors, timeouts } = await measured(url, {
        generator,
        connections: 2,
        seconds: 1.5,
        timeoutSeconds: 1,
      })
      expect(requests).toBe(0)
      expect(errors + timeouts).toBeGreaterThan(0)
    })
  })
})
