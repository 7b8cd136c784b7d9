import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import { expect, test } from 'vitest'
import type { Recording } from '../generators/index.ts'
import { mergeRecordings } from './merge.ts'

const histogramOf = (...microseconds: number[]): string => {
  const histogram = build({ highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 })
  for (const value of microseconds) histogram.recordValue(value)
  return encodeIntoCompressedBase64(histogram)
}

const ONE: Recording = {
  requests: 3,
  errors: 2,
  errorKinds: { 'status 503': 2 },
  timeouts: 1,
  bytes: 300,
  seconds: 1,
  histogram: histogramOf(100, 200, 300),
  cpuSeconds: 0.9,
  eventLoopUtilization: 0.95,
  completed: 2,
  connects: 4,
  delayed: 0.01,
  stamped: { answers: 2, hits: 1 },
  slices: [histogramOf(100), histogramOf(200, 300)],
  schedule: { due: 6, queued: 1, lateness: histogramOf(10) },
}

const OTHER: Recording = {
  ...ONE,
  requests: 2,
  errors: 4,
  errorKinds: { 'status 503': 1, 'connection reset': 3 },
  seconds: 1.002,
  histogram: histogramOf(200, 900_000),
  cpuSeconds: 0.2,
  eventLoopUtilization: 0.3,
  delayed: 0.2,
  slices: [histogramOf(200), histogramOf(900_000)],
  schedule: { due: 7, queued: 0, lateness: histogramOf(5000) },
}

const countOf = (histogram: string): number => decodeFromCompressedBase64(histogram).totalCount

test('what several processes recorded adds up; how busy they were is that of the busiest', () => {
  const merged = mergeRecordings([ONE, OTHER])
  expect(merged).toMatchObject({
    ...{ requests: 5, errors: 6, timeouts: 2, bytes: 600, completed: 4, connects: 8, stamped: { answers: 4, hits: 2 } },
    errorKinds: { 'status 503': 3, 'connection reset': 3 },
    cpuSeconds: expect.closeTo(1.1) as number,
    ...{ busiestCpuSeconds: 0.9, eventLoopUtilization: 0.95, delayed: 0.2 },
    seconds: expect.closeTo(1.001) as number,
    schedule: { due: 13, queued: 1 },
  })
})

test('histograms add, those of the window’s parts each for itself', () => {
  const { histogram, slices, schedule } = mergeRecordings([ONE, OTHER])
  expect(decodeFromCompressedBase64(histogram).toJSON()).toMatchObject({ totalCount: 5, p50: 200 })
  expect(decodeFromCompressedBase64(histogram).maxValue).toBeGreaterThanOrEqual(900_000)
  expect(slices!.map(countOf)).toEqual([2, 3])
  expect(countOf(schedule!.lateness)).toBe(2)
})

test('what one of them does not tell is not known of all', () => {
  const untold = ['connects', 'slices', 'schedule']
  // What is left is a recording: all of these are optional.
  const silent = Object.fromEntries(
    Object.entries(OTHER).filter(([name]) => !untold.includes(name)),
  ) as unknown as Recording
  const merged = mergeRecordings([ONE, { ...silent, delayed: null }])
  expect(merged.delayed).toBeNull()
  for (const name of untold) expect(merged).not.toHaveProperty(name)
})

test('a single recording is what it is', () => {
  expect(mergeRecordings([ONE])).toBe(ONE)
})
