import { expect, test } from 'vitest'
import { withAlone } from '../fixture/alone.ts'
import { gatedRun } from '../fixture/gated.ts'
import { gates } from '../fixture/gates.ts'
import { isolated } from '../fixture/isolated.ts'
import { partialRuns } from '../fixture/partial.ts'
import { plannedRun } from '../fixture/planned.ts'
import { studied } from '../fixture/study.ts'
import { swept } from '../fixture/swept.ts'
import { hostile } from '../fixture/verdicts.ts'
import { fixture } from '../fixture/whole.ts'
import { effectsOf } from '../gate.ts'
import type { Run } from '../run.ts'
import openmetrics from './openmetrics.ts'

interface Family {
  readonly type: string
  readonly unit: string
  readonly samples: {
    readonly name: string
    readonly labels: Readonly<Record<string, string>>
    readonly value: number
  }[]
}

const render = async (run: Run): Promise<string> => String((await openmetrics.render(run))[0]!.content)

const descriptor = /^# (TYPE|UNIT|HELP) ([A-Za-z_:][\w:]*) ((?:[^\n"\\]|\\[n"\\])*)$/
const sample = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? ([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/
const label = /([A-Za-z][\w]*)="((?:[^\n"\\]|\\[n"\\])*)"(,|$)/y

/** Reads the text by the grammar and the rules of OpenMetrics 1.0 ("Text format", "Metric types"), and throws where it breaks one. */
function read(text: string): ReadonlyMap<string, Family> {
  expect(text).toMatch(/\n# EOF\n$/)
  expect(text).not.toMatch(/\r/)
  const families = new Map<string, { type: string; unit: string; samples: Family['samples'] }>()
  let current = ''
  for (const line of text.split('\n').slice(0, -2)) {
    const [, kind, name, rest] = descriptor.exec(line) ?? []
    if (kind === 'TYPE') {
      expect(families.has(name!), `${name} is one family, in one place`).toBe(false)
      families.set(name!, { type: rest!, unit: '', samples: [] })
      current = name!
    } else if (kind !== undefined) {
      expect(name).toBe(current)
      if (kind === 'UNIT') families.get(current)!.unit = rest!
    } else {
      const [, of, inBraces = '', value] = sample.exec(line)!
      families.get(current)!.samples.push({ name: of!, labels: labels(inBraces), value: Number(value) })
    }
  }
  for (const [name, { type, unit, samples }] of families) check(name, type, unit, samples)
  return families
}

function labels(text: string): Readonly<Record<string, string>> {
  const found: [string, string][] = []
  label.lastIndex = 0
  while (label.lastIndex < text.length) {
    const [, key, value] = label.exec(text)!
    found.push([key!, value!.replace(/\\(.)/g, (_, sign) => (sign === 'n' ? '\n' : sign))])
  }
  expect(new Set(found.map(([key]) => key)).size).toBe(found.length)
  return Object.fromEntries(found)
}

function check(name: string, type: string, unit: string, samples: Family['samples']): void {
  if (unit !== '') expect(name.endsWith(`_${unit}`), `${name} ends with its unit`).toBe(true)
  const sets = samples.map((each) => JSON.stringify(each.labels))
  expect(new Set(sets).size, `samples of ${name} are told apart by their labels`).toBe(sets.length)
  expect(
    new Set(samples.map((each) => Object.keys(each.labels).join())).size,
    `${name} has the same labels everywhere`,
  ).toBe(1)
  for (const each of samples) expect(each.name).toBe(type === 'info' ? `${name}_info` : name)
  if (type === 'info') for (const { value } of samples) expect(value).toBe(1)
  if (type !== 'stateset') return
  const enumerations = Map.groupBy(samples, (each) => JSON.stringify({ ...each.labels, [name]: '' }))
  for (const states of enumerations.values()) expect(states.map(({ value }) => value).toSorted()).toEqual([0, 0, 1])
}

const valueOf = (
  families: ReadonlyMap<string, Family>,
  name: string,
  wanted: Readonly<Record<string, string>>,
): number | undefined =>
  families
    .get(name)
    ?.samples.find(({ labels }) => Object.entries(wanted).every(([key, value]) => labels[key] === value))?.value

test.each<readonly [string, Run]>([
  ['a gate', gatedRun()],
  ['a plan', plannedRun()],
  ['a whole run', fixture()],
  ['native beside containers', isolated(['app-server', 'three-tier'])],
  ['intermediaries alone', withAlone(fixture())],
  ...gates.map(([what, , run]) => [what, run] as const),
  ...Object.entries(partialRuns()).filter(([, { results }]) =>
    results.some(({ verdicts, measurements }) => verdicts.length + measurements.length > 0),
  ),
])('the text of %s keeps to the format', async (_, run) => {
  expect(read(await render(run)).size).toBeGreaterThan(3)
})

test('the reader refuses what the format does', () => {
  expect(() => read('# TYPE a gauge\n# UNIT a seconds\n# HELP a b\na 1\n# EOF\n')).toThrow('ends with its unit')
  expect(() => read('# TYPE a gauge\na{b="c"} 1\na{b="c"} 2\n# EOF\n')).toThrow('told apart')
  expect(() => read('# TYPE a gauge\na{b="c"d"} 1\n# EOF\n')).toThrow()
})

test('a measurement is there in base units, with its interval', async () => {
  const families = read(await render(fixture()))
  const of = { result: 'app-server', workload: 'time' }
  expect(valueOf(families, 'gateway_lab_throughput_requests_per_second', of)).toBe(2279.7)
  expect(valueOf(families, 'gateway_lab_request_cpu_seconds', of)).toBeCloseTo(407e-6, 6)
  expect(valueOf(families, 'gateway_lab_latency_seconds', { ...of, percentile: '50' })).toBeCloseTo(0.0264, 4)
  expect(valueOf(families, 'gateway_lab_memory_bytes', of)).toBeCloseTo(61.6e6, -5)
  expect(valueOf(families, 'gateway_lab_throughput_low_requests_per_second', of)).toBeCloseTo(2217.8, 1)
  expect(valueOf(families, 'gateway_lab_throughput_high_requests_per_second', of)).toBeCloseTo(2343.3, 1)
  expect(valueOf(families, 'gateway_lab_verdicts', { result: 'app-server', outcome: 'fail' })).toBe(5)
})

test('what is not valid is counted, and its value is not there', async () => {
  const families = read(await render(fixture()))
  const of = { result: 'three-tier', workload: 'page' }
  expect(valueOf(families, 'gateway_lab_repeats', of)).toBe(5)
  expect(valueOf(families, 'gateway_lab_valid_repeats', of)).toBe(0)
  expect(valueOf(families, 'gateway_lab_throughput_requests_per_second', of)).toBeUndefined()
})

test('a gate tells of each metric the change, its bounds, what it could see, what is tolerated and the verdict', async () => {
  const run = gatedRun()
  const families = read(await render(run))
  for (const { metric, change, interval, smallestDetectable, tolerance, verdict } of effectsOf(run.gate!.duet!)) {
    const of = (part: string): number | undefined => valueOf(families, `gateway_lab_gate_${part}_ratio`, { metric })
    expect(of('change')).toBeCloseTo(change, 9)
    expect(of('change_low')).toBeCloseTo(interval!.low, 9)
    expect(of('change_high')).toBeCloseTo(interval!.high, 9)
    expect(of('smallest_detectable')).toBeCloseTo(smallestDetectable!, 9)
    expect(of('tolerance')).toBe(tolerance)
    const name = 'gateway_lab_gate_metric_verdict'
    expect(valueOf(families, name, { metric, [name]: verdict })).toBe(1)
  }
  expect(valueOf(families, 'gateway_lab_gate_verdict', { gateway_lab_gate_verdict: 'breach' })).toBe(1)
  expect(valueOf(families, 'gateway_lab_gate_clauses', { kind: 'known' })).toBe(5)
  const side = { side: 'head', percentile: '50' }
  expect(valueOf(families, 'gateway_lab_gate_latency_seconds', side)).toBeCloseTo(0.0019, 4)
})

test('a plan tells what each topology needs and how far off its model was', async () => {
  const families = read(await render(plannedRun()))
  expect(valueOf(families, 'gateway_lab_plan_rate_requests_per_second', {})).toBeCloseTo(700 * 3 * 1.3, 9)
  expect(families.get('gateway_lab_plan_machines')!.samples).toHaveLength(4)
  expect(valueOf(families, 'gateway_lab_plan_error_ratio', { figure: 'throughput', which: 'median' })).toBeLessThan(0.1)
  expect(valueOf(families, 'gateway_lab_plan_holds', {})).toBe(1)
  const impossible = read(await render(plannedRun({ demand: { p99: 3 } })))
  expect(valueOf(impossible, 'gateway_lab_plan_machines', {})).toBeUndefined()
})

test('a gate that was cut short has no verdict', async () => {
  const { finishedAt: _, ...cut } = gatedRun()
  const families = read(await render(cut))
  expect([...families.keys()].filter((name) => name.endsWith('verdict'))).toEqual([])
  expect(valueOf(families, 'gateway_lab_run_finished', {})).toBe(0)
})

test('of a metric that no round has there is no change, because none would look like none', async () => {
  const run = gatedRun()
  for (const { head } of run.gate!.duet!.rounds) head.memory = null
  const families = read(await render(run))
  expect(valueOf(families, 'gateway_lab_gate_change_ratio', { metric: 'memory' })).toBeUndefined()
  expect(valueOf(families, 'gateway_lab_gate_rounds', { metric: 'memory' })).toBe(0)
})

test('labels hold whatever a machine calls itself', async () => {
  const run = fixture()
  run.host.cpu = `a\\n"b"\r\n${hostile}`
  const [info] = read(await render(run)).get('gateway_lab_run')!.samples
  expect(info!.labels['cpu']).toBe(`a\\n"b"␍\n${hostile.replace('\u0000', '␀')}`)
})

test('a run that measured, judged and gated nothing has no metrics', async () => {
  expect(await openmetrics.render(studied())).toEqual([])
  // Its loads are no repeats of each other.
  expect(await openmetrics.render(swept())).toEqual([])
  expect(await openmetrics.render(partialRuns()['only failures']!)).toEqual([])
})
