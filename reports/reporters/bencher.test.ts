import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { gatedRun } from '../fixture/gated.ts'
import { gates } from '../fixture/gates.ts'
import { partialRuns } from '../fixture/partial.ts'
import { fixture } from '../fixture/whole.ts'
import { effectsOf } from '../gate.ts'
import type { Run } from '../run.ts'
import bencher from './bencher.ts'

type Metric = { readonly value: number; readonly lower_value?: number; readonly upper_value?: number }

/** Bencher Metric Format: benchmarks of measures of metrics; names as long as Bencher takes them. */
const isFormat = new Ajv().compile({
  type: 'object',
  propertyNames: { minLength: 1, maxLength: 1024 },
  additionalProperties: {
    type: 'object',
    minProperties: 1,
    propertyNames: { pattern: '^[a-z0-9-]{1,64}$' },
    additionalProperties: {
      type: 'object',
      required: ['value'],
      additionalProperties: false,
      properties: { value: { type: 'number' }, lower_value: { type: 'number' }, upper_value: { type: 'number' } },
    },
  },
})

async function render(run: Run): Promise<Readonly<Record<string, Readonly<Record<string, Metric>>>>> {
  const read = JSON.parse(String((await bencher.render(run))[0]!.content))
  expect(isFormat(read), JSON.stringify(isFormat.errors)).toBe(true)
  for (const { value, lower_value: low = value, upper_value: high = value } of Object.values(read).flatMap((of) =>
    Object.values(of as object),
  )) {
    expect(low).toBeLessThanOrEqual(value)
    expect(high).toBeGreaterThanOrEqual(value)
  }
  return read
}

test('a run is a benchmark per deployment and workload, of which the name says on which machine', async () => {
  const all = await render(fixture())
  const name = 'app-server of gunicorn/gthread, time, native on AMD EPYC 7763 64-Core Processor, 2 CPUs, Debian 13'
  expect(Object.keys(all[name]!)).toEqual([
    'throughput',
    'cpu-per-request-us',
    'latency-p50-ms',
    'latency-p99-ms',
    'memory-pss-bytes',
  ])
  expect(all[name]!['throughput']!.value).toBe(2279.7)
})

test('what the lab compares with nothing is not handed to who compares everything', async () => {
  const all = await render(fixture())
  const outran = Object.keys(all).filter((name) =>
    name.startsWith('three-tier of varnish/default, nginx/http11, gunicorn/gthread, page,'),
  )
  expect(outran).toEqual([])
  expect(await bencher.render(partialRuns()['all invalid']!)).toEqual([])
  expect(await bencher.render(partialRuns()['one repeat']!)).toEqual([])
})

test('a gate is its changes, as how many times the base’s value the head’s is, where they are decided', async () => {
  const run = gatedRun()
  const [[name, found]] = Object.entries(await render(run)) as [[string, Readonly<Record<string, Metric>>]]
  expect(name).toBe('gate: reverse-proxy of nginx/http11, gunicorn/gthread, shop/wsgi.py:application /shop?page=2')
  // p99 is inconclusive.
  expect(Object.keys(found)).toEqual([
    'cpu-head-to-base',
    'throughput-head-to-base',
    'p50-head-to-base',
    'memory-head-to-base',
  ])
  const { change, interval } = effectsOf(run.gate!.duet!)[0]!
  expect(found['cpu-head-to-base']).toEqual({
    value: 1 + change,
    lower_value: 1 + interval!.low,
    upper_value: 1 + interval!.high,
  })
})

test('a gate that measured nothing, or was cut short, has no benchmarks', async () => {
  expect(await bencher.render(gates[3]![2])).toEqual([])
  const { finishedAt: _, ...cut } = gatedRun()
  expect(await bencher.render(cut)).toEqual([])
})
