import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { plannedRun } from '../../reports/fixture/planned.ts'
import { planOf } from '../../reports/planning/plan.ts'
import { ROOT } from '../catalogue.ts'
import { accuracyOf, accuracyRows, accuracyText, missedBy, predictionsOf, type Prediction } from './accuracy.ts'

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

test('what the README says of predictions is what was measured last', async () => {
  const { predictions } = JSON.parse(await readFile(join(ROOT, 'scripts', 'bench-plan.json'), 'utf8')) as {
    predictions: Prediction[]
  }
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
  const rows = accuracyRows(predictions)
  // Four topologies, and three applications: one that answers at once, one that computes, one that waits.
  expect(rows).toHaveLength(12)
  for (const row of rows) expect(readme).toContain(row)
})
