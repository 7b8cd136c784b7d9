import { expect, test } from 'vitest'
import { answers } from './answer.ts'
import { fixture } from './fixture/whole.ts'
import { allWorkloads } from './fixture/workloads.ts'
import { ratiosOf, type Ratios } from './ratios.ts'
import { usedIn } from './used.ts'
import { comparisonText, figureText } from './words/wording.ts'
import type { Content, Run } from './run.ts'

const ratios = (run: Run, content: Content): Ratios | undefined =>
  ratiosOf(
    run,
    answers(run).find(({ workload }) => workload.content === content)!,
  )

const texts = (found: Ratios, row: string): readonly string[] =>
  found.rows
    .find(({ name }) => name === row)!
    .cells.map((cell) => (cell.comparison === undefined ? cell.because : comparisonText(cell.comparison)))

test('everything is compared with the best, repeat by repeat, and what is not told apart says so', () => {
  const found = ratios(fixture(), 'dynamic')!
  expect(found.reference).toBe('daemon-host')
  expect(found.rows.map(({ name }) => name)).toEqual(['app-server', 'reverse-proxy', 'three-tier', 'cache-host'])
  const [throughput, cpu, p50, p99] = texts(found, 'app-server')
  expect(throughput).toMatch(/^0\.8\d× \(0\.\d\d – 0\.\d\d×\)$/)
  expect([cpu, p50].every((text) => /^1\.2\d× \(1\.\d\d – 1\.\d\d×\)$/.test(text!))).toBe(true)
  expect(p99).toMatch(/^1\.18× \(0\.\d\d – 1\.\d\d×\), not told apart$/)
})

test('what is not valid has no ratio but a reason, and where no best is known the first valid one is compared with', () => {
  const found = ratios(fixture(), 'static')!
  expect(found.reference).toBe('app-server')
  expect(texts(found, 'daemon-host')[0]).toMatch(/^7\.\d\d× \(/)
  expect(new Set(texts(found, 'three-tier'))).toEqual(new Set(['not valid: the generator was the bottleneck']))
  expect(new Set(texts(found, 'cache-host'))).toEqual(new Set(['not measured: it failed']))
  expect(new Set(texts(ratios(allWorkloads(), 'streamed')!, 'three-tier'))).toEqual(
    new Set(['not valid: the servers fell behind the rate']),
  )
})

test('percentiles of too few requests are not compared', () => {
  const found = ratios(allWorkloads(), 'waiting')!
  expect(texts(found, found.rows[0]!.name).at(-1)).toBe('too few requests')
})

test('nothing is compared where nothing else was measured', () => {
  const run = fixture()
  expect(ratios({ ...run, results: run.results.slice(0, 1) }, 'dynamic')).toBeUndefined()
  expect(ratios({ ...run, results: run.results.slice(4) }, 'dynamic')).toBeUndefined()
})

test('what was used and how valid it is has an interval, and what a run does not know is left out', () => {
  const run = allWorkloads()
  const { tiers, checks } = usedIn(run, 'mixed-content', run.results)
  expect(tiers.titles).toContain('Context switches per request')
  expect(checks.titles).toEqual(expect.arrayContaining(['Out of a cache', 'Pressure: CPU', 'Connections opened']))
  expect(tiers.rows.map(({ name }) => name)).toContain('three-tier, Varnish (cache)')
  const pressure = checks.rows[0]!.cells[checks.titles.indexOf('Pressure: CPU')]!
  expect(figureText(pressure)).toEqual(['15\u00a0%', '13 – 18\u00a0%'])
  const open = usedIn(run, 'streamed-content', run.results).checks.titles
  expect(open).toContain('Sent late, p99')
  expect(open).not.toContain('Little’s law (1 when consistent)')
  const before = fixture()
  const old = usedIn(before, 'time', before.results)
  expect(old.tiers.titles).not.toContain('Context switches per request')
  expect(old.checks.titles).toEqual([
    'Generator’s CPU',
    'Its event loop',
    'CPUs used by others',
    'Little’s law (1 when consistent)',
  ])
})
