import { expect, test } from 'vitest'
import { busySecondsIn } from './host-cpu.ts'

const STAT = `cpu  1000 20 300 9000 500 0 40 60 7 8
cpu0 600 20 200 4000 250 0 30 10 7 8
cpu1 400 0 100 5000 250 0 10 50 0 0
intr 1 2 3
`

test('busy is user, nice, system, interrupts and stolen time: not idle, not iowait, not guests twice', () => {
  expect(busySecondsIn(STAT, [])).toBeCloseTo(14.2)
})

test('only the CPUs asked for', () => {
  expect(busySecondsIn(STAT, [0])).toBeCloseTo(8.6)
  expect(busySecondsIn(STAT, [0, 1])).toBeCloseTo(14.2)
})

test('a kernel that measures interrupts keeps them apart from processes, and our own network load is in them', () => {
  expect(busySecondsIn(STAT.replace('500 0 40', '500 900 40'), [])).toBeCloseTo(13.8)
})

test('a CPU that is not there is unknown', () => {
  expect(busySecondsIn(STAT, [2])).toBeNull()
})
