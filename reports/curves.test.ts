import { describe, expect, test } from 'vitest'
import { curveCharts } from './charts/curves.ts'
import { curves } from './curves.ts'
import { latencyOf } from './fixture/measured.ts'
import { swept } from './fixture/swept.ts'
import { fixture } from './fixture/whole.ts'
import type { Measurement, Run } from './run.ts'
import { curvesChapter, curvesInShort, kneeText } from './words/curves.ts'

const nine = { 'app-server': { stations: 9, milliseconds: 0.5 } }
const one = { 'app-server': { stations: 1, milliseconds: 1 } }
const loads = [1, 2, 4, 8, 16, 32, 64]

const timeOf = (run: Run) => curves(run).find(({ workload }) => workload.name === 'time')!
const textOf = (run: Run): string => kneeText(timeOf(run))

/** What is true of a load alone, and what is not valid about it. */
const invalidFrom =
  (load: number, validity: Measurement['validity']) =>
  (measurement: Measurement): Measurement =>
    measurement.loop.connections >= load ? { ...measurement, validity } : measurement

const bound: Measurement['validity'] = {
  valid: false,
  reasons: ['generator-bound'],
  because: ['The generator was full.'],
}

describe('the knee', () => {
  test('of nine equal stations is at eight connections, and their asymptotes cross at nine', () => {
    const exact = timeOf(swept({ networks: nine, values: [...loads, 4096], noise: 0 }))
    expect(exact.knee).toMatchObject({ point: { load: 8 }, within: { low: 8, high: 8 } })
    // 4096 connections reach all but a five-hundredth of the capacity.
    expect(exact.crossing!.middle).toBeCloseTo(9, 1)
    expect(exact.most!.load).toBe(4096)
  })

  test('of a queue of Poisson arrivals is at half its capacity', () => {
    const run = swept({ networks: one, by: 'rate', values: [100, 250, 500, 750, 900], noise: 0 })
    const curve = timeOf(run)
    expect(curve.knee!.point.load).toBe(500)
    expect(textOf(run)).toMatch(/^app-server: knee at 500\/s asked for \(in at least 95 % of resamples\): 500\/s with /)
    expect(curve.crossing).toBeUndefined()
  })

  test('is as unsure as its repeats: noise spreads it over neighbouring loads', () => {
    const run = swept({ networks: nine, values: [4, 6, 8, 10, 12, 16], repeats: 8, noise: 0.2 })
    const { low, high } = timeOf(run).knee!.within!
    expect(low).toBeLessThanOrEqual(8)
    expect(high).toBeGreaterThanOrEqual(8)
    expect(high).toBeGreaterThan(low)
    expect(textOf(run)).toContain(`${low} to ${high} in 95 % of resamples`)
  })

  test('from one repeat for each load is shown, and how sure it is is not claimed', () => {
    expect(textOf(swept({ networks: nine, repeats: 1, noise: 0 }))).toContain('how sure is not known')
  })

  test('that the sweep does not reach is not made up; the sentence says what to ask for', () => {
    expect(textOf(swept({ networks: nine, values: [1, 2, 4], noise: 0 }))).toContain(
      'the sweep does not reach the knee. It is at 4 connections or beyond',
    )
    expect(textOf(swept({ networks: nine, values: [1, 2, 4], noise: 0 }))).toContain('--sweep connections=1,2,4,8,16.')
    expect(textOf(swept({ networks: nine, values: [32, 64, 128], noise: 0 }))).toContain(
      'Ask for lower loads, for instance --sweep connections=8,16,32,64,128.',
    )
  })

  test('at one connection is as low as it can be', () => {
    expect(textOf(swept({ networks: one, values: loads, noise: 0 }))).toContain(
      'knee at 1 connection, the fewest there can be',
    )
  })

  test('is never at a load that is not valid, and the last valid one need not be it', () => {
    const run = swept({ networks: nine, values: loads, noise: 0, change: invalidFrom(8, bound) })
    expect(timeOf(run).knee!.point.load).toBe(4)
    expect(textOf(run)).toContain('Higher loads are not valid: The generator was full.')
    expect(timeOf(run).most!.load).toBe(4)
  })

  test('is not at a load at which one of two repeats broke down, however good the other was', () => {
    // At the greatest load one repeat is as quick as at the least, and the other takes seconds.
    const change = (one: Measurement): Measurement =>
      one.loop.connections === 16 ? { ...one, latency: latencyOf(one.repeat === 1 ? 0.5 : 2000) } : one
    const run = swept({ networks: nine, values: [2, 4, 8, 16], repeats: 2, noise: 0, change })
    expect(timeOf(run).knee!.point.load).toBe(8)
  })

  test('needs three valid loads', () => {
    const run = swept({ networks: nine, values: loads, noise: 0, change: invalidFrom(4, bound) })
    expect(textOf(run)).toBe('app-server: no knee to be told, 2 loads of 7 are valid and it takes 3.')
  })
})

test('what is not valid is drawn hollow, has its reason in the table, and no ring', () => {
  const run = swept({ networks: nine, values: loads, change: invalidFrom(32, bound) })
  const [throughput, response] = curveCharts(run)
  const line = throughput!.panels[0]!.lines[0]!
  expect(line.points.map(({ valid }) => valid)).toEqual([true, true, true, true, true, false, false])
  expect(line.points.filter(({ ringed }) => ringed).map(({ x }) => x)).toEqual([8])
  expect(response!.panels[0]!.lines.map(({ name, dashed }) => [name, dashed])).toEqual([
    ['app-server', false],
    ['p99', true],
  ])
  const rows = curvesChapter(run)!.parts[0]!.table!.rows
  expect(rows.find(([, load]) => load === '64')!.at(-1)).toBe('not valid, 0 of 3: The generator was full')
  expect(rows.find(([, load]) => load === '8 (knee)')).toContain('100 %')
})

test('a load at which nothing was answered breaks the lines and leaves the rest', () => {
  const silent: Partial<Measurement> = { throughput: 0, requests: 0, latency: null, little: null, validity: bound }
  const run = swept({
    networks: nine,
    change: (each) => (each.loop.connections === 128 ? { ...each, ...silent } : each),
  })
  expect(curveCharts(run)[1]!.panels[0]!.lines[0]!.points.at(-1)).toMatchObject({ y: null, valid: false })
  expect(curvesInShort(run)[0]).toContain('knee at 8 connections')
  expect(JSON.stringify(curvesChapter(run))).not.toMatch(/NaN|undefined|Infinity/)
})

test('a percentile that is not known is a gap', () => {
  const latency = { ...latencyOf(5), p99: null }
  const run = swept({ networks: nine, change: (each) => ({ ...each, latency }) })
  expect(curveCharts(run)[1]!.panels[0]!.lines[1]!.points.every(({ y }) => y === null)).toBe(true)
})

test('a run without a sweep has no such chapter', () => {
  expect(curvesChapter(fixture())).toBeUndefined()
  expect(curvesInShort(fixture())).toEqual([])
})
