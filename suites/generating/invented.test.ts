import { expect, test } from 'vitest'
import { seeded } from '../../reports/statistics.ts'
import { intervalOf, withoutInvented } from './invented.ts'

/** What wrk does to its latencies (`stats_correct`, src/stats.c of wrk 4), in its own order. */
function invent(latencies: ReadonlyMap<number, number>, interval: number): Map<number, number> {
  const data = new Map(latencies)
  for (let n = interval * 2; n <= Math.max(...latencies.keys()); n++) {
    const count = data.get(n) ?? 0
    if (count === 0) continue
    for (let m = n - interval; m > interval; m -= interval) data.set(m, (data.get(m) ?? 0) + count)
  }
  return data
}

const sum = (latencies: ReadonlyMap<number, number>) =>
  [...latencies.values()].reduce((total, count) => total + count, 0)
const present = (latencies: ReadonlyMap<number, number>) =>
  new Map([...latencies].filter(([, count]) => count > 0).sort(([a], [b]) => a - b))

test('what wrk measured comes back exactly, whatever it invented', () => {
  const random = seeded(1)
  for (const interval of [1, 7, 100, 333]) {
    const measured = new Map(
      Array.from({ length: 200 }, () => [1 + Math.floor(random() ** 4 * 5000), 1 + Math.floor(random() * 50)]),
    )
    const invented = invent(measured, interval)
    expect(sum(invented)).toBeGreaterThan(sum(measured))
    expect(present(withoutInvented(invented, interval))).toEqual(present(measured))
  }
})

test('one stall of a second does not become a thousand slow requests', () => {
  const measured = new Map([
    [400, 2000],
    [1_000_000, 10],
  ])
  const interval = intervalOf(2_000_000, 2010, 10)
  const invented = invent(measured, interval)
  expect(sum(invented)).toBeGreaterThan(2900)
  expect(present(withoutInvented(invented, interval))).toEqual(measured)
})

test('fewer requests than connections are left as they are, as wrk leaves them', () => {
  const measured = new Map([[900_000, 3]])
  expect(withoutInvented(measured, intervalOf(1_000_000, 3, 10))).toEqual(measured)
})
