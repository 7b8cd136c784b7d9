import { expect, test } from 'vitest'
import type { MeasuredSize, Result } from '../run.ts'
import { memoryOf } from './memory.ts'

const size = (workers: number, app: number | null): MeasuredSize => ({
  ...{ workers, threads: 4 },
  tiers: [
    { role: 'proxy', server: 'nginx', pssBytes: 10e6 + workers, processes: 2 },
    { role: 'app', server: 'gunicorn', pssBytes: app, processes: 1 + workers },
  ],
})
const result = (...sizes: MeasuredSize[]): Result =>
  ({ tiers: [{ role: 'proxy' }, { role: 'app' }], planning: { points: [], sizes } }) as unknown as Result

test('two sizes tell what a worker adds, and what all share', () => {
  const memory = memoryOf(result(size(3, 80e6), size(1, 40e6)))!
  expect(memory.perWorker).toBe(20e6)
  expect([1, 2, 5].map((workers) => memory.of('app', workers))).toEqual([40e6, 60e6, 120e6])
  // Of the others the larger one.
  expect(memory.total(2)).toBe(60e6 + 10e6 + 3)
})

test('of one size all is the workers’, which is too much for more of them rather than too little', () => {
  const memory = memoryOf(result(size(2, 60e6)))!
  expect(memory.of('app', 4)).toBe(120e6)
})

test('a worker weighs nothing less than nothing', () => {
  expect(memoryOf(result(size(1, 50e6), size(2, 45e6)))!.perWorker).toBe(0)
})

test('an application whose memory could not be read has no size', () => {
  expect(memoryOf(result(size(1, null), size(2, null)))).toBeUndefined()
  expect(memoryOf(result())).toBeUndefined()
  expect(memoryOf(result(size(1, null), size(2, 60e6)))!.perWorker).toBe(30e6)
})
