import { expect, test } from 'vitest'
import { z } from 'zod'
import { gatedRun, gateRounds } from '../fixture/gated.ts'
import { gates } from '../fixture/gates.ts'
import { partialRuns } from '../fixture/partial.ts'
import { fixture } from '../fixture/whole.ts'
import type { Run } from '../run.ts'
import githubActionBenchmark from './github-action-benchmark.ts'

/** What the action reads of a custom benchmark; of a range it takes a sign and a number, and nothing after it. */
const Benchmarks = z.array(
  z.strictObject({
    name: z.string().min(1),
    unit: z.string().min(1),
    value: z.number().positive(),
    range: z.templateLiteral(['± ', z.number()]).optional(),
    extra: z.string(),
  }),
)

async function render(run: Run): Promise<z.infer<typeof Benchmarks>> {
  const [artifact] = await githubActionBenchmark.render(run)
  expect(artifact!.name).toBe('github-action-benchmark.json')
  const read = Benchmarks.parse(JSON.parse(String(artifact!.content)))
  // It finds the former value by the name alone.
  expect(new Set(read.map(({ name }) => name)).size).toBe(read.length)
  return read
}

const named = (all: z.infer<typeof Benchmarks>, name: string) => all.find((each) => each.name.includes(name))!

test('of a run everything is better when smaller, throughput as the time per request', async () => {
  const all = await render(fixture())
  const time = named(
    all,
    'app-server of gunicorn/gthread, time, native on AMD EPYC 7763 64-Core Processor, 2 CPUs, Debian 13: time per request',
  )
  expect(time).toMatchObject({ unit: 'us/request', value: Number((1e6 / 2279.7).toPrecision(6)) })
  // The farther end: 1e6 / 2217.8 is 450.9.
  expect(Number(time.range!.slice(2))).toBeCloseTo(12.2, 1)
  expect(
    named(
      all,
      'app-server of gunicorn/gthread, time, native on AMD EPYC 7763 64-Core Processor, 2 CPUs, Debian 13: memory',
    ).unit,
  ).toBe('bytes')
})

test('a gate is how many times the base’s value the head’s is, and says what the gate says', async () => {
  const all = await render(gatedRun())
  expect(all.map(({ name }) => name.split(': ').at(-1))).not.toContain('99th percentile of latency (p99)')
  const cpu = named(all, 'CPU per request')
  expect(cpu).toMatchObject({ unit: 'times the base', value: 1.05068 })
  expect(cpu.extra).toContain('the repeat confirmed it')
})

test('throughput that falls is a larger number', async () => {
  const { duet } = gatedRun().gate!
  const rounds = gateRounds({ throughput: [1905, -0.2, 0.02] })
  const all = await render(gatedRun({ duet: { ...duet!, rounds } }))
  expect(named(all, 'time per request').value).toBeCloseTo(1.25, 2)
})

test('what is compared with nothing, or was not measured, is not there', async () => {
  expect(
    (await render(fixture())).filter(({ name }) => name.startsWith('three-tier') && name.includes(', page,')),
  ).toEqual([])
  for (const run of [partialRuns()['all invalid']!, partialRuns()['no measurement']!, gates[3]![2]])
    expect(await githubActionBenchmark.render(run)).toEqual([])
})
