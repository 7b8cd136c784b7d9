import { expect, test } from 'vitest'
import { cpuBetween } from './cpu-time.ts'

const of = (seconds: number, threads?: Record<number, number>) => ({
  seconds: [seconds],
  threads: [threads && new Map(Object.entries(threads).map(([id, time]) => [Number(id), time]))],
})

test('what threads used is exact, those included that began meanwhile', () => {
  expect(cpuBetween(of(1, { 7: 0.5, 8: 0.5 }), of(1.02, { 7: 0.5001, 8: 0.5002, 9: 0.0003 }))).toBeCloseTo(0.0006, 9)
})

test('where a thread ended its time is only in the clock ticks', () => {
  expect(cpuBetween(of(1, { 7: 0.5, 8: 0.5 }), of(1.02, { 7: 0.5001 }))).toBeCloseTo(0.02, 9)
})

test('without threads to be seen clock ticks are all there is, and services add up', () => {
  expect(cpuBetween(of(1), of(1.05))).toBeCloseTo(0.05, 9)
  const before = { seconds: [1, 2], threads: [undefined, new Map([[1, 0]])] }
  const after = { seconds: [1.1, 2], threads: [undefined, new Map([[1, 0.2]])] }
  expect(cpuBetween(before, after)).toBeCloseTo(0.3, 9)
})
