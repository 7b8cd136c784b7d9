import { expect, test } from 'vitest'
import type { Outcome, Verdict } from '../../reports/run.ts'
import { settled } from './settled.ts'

const verdict = (outcome: Outcome, because: string): Verdict => ({
  ...{ clause: 'x/y', level: 'MUST', cites: 'RFC', says: 'It MUST.', role: 'app', server: 'gunicorn' },
  ...{ outcome, because },
})

test.each([
  ['fail', 'fail', 'fail', 'first'],
  ['fail', 'pass', 'error', 'not repeatable: fail (first), then with servers started anew pass (second)'],
  ['fail', 'error', 'error', 'not repeatable: fail (first), then with servers started anew error (second)'],
  // The experiment broke once; the rule was kept the only time that it was put to the test.
  ['error', 'pass', 'pass', 'second'],
  ['blocked', 'observed', 'observed', 'second'],
  ['error', 'error', 'error', 'first'],
  // Broken the only time: once is not enough to hold it against anybody.
  ['error', 'fail', 'error', 'not repeatable: error (first), then with servers started anew fail (second)'],
] as const)('%s, then %s: %s', (first, second, outcome, because) => {
  const found = settled(verdict(first, 'first'), verdict(second, 'second'))
  expect([found.outcome, found.because]).toEqual([outcome, because])
})

test('a verdict that was reached only once stays', () => {
  const once = verdict('fail', 'first')
  expect(settled(once, undefined)).toBe(once)
})
