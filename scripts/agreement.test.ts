import { expect, test } from 'vitest'
import { fixture } from '../reports/fixture/whole.ts'
import type { Run } from '../reports/run.ts'
import { agreement } from './agreement.ts'

const run = fixture()
/** The same run on a machine on which one topology is so many times as fast. */
const faster = (factor: number): Run => ({
  ...run,
  results: run.results.map((result, index) => ({
    ...result,
    measurements: result.measurements.map((each) =>
      index === 0 ? { ...each, throughput: each.throughput * factor } : each,
    ),
  })),
})

test('a run agrees with itself in everything', () => {
  const { checks, measurements } = agreement([run, run])
  expect(checks.length).toBeGreaterThan(0)
  expect(checks.filter(({ holds }) => !holds)).toEqual([])
  expect(measurements).toBe(2 * run.results.flatMap((result) => result.measurements).length)
})

test('where one topology has become another, exactly its ratios do not hold, both ways', () => {
  const { checks } = agreement([run, faster(100)])
  const broken = checks.filter(({ holds }) => !holds)
  expect(broken.length).toBeGreaterThan(0)
  for (const { about } of broken) expect(about).toMatch(/Throughput/)
  const abouts = broken.map(({ about }) => about)
  for (const about of abouts) expect(abouts.filter((each) => each === about)).toHaveLength(2)
})

test('in whichever order the topologies were measured', () => {
  const { unknown } = agreement([run, run])
  const turned = agreement([run, { ...run, results: run.results.toReversed() }])
  expect(turned.unknown).toBe(unknown)
  expect(turned.checks.filter(({ holds }) => !holds)).toEqual([])
})
