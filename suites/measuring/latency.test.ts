import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import { expect, test } from 'vitest'
import { latencyOf, scheduleKept } from './latency.ts'

/** 1, 2, 3 ... milliseconds. */
function upTo(count: number): string {
  const histogram = build({ numberOfSignificantValueDigits: 3 })
  for (let ms = 1; ms <= count; ms++) histogram.recordValue(ms * 1000)
  return encodeIntoCompressedBase64(histogram)
}

test('a percentile beyond which not one request lies is none', () => {
  expect(latencyOf(upTo(0))).toBeNull()
  expect(latencyOf(upTo(9))).toMatchObject({ p90: null, p99: null, p999: null })
  expect(latencyOf(upTo(10))).toMatchObject({ p99: null, p999: null })
  expect(latencyOf(upTo(10))!.p90).toBeCloseTo(9, 1)
  expect(latencyOf(upTo(99))!.p99).toBeNull()
  expect(latencyOf(upTo(100))!.p99).toBeCloseTo(99, 0)
  expect(latencyOf(upTo(999))!.p999).toBeNull()
  expect(latencyOf(upTo(1000))!.p999).toBeCloseTo(999, 0)
})

test('how late an open loop was is told in milliseconds', () => {
  const kept = scheduleKept({ due: 120, queued: 3, lateness: upTo(100) })
  expect(kept).toMatchObject({ due: 120, queued: 3 })
  expect(kept.lateP50).toBeCloseTo(50, 0)
  expect(kept.lateP99).toBeCloseTo(99, 0)
  expect(kept.lateMax).toBeCloseTo(100, 0)
})
