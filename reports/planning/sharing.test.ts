import { expect, test } from 'vitest'
import { crowding, inThreads, type Sharing } from './sharing.ts'

const slots = { workers: 2, threads: 4 }
const sticky = (evenness: number): Sharing => ({ kind: 'sticky', evenness })

test('connections that go to any free thread fill all of them before one waits', () => {
  expect([1, 6, 8, 32].map((requests) => inThreads({ kind: 'any' }, slots, requests))).toEqual([1, 6, 8, 8])
  expect(inThreads({ kind: 'unlimited' }, slots, 32)).toBe(32)
})

test('with evenness 1 every split of Pólya’s urn is equally likely', () => {
  // 8 connections: 0 and 8 to 8 and 0, nine splits, in which 4 5 6 7 8 7 6 5 4 find a thread.
  expect(inThreads(sticky(1), slots, 8)).toBeCloseTo((4 + 5 + 6 + 7 + 8 + 7 + 6 + 5 + 4) / 9, 10)
})

test('the less even, the more all are at one worker; the evener, the nearer to tossing a coin for each', () => {
  expect(inThreads(sticky(1e-6), slots, 32)).toBeCloseTo(4, 3)
  // Binomial: 8 choose k, over 256.
  const tossed = [4, 5, 6, 7, 8, 7, 6, 5, 4].map((held, k) => held * [1, 8, 28, 56, 70, 56, 28, 8, 1][k]!)
  expect(inThreads(sticky(1e6), slots, 8)).toBeCloseTo(tossed.reduce((sum, each) => sum + each, 0) / 256, 3)
  // As long as no worker has more than its threads, it makes no difference.
  expect(inThreads(sticky(0.3), slots, 4)).toBeCloseTo(4, 10)
})

test('a single worker has them all', () => {
  expect(inThreads(sticky(0.3), { workers: 1, threads: 8 }, 32)).toBe(8)
  expect(crowding(1, 0.3, 64)).toBe(1)
})

test('the most crowded worker has all of them or a little more than its part', () => {
  expect(crowding(2, 0.2, 64)).toBe(1)
  // Binomial of 64: half and two standard deviations of 4.
  expect(crowding(2, 1e6, 64)).toBeCloseTo((32 + 8) / 64, 1)
  expect(crowding(4, 1e6, 64)).toBeLessThan(0.5)
})
