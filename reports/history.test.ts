import { expect, test } from 'vitest'
import { gatedRun } from './fixture/gated.ts'
import { gateOf, remembered } from './fixture/remembered.ts'
import { fixture } from './fixture/whole.ts'
import { machineOf } from './fingerprint.ts'
import { effectsOf } from './gate.ts'
import { entryOf, parseHistory } from './history.ts'
import { trendsOf } from './trend.ts'

const textOf = (entries: readonly object[]): string => entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')

test('what is remembered of a gate is read back as it was, with its changes, intervals and both sides', () => {
  const run = gatedRun()
  const entry = entryOf(run)
  expect(parseHistory(textOf([entry]))).toEqual({ entries: [entry], leftOut: [] })
  expect(textOf([entry]).match(/\n/g)).toHaveLength(1)
  const [effect] = effectsOf(run.gate!.duet!)
  expect(entry).toMatchObject({ verdict: 'breach', conformance: { breach: 1, undecided: 1, known: 5, tightened: 1 } })
  expect(entry.gated).toMatchObject({ path: '/shop?page=2', base: 'shop/wsgi.py:application at main (89abcdef0123)' })
  const cpu = entry.gated!.metrics.cpu!
  expect(cpu).toMatchObject({ change: effect!.change, ...effect!.interval, tolerance: 0.02, verdict: 'breach' })
  expect(cpu.head.middle / cpu.base.middle).toBeCloseTo(1.051, 2)
  expect(cpu.base.low).toBeLessThan(cpu.base.middle)
})

test('of an ordinary run the valid medians are remembered, and nothing that is not valid', () => {
  const { measured, verdict } = entryOf(fixture())
  expect(verdict).toBeUndefined()
  const at = (workload: string, result: string) =>
    measured.find((each) => each.workload === workload && each.result === result)
  expect(at('time', 'app-server')!.metrics.throughput!.middle).toBeGreaterThan(2000)
  expect(at('time', 'app-server')!.metrics.cpu!.middle).toBeGreaterThan(300)
  // The generator was the bottleneck of this one: its throughput is a lower bound and no point of a line.
  expect(at('static', 'reverse-proxy')).toBeUndefined()
})

test('a line torn in the middle or at the end is left out with a sentence, and takes no other with it', () => {
  const [one, two] = remembered().map((entry) => JSON.stringify(entry))
  const { entries, leftOut } = parseHistory(`${one}\n{"schema":"lab.his\n\n${two}\n${one!.slice(0, 200)}`)
  expect(entries.map(({ id }) => id)).toEqual(['run-of-day-1', 'run-of-day-2'])
  expect(leftOut).toEqual([
    'Line 2 was left out: it is no whole entry, as when a lab is killed while it writes.',
    'Line 5 (the last) was left out: it is no whole entry, as when a lab is killed while it writes.',
  ])
})

test('what is no entry, or one of another lab, is left out with the reason', () => {
  const text = textOf([{ schema: 'lab.history/9' }, [], { ...entryOf(gatedRun()), machine: 7 }])
  expect(parseHistory(`${text}null\n`).leftOut).toEqual([
    'Line 1 was left out: it has the schema lab.history/9, and this lab reads lab.history/1.',
    expect.stringMatching(/^Line 2 was left out: it is no entry of a history/),
    expect.stringMatching(/^Line 3 was left out: it is no entry of a history \(machine\)/),
    expect.stringMatching(/^Line 4 .*left out: it is no entry of a history/),
  ])
})

test('a run that was added twice counts once, and entries stand in the order of time', () => {
  const [late, early] = [gateOf(9, 0), gateOf(2, 0)].map(entryOf)
  expect(parseHistory(textOf([late!, early!, late!])).entries.map(({ id }) => id)).toEqual([early!.id, late!.id])
})

test('machines that differ in anything that moves figures are kept apart', () => {
  const { host } = fixture()
  const others = [
    { ...host, cpu: 'another' },
    { ...host, cpus: host.cpus + 1 },
    { ...host, memoryBytes: host.memoryBytes * 2 },
    { ...host, kernel: '6.13' },
    { ...host, architecture: 'arm64' },
  ]
  const prints = [host, ...others].map((each) => machineOf(each).fingerprint)
  expect(new Set(prints).size).toBe(prints.length)
  // A kernel that keeps some megabytes more for itself, and what is busy at the moment, make no other machine.
  expect(machineOf({ ...host, memoryBytes: host.memoryBytes - 30e6, cpuPressure: 90 })).toEqual(machineOf(host))
  expect(machineOf(host)).toEqual({
    fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/),
    says: expect.stringContaining(host.kernel),
  })

  const trends = trendsOf(remembered())
  expect(trends.map(({ entries }) => entries.length)).toEqual([10, 3])
  for (const { machine, series } of trends) {
    const own = new Set(
      remembered()
        .filter((each) => each.machine.fingerprint === machine.fingerprint)
        .map(({ id }) => id),
    )
    const points = series.flatMap(({ lines }) => lines.flatMap((line) => line.points))
    expect(points.filter(({ id }) => !own.has(id))).toEqual([])
  }
})

test('gates of another path, server or setting are no points of the same line', () => {
  const entry = entryOf(gateOf(1, 0))
  const other = { ...entry, id: 'other', gated: { ...entry.gated!, path: '/' } }
  const servers = {
    ...entry,
    id: 'servers',
    gated: { ...entry.gated!, servers: ['nginx/http10 1.26.3-3', 'gunicorn/gthread 23'] },
  }
  const workers = { ...entry, id: 'workers', workers: 8 }
  const upgraded = {
    ...entry,
    id: 'upgraded',
    gated: { ...entry.gated!, servers: ['nginx/http11 1.28', 'gunicorn/gthread 24'] },
  }
  const [trend] = trendsOf([entry, other, servers, workers, upgraded])
  expect(trend!.series.map(({ lines }) => lines[0]!.points.map(({ id }) => id))).toEqual([
    ['run-of-day-1', 'upgraded'],
    ['other'],
    ['servers'],
    ['workers'],
  ])
})
