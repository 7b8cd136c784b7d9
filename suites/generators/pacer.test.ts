import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { OK, OK_CLOSE, serve, type Asked } from '../generating/scripted-server.ts'
import { latencyOf } from '../measuring/latency.ts'
import { produce } from '../measuring/generator-process.ts'
import type { Load, Recording } from './index.ts'

// A machine that stands still for a moment is not what is tested.
const NOISY = { retry: 2 }

function paced(url: string, load: Partial<Load>): Promise<Recording> {
  const whole: Load = {
    url,
    loop: { kind: 'open', rate: 200, connections: 500 },
    warmUpSeconds: 0.3,
    seconds: 2,
    timeoutSeconds: 2,
    expects: { status: 200, bytes: 5 },
    ...load,
  }
  return produce({ generator: 'pacer', loads: [whole] }, { cpus: [], window: { begin() {}, end() {} } })
}

const open = (rate: number, connections = 500) => ({ kind: 'open', rate, connections }) as const
const closed = (connections: number) => ({ kind: 'closed', connections }) as const
const requestLine = ({ head }: Asked): string => head.split('\r\n', 1)[0]!

describe('an open loop', NOISY, () => {
  test('sends at even intervals, whatever the server does with the requests', async () => {
    const arrivals: number[] = []
    const { url } = await serve(({ socket, total }) => {
      arrivals.push(performance.now())
      // Every tenth takes long.
      setTimeout(() => socket.write(OK), total % 10 === 0 ? 300 : 1)
    })
    const { requests, schedule } = await paced(url, { loop: open(100), seconds: 2 })
    expect(schedule!.due).toBe(200)
    expect(requests).toBe(200)
    const gaps = arrivals.slice(1).map((at, index) => at - arrivals[index]!)
    const even = gaps.filter((gap) => gap > 7 && gap < 13)
    expect(even.length / gaps.length).toBeGreaterThan(0.9)
  })

  test('sends each at a moment of its interval that chance chooses, when asked to', async () => {
    const arrivals: number[] = []
    const { url } = await serve(({ socket }) => {
      arrivals.push(performance.now())
      socket.write(OK)
    })
    const { requests, schedule } = await paced(url, {
      loop: { ...open(100), arrivals: 'jittered' },
      warmUpSeconds: 0,
      seconds: 2,
    })
    // As many as evenly: one in each interval of 10 ms.
    expect([schedule!.due, requests]).toEqual([200, 200])
    const gaps = arrivals.slice(1).map((at, index) => at - arrivals[index]!)
    expect(Math.max(...gaps)).toBeLessThan(30)
    // The sum of two chances that are evenly spread: a quarter of the gaps differs from the mean by half of it and more.
    const uneven = gaps.filter((gap) => Math.abs(gap - 10) > 5)
    expect(uneven.length / gaps.length).toBeGreaterThan(0.15)
  })

  test('sends them as visitors come who know nothing of each other, when asked to', async () => {
    const arrivals: number[] = []
    const { url } = await serve(({ socket }) => {
      arrivals.push(performance.now())
      socket.write(OK)
    })
    const { requests, schedule } = await paced(url, {
      loop: { ...open(200), arrivals: 'random' },
      warmUpSeconds: 0,
      seconds: 3,
    })
    // Of 600 on average the number itself is up to chance, within 4 standard deviations of a Poisson distribution.
    expect(Math.abs(schedule!.due - 600)).toBeLessThan(100)
    expect(requests).toBe(schedule!.due)
    const gaps = arrivals.slice(1).map((at, index) => at - arrivals[index]!)
    // Exponentially distributed: longer than twice the mean of 5 ms with the probability exp(-2) = 13.5 %; evenly sent, none is.
    const long = gaps.filter((gap) => gap > 10)
    expect(long.length / gaps.length).toBeGreaterThan(0.08)
    expect(long.length / gaps.length).toBeLessThan(0.2)
  })

  test('knows what those meet who come while the server stands still', async () => {
    // Still for the first 200 ms of every second: a fifth of the arrivals waits for its end, evenly from 200 ms down.
    const { url } = await serve(async ({ socket }) => {
      const phase = performance.now() % 1000
      if (phase < 200) await delay(200 - phase)
      socket.write(OK)
    })
    const { requests, histogram } = await paced(url, { loop: open(250), seconds: 4 })
    expect(requests).toBe(1000)
    const { p50, p90, p99 } = latencyOf(histogram)!
    expect(p50).toBeLessThan(5)
    expect(Math.abs(p90! - 100)).toBeLessThan(8)
    expect(Math.abs(p99! - 190)).toBeLessThan(8)
  })

  test('counts every request that was due, also those that go wrong, and ends in time', async () => {
    const fates: ((asked: Asked) => void)[] = [
      ({ socket }) => socket.write(OK),
      ({ socket }) => socket.write('HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n'),
      ({ socket }) => socket.resetAndDestroy(),
      ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe'),
      () => {},
    ]
    const { url } = await serve((asked) => fates[asked.total % fates.length]!(asked))
    const began = performance.now()
    const { requests, errors, errorKinds, timeouts, schedule } = await paced(url, { seconds: 1, timeoutSeconds: 1 })
    expect(performance.now() - began).toBeLessThan(6000)
    expect(schedule!.due).toBe(200)
    expect(requests + errors + timeouts).toBe(200)
    expect(Object.keys(errorKinds).sort()).toEqual(['connection reset', 'status 500', 'truncated response'])
    for (const count of [requests, timeouts, ...Object.values(errorKinds)])
      expect(Math.abs(count - 40)).toBeLessThan(10)
  })

  test('does not slow down for a server that cannot keep up: the wait is in the latencies', async () => {
    let free = 0
    const { url } = await serve(async ({ socket }) => {
      // One at a time, 10 ms each: 100 a second at most, and 200 are asked for.
      free = Math.max(free, performance.now()) + 10
      await delay(free - performance.now())
      socket.write(OK)
    })
    const { schedule, completed, histogram, seconds } = await paced(url, { seconds: 2, timeoutSeconds: 8 })
    expect(schedule!.due).toBe(400)
    expect(completed! / seconds).toBeLessThan(110)
    // Those that are due last wait for the half of all that is still in the queue.
    expect(latencyOf(histogram)!.max).toBeGreaterThan(1800)
  })

  test('waits for a connection when no more may be opened, its clock running', async () => {
    const { url, connections } = await serve(({ socket }) => void delay(20).then(() => socket.write(OK)))
    const { schedule, requests, timeouts, errors } = await paced(url, { loop: open(200, 2), seconds: 1 })
    expect(connections()).toBe(2)
    expect(schedule!.queued).toBeGreaterThan(100)
    expect({ errors, sum: requests + timeouts }).toEqual({ errors: 0, sum: 200 })
  })

  test('a server that is not there refuses each of them', async () => {
    const { requests, errorKinds } = await paced('http://127.0.0.1:9/', { seconds: 1 })
    expect(requests).toBe(0)
    expect(errorKinds).toEqual({ 'connection refused': 200 })
  })

  test('a connection that was idle so long that the server closes it costs no request', async () => {
    const { url } = await serve(({ socket }) => {
      socket.write(OK)
      // Just when the next one is on its way, whichever comes first.
      setTimeout(() => socket.end(), 1250)
    })
    const { requests, errors } = await paced(url, { loop: open(0.8, 1), warmUpSeconds: 1.3, seconds: 5 })
    expect({ requests, errors }).toEqual({ requests: 4, errors: 0 })
  })
})

test('a connection per request is one connection for each', NOISY, async () => {
  const { url, connections } = await serve(({ socket, head }) =>
    /^connection: close$/im.test(head) ? socket.end(OK_CLOSE) : socket.write(OK),
  )
  const { requests, connects, errors } = await paced(url, { loop: closed(4), connection: 'close', seconds: 0.5 })
  expect(errors).toBe(0)
  expect(requests).toBeGreaterThan(50)
  expect(Math.abs(connects! - requests)).toBeLessThan(requests / 20 + 8)
  expect(connections()).toBeGreaterThan(requests)
})

test('HEAD is answered without a body', NOISY, async () => {
  const { url } = await serve((asked) => {
    expect(requestLine(asked)).toBe('HEAD / HTTP/1.1')
    asked.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n')
  })
  const { requests, errors } = await paced(url, {
    loop: closed(2),
    method: 'HEAD',
    expects: { status: 200 },
    seconds: 0.4,
  })
  expect(errors).toBe(0)
  expect(requests).toBeGreaterThan(50)
})

test('uploads arrive whole', NOISY, async () => {
  const sizes = new Set<string>()
  const { url } = await serve(({ head, socket }) => {
    sizes.add(/^content-length: (.*)/im.exec(head)![1]!)
    socket.write(OK)
  })
  const { requests, errors } = await paced(url, { loop: closed(2), uploadBytes: 100_000, seconds: 0.4 })
  expect(errors).toBe(0)
  expect(requests).toBeGreaterThan(10)
  expect([...sizes]).toEqual(['100000'])
})

test('a mixed load has the shares, the popularity and the hit ratio it was asked to have', NOISY, async () => {
  const made = new Map<string, number>()
  const [asked, before] = [new Map<string, number>(), { hits: 0, pages: 0 }]
  const { url } = await serve((request) => {
    const [, path = ''] = requestLine(request).split(' ')
    const kind = path.replace(/\d+/, 'N')
    asked.set(kind, (asked.get(kind) ?? 0) + 1)
    if (kind !== '/page/N') return request.socket.write(OK)
    before.pages += 1
    if (made.has(path)) before.hits += 1
    else made.set(path, Date.now() / 1e3)
    request.socket.write(`HTTP/1.1 200 OK\r\nX-Made-At: ${made.get(path)}\r\nContent-Length: 5\r\n\r\nhello`)
  })
  const expects = { status: 200, bytes: 5 }
  const { errors, stamped } = await paced(url, {
    loop: closed(8),
    warmUpSeconds: 0.5,
    seconds: 1,
    mix: [
      { share: 0.5, path: '/page/{page}', expects, pages: { count: 20, exponent: 0.8, hitRatio: 0.8 } },
      { share: 0.3, path: '/time', expects },
      { share: 0.2, path: '/static/x', expects },
    ],
  })
  expect(errors).toBe(0)
  const all = [...asked.values()].reduce((sum, count) => sum + count, 0)
  expect(asked.get('/page/N')! / all).toBeCloseTo(0.5, 1)
  expect(asked.get('/time')! / all).toBeCloseTo(0.3, 1)
  expect(before.hits / before.pages).toBeCloseTo(0.8, 1)
  // As the generator itself sees it, by when answers were made.
  expect(stamped!.hits / stamped!.answers).toBeCloseTo(0.8, 1)
})

test('slow clients keep their connections while others are measured', NOISY, async () => {
  const trickled: number[] = []
  const { url, connections } = await serve(({ head, socket }) => {
    if (head.startsWith('POST')) trickled.push(performance.now())
    socket.write(OK)
  })
  const { requests, errors } = await paced(url, {
    loop: closed(2),
    slowClients: { idle: 3, trickling: 4 },
    warmUpSeconds: 0.2,
    seconds: 4.5,
  })
  expect(errors).toBe(0)
  expect(requests).toBeGreaterThan(100)
  expect(connections()).toBe(2 + 3 + 4)
  // A request of theirs takes 2 s: two from each at most.
  expect(trickled.length).toBe(8)
})
