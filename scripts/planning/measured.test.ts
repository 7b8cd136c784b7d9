import { expect, test } from 'vitest'
import type { LoadRound } from '../../reports/run.ts'
import { talliesOf, unsure } from './measured.ts'

const [load] = talliesOf([{ of: 'dynamic', loop: { kind: 'closed', connections: 16 }, path: '/' }])
const after = (throughputs: readonly number[], disturbed = false) => {
  const rounds = throughputs.map((throughput): LoadRound => ({ throughput, mean: 1, p99: null, cpu: {}, disturbed }))
  return [{ ...load!, rounds }]
}
/** One worker has all connections, or both have some: what Gunicorn's threads showed in windows of one load. */
const BY_CHANCE = [375, 195, 375, 375, 375, 194, 375, 187, 187, 280, 187, 187, 244]

test('a load that comes out by chance is measured further, until its mean is known', () => {
  expect(unsure(after(BY_CHANCE))).toHaveLength(1)
  expect(unsure(after([...BY_CHANCE, ...BY_CHANCE, ...BY_CHANCE]))).toHaveLength(0)
})

test('one that hardly varies is not, and what was disturbed tells nothing', () => {
  expect(unsure(after([186, 187, 187, 187, 178]))).toHaveLength(0)
  expect(unsure(after([186, 187, 187], true))).toHaveLength(1)
})
