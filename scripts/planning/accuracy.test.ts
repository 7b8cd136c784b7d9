import { expect, test } from 'vitest'
import { plannedRun } from '../../reports/fixture/planned.ts'
import { planOf } from '../../reports/planning/plan.ts'
import { accuracyOf, accuracyText, missedBy, predictionsOf } from './accuracy.ts'

test('a model that holds meets the goals, at the loads it was not fitted on', () => {
  const all = predictionsOf(planOf(plannedRun()), '/cpu')
  expect(new Set(all.map(({ connections }) => connections))).toEqual(new Set([2, 4, 16]))
  expect(missedBy(all)).toEqual([])
  expect(accuracyText(all)).toMatch(/app-server \/cpu: throughput off by .*within the goals/)
})

test('one that is wrong by half misses them, and is told so', () => {
  const all = predictionsOf(planOf(plannedRun({ bent: 1.5 })), '/cpu')
  expect(accuracyOf(all, 'throughput')!.worst).toBeGreaterThan(0.25)
  expect(missedBy(all).join()).toMatch(/throughput .* at worst/)
  expect(accuracyText(all)).toMatch(/misses the goals: throughput/)
})

test('without a prediction there is nothing to go by', () => {
  expect(missedBy([])).toEqual(['nothing to compare with'])
})
