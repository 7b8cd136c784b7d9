import { expect, test } from 'vitest'
import { DEFAULT_TOLERANCES, tolerance } from './tolerances.ts'

test('percents are read as fractions, one metric after the other, and off takes one out', () => {
  const words = ['cpu=3', 'p99=25%', 'throughput= 7.5 %', 'memory=off', 'cpu=4']
  const read = words.reduce((before, word) => tolerance(word, before), DEFAULT_TOLERANCES)
  expect(read).toEqual({ cpu: 0.04, throughput: 0.075, p50: 0.1, p99: 0.25 })
})

test.each(['cpu', 'cpu=', 'speed=3', 'cpu=0', 'cpu=-1', 'cpu=two', 'cpu=1e1', 'throughput=100', 'cpu=1001', '=3'])(
  '"%s" is refused',
  (word) => {
    expect(() => tolerance(word, DEFAULT_TOLERANCES)).toThrow(/metric=PERCENT|must be a number of percent/)
  },
)
