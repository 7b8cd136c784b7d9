import { expect, test } from 'vitest'
import { pressureBetween, readPressure, secondsIn } from './pressure.ts'

const IO = `some avg10=0.44 avg60=0.10 avg300=0.10 total=4905262
full avg10=0.44 avg60=0.10 avg300=0.10 total=4631520
`

test('how long some and all tasks waited, in seconds since boot', () => {
  expect(secondsIn(IO, 'some')).toBe(4.905262)
  expect(secondsIn(IO, 'full')).toBe(4.63152)
})

test('shares of the time between two readings', () => {
  const begin = { at: 1000, seconds: { cpu: 10, io: 4, memory: 0 } }
  const end = { at: 3000, seconds: { cpu: 11, io: 4.5, memory: 0 } }
  expect(pressureBetween(begin, end)).toEqual({ cpu: 0.5, io: 0.25, memory: 0 })
})

test('where the kernel does not tell, nothing is known', () => {
  expect(pressureBetween(null, readPressure())).toBeNull()
})
