import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Measurement } from '../../reports/run.ts'
import { endedLab } from '../started-lab.ts'

/** A server in a process of its own, as real ones are, at a URL. The program has to print its port when it listens. */
async function served(program: string): Promise<string> {
  const server = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void server.kill('SIGKILL'))
  const [port] = (await once(server.stdout.setEncoding('utf8'), 'data')) as [string]
  return `http://127.0.0.1:${port.trim()}/`
}

/** The list that the server has made of what it did. */
const told = async (url: string): Promise<readonly number[]> =>
  (await fetch(`${url}told`)).json() as Promise<readonly number[]>

/** Answers `/told` with a list, and what else is asked for as `answer` says. */
const program = (answer: string, beside = '') => `
  const told = []
  require('node:http').createServer((request, response) => {
    if (request.url === '/told') return response.end(JSON.stringify(told))
    ${answer}
  }).listen(0, '127.0.0.1', function () { console.log(this.address().port) })
  ${beside}`

/** `npm run lab -- load --url URL ... --json`. */
async function loaded(url: string, words: string): Promise<{ code: number; stderr: string; found: Measurement }> {
  const { code, stdout, stderr } = await endedLab(['load', '--url', url, ...words.split(' '), '--json'])
  return { code, stderr, found: JSON.parse(stdout) as Measurement }
}

// A machine that stands still for a moment is not what is tested.
describe('an open loop tells the truth', { retry: 2 }, () => {
  test('a server that is frozen for 1 s in every 5 s', async () => {
    const [PERIOD, FROZEN] = [5000, 1000]
    // It freezes for the last second of each period of the wall clock, and tells how long it really was frozen.
    const freezing = `
      const freeze = () => {
        const began = performance.now()
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${FROZEN})
        told.push(performance.now() - began)
        plan()
      }
      const plan = () => setTimeout(freeze, ${PERIOD} - (Date.now() + ${FROZEN}) % ${PERIOD})
      plan()`
    const url = await served(program("response.end('hello')", freezing))
    const { code, found } = await loaded(url, '--rate 200 --duration 10')
    const freezes = await told(url)
    const frozen = freezes.reduce((sum, each) => sum + each, 0) / freezes.length
    // Arrivals are even, and the window is two periods long wherever it begins: whoever arrives in a freeze waits for what
    // is left of it, so that all waits from nothing to the whole freeze are equally frequent.
    const truth = (quantile: number): number => Math.max(0, frozen - (1 - quantile) * PERIOD)
    const { latency, schedule } = found
    for (const [seen, quantile] of [
      [latency!.p50, 0.5],
      [latency!.p90, 0.9],
      [latency!.p99, 0.99],
      [latency!.p999, 0.999],
    ] as const) {
      expect(
        Math.abs(seen! - truth(quantile)),
        `p${quantile * 100}: ${seen} instead of ${truth(quantile)}`,
      ).toBeLessThan(Math.max(2, 0.05 * truth(quantile)))
    }
    expect(found).toMatchObject({ generator: 'pacer', errors: 0, timeouts: 0, validity: { valid: true } })
    expect(schedule!.due).toBe(2000)
    expect(code).toBe(0)
  })

  test('a server that takes 20 ms, at which requests arrive evenly', async () => {
    // Timers of Node's are late by up to a millisecond, and can be early.
    const slow = `
      const arrived = performance.now()
      told.push(arrived)
      const answer = () => performance.now() - arrived < 20 ? setImmediate(answer) : response.end('hello')
      setTimeout(answer, 18)`
    const url = await served(program(slow))
    const { code, found } = await loaded(url, '--rate 200 --duration 6')
    expect(found.latency!.p50).toBeGreaterThanOrEqual(20)
    expect(found.latency!.p50).toBeLessThan(22)
    expect(code).toBe(0)
    const arrivals = await told(url)
    const gaps = arrivals.slice(1).map((at, index) => at - arrivals[index]!)
    const even = gaps.filter((gap) => gap > 2.5 && gap < 7.5)
    expect(even.length / gaps.length).toBeGreaterThan(0.9)
  })
})

test('figures that are not valid: exit code 4, the reason also on stderr', async () => {
  const url = await served(program("response.writeHead(total++ % 2 ? 500 : 200).end('hello')", 'let total = 0'))
  const { code, stderr, found } = await loaded(url, '--rate 100 --duration 1')
  expect(found.errorKinds['status 500']).toBeGreaterThan(0)
  expect(found.validity).toMatchObject({ valid: false, reasons: expect.arrayContaining(['errors']) })
  expect(stderr).toMatch(/^Not valid: .*x status 500/)
  expect(code).toBe(4)
})

test('a server that never answers: each request is counted as timed out, and the command ends in time', async () => {
  const url = await served(program(''))
  const began = performance.now()
  const { code, found } = await loaded(url, '--rate 50 --duration 1 --warm-up 0 --timeout 0.5')
  expect(found).toMatchObject({ requests: 0, timeouts: 50, latency: null })
  expect(performance.now() - began).toBeLessThan(15_000)
  expect(code).toBe(4)
})

test('without --json: every figure with its unit, how well the schedule was kept, and whether to believe it', async () => {
  const url = await served(program("response.end('hello')"))
  const { stdout } = await endedLab(['load', '--url', url, '--rate', '500', '--duration', '2', '--connection', 'close'])
  expect(stdout).toMatch(/^throughput +\d+\/s \(95 %: \d+\/s to \d+\/s\)$/m)
  expect(stdout).toMatch(/^latency since each request was due:$/m)
  expect(stdout).toMatch(/^ {2}p99 +[\d.]+ ms \(95 %: /m)
  expect(stdout).toMatch(/^schedule +1000 due, sent late by p50 /m)
  // A connection each.
  expect(Number(/^connections +(\d+) opened$/m.exec(stdout)?.[1])).toBeGreaterThan(900)
})
