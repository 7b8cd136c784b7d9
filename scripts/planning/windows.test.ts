import { expect, test } from 'vitest'
import { secondsFor, windowsFor } from './windows.ts'

const OPEN = { seconds: undefined, rounds: undefined }

test('an application that answers at once is measured in 16 windows of 0.3 s', () => {
  expect(windowsFor(OPEN, 0.007)).toEqual({
    windows: { warmUp: 0.1, closed: 0.3, open: 0.9, openWarmUp: 0.5 },
    rounds: 16,
  })
})

test('where answers queue for longer than that, windows begin with a full queue, are longer and fewer', () => {
  const { windows, rounds } = windowsFor(OPEN, 0.8)
  expect(windows).toMatchObject({ warmUp: 0.8, closed: 1.6 })
  expect(rounds).toBe(4)
})

test('no answer at all makes no endless window', () => {
  expect(windowsFor(OPEN, Infinity).windows).toMatchObject({ warmUp: 3, closed: 5 })
})

test('what the user said is kept', () => {
  expect(windowsFor({ seconds: 0.5, rounds: 7 }, 0.8)).toMatchObject({ windows: { closed: 0.5 }, rounds: 7 })
})

test('a topology takes about a minute by default', () => {
  const seconds = secondsFor(windowsFor(OPEN), { closed: 6, open: 2 })
  expect(seconds).toBeGreaterThan(45)
  expect(seconds).toBeLessThan(80)
})
