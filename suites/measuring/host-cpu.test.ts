import { expect, test } from 'vitest'
import { busySecondsIn } from './host-cpu.ts'

// Who is busy is sampled, and samples miss much: of 100 s they name 78 on the first CPU.
const STAT = `cpu  1000 20 300 9000 500 0 40 60 7 8
cpu0 600 20 200 4000 250 0 30 10 7 8
cpu1 400 0 100 5000 250 0 10 50 0 0
intr 1 2 3
`

test('busy is what is neither idle nor iowait, whatever samples say: work, interrupts, and time stolen by neighbours', () => {
  expect(busySecondsIn(STAT, [0], 100)).toBeCloseTo(57.5)
})

test('only the CPUs asked for, or all there are', () => {
  expect(busySecondsIn(STAT, [1], 100)).toBeCloseTo(47.5)
  expect(busySecondsIn(STAT, [0, 1], 100)).toBeCloseTo(105)
  expect(busySecondsIn(STAT, [], 100)).toBeCloseTo(105)
})

test('a kernel that measures interrupts keeps them apart from processes, and our own network load is in them', () => {
  expect(busySecondsIn(STAT.replace('250 0 30', '250 900 30'), [0], 100)).toBeCloseTo(48.2)
})

test('a CPU that is not there is unknown', () => {
  expect(busySecondsIn(STAT, [2], 100)).toBeNull()
})
