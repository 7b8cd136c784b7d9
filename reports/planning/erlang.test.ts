import { expect, test } from 'vitest'
import { erlangC, waiting } from './erlang.ts'

test.each([
  // Tables of Erlang C, to four digits.
  [1, 0.5, 0.5],
  [2, 1, 0.3333],
  [3, 2, 0.4444],
  [5, 4, 0.5541],
  [10, 8, 0.4092],
])('of requests for %i servers that are to keep %d busy as many wait as the tables say', (servers, offered, share) => {
  expect(erlangC(servers, offered)).toBeCloseTo(share, 4)
})

test('the eye clinic of Gross and Harris, chapter 2: 6 patients an hour, 3 doctors, 20 minutes each', () => {
  const clinic = waiting(3, 6, 1 / 3)!
  expect(6 * clinic.mean).toBeCloseTo(8 / 9, 10) // waiting on average
  expect((clinic.mean + 1 / 3) * 60).toBeCloseTo(28.9, 1) // minutes that a visit takes
})

test('with one server it is M/M/1: they wait rho / (mu - lambda) on average, exponentially if at all', () => {
  const [lambda, mu] = [4, 5]
  const single = waiting(1, lambda, 1 / mu)!
  expect(single.mean).toBeCloseTo(0.8, 12)
  expect(single.quantile(0.99)).toBeCloseTo(Math.log(0.8 / 0.01) / (mu - lambda), 12)
  expect(single.quantile(0.2)).toBe(0)
  expect(single.quantile(0.1)).toBe(0)
})

test('hundreds of servers, whose factorials no number holds, are no trouble', () => {
  // Half-used and large: nobody waits; just enough: about a half do (Halfin and Whitt 1981).
  expect(erlangC(500, 250)).toBeLessThan(1e-30)
  expect(erlangC(1000, 1000 - Math.sqrt(1000) * 0.506)).toBeCloseTo(0.5, 1)
})

test('where there is nothing to do, or no end of servers, nobody waits', () => {
  for (const nobody of [waiting(2, 0, 1)!, waiting(2, 5, 0)!, waiting(Infinity, 5, 1)!])
    expect([nobody.probability, nobody.mean, nobody.quantile(0.99)]).toEqual([0, 0, 0])
})

test('servers that cannot keep up have no wait to name', () => {
  expect(waiting(4, 4, 1)).toBeUndefined()
  expect(waiting(4, 5, 1)).toBeUndefined()
  expect(erlangC(4, 5)).toBe(1)
})
