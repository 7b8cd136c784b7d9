import { expect, test } from 'vitest'
import type { LoadRound } from '../run.ts'
import { fittedLoads, heldOutLoads } from './loads.ts'
import { averageOf, between, p99Of, totalOf } from './points.ts'

const round = (throughput: number, app: number, disturbed = false): LoadRound => ({
  ...{ throughput, mean: 1, p99: null, cpu: { app, proxy: 100 }, disturbed },
})

test('averages are of all requests in all the time, disturbed rounds left out', () => {
  // 100 requests of 1 ms and 300 of 2 ms, in as long a time.
  const average = averageOf([round(100, 1000), round(300, 2000), round(5, 90_000, true)])
  expect(average.throughput).toBe(200)
  expect(average.cpu.app).toBeCloseTo(0.00175, 10)
  expect(totalOf(average.cpu)).toBeCloseTo(0.00185, 10)
  expect(averageOf([round(5, 1, true)]).throughput).toBe(0)
})

test('between loads it is interpolated on a scale of logarithms, beyond them nothing is made up', () => {
  const at = (load: number): number => between([1, 8, 32], [30, 0, 10], load)
  expect([0.5, 1, 2, 4, 8, 16, 32, 1000].map(at)).toEqual([
    30,
    30,
    expect.closeTo(20, 9),
    expect.closeTo(10, 9),
    0,
    expect.closeTo(5, 9),
    10,
    10,
  ])
})

test('a model is fitted on one connection, as many as there are threads and four times as many, and checked between', () => {
  expect([fittedLoads(8), heldOutLoads(8)]).toEqual([
    [1, 8, 32],
    [2, 4, 16],
  ])
  for (const slots of [1, 2, 3, 4, 7, 64]) {
    const [fitted, heldOut] = [fittedLoads(slots), heldOutLoads(slots)]
    expect(fitted[0]).toBe(1)
    expect(heldOut.length).toBeGreaterThan(0)
    expect(heldOut.filter((load) => fitted.includes(load) || load > fitted.at(-1)!)).toEqual([])
  }
})

test('one window in which the machine stood still does not make the 99th percentile of a load', () => {
  const window = (p99: number | null): LoadRound => ({ ...round(100, 1000), p99 })
  const latency = { mean: 2, p50: 1, p90: 3, p99: 250, p999: null, max: 340 }
  const rest = { of: 'dynamic', loop: { kind: 'open', rate: 100, connections: 32 }, seconds: 1 } as const
  const load = { ...rest, requests: 600, errors: 0, generatorCpu: 0.2, latency }
  expect(p99Of({ ...load, rounds: [window(4), window(5), window(340)] })).toBe(5)
  // Too few answers in each window: all of them together are what there is.
  expect(p99Of({ ...load, rounds: [window(null), window(5), window(null)] })).toBe(250)
})
