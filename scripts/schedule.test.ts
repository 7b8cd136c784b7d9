import { expect, test } from 'vitest'
import { seeded } from '../reports/statistics.ts'
import { topologies, workloads } from './catalogue.ts'
import type { Topology } from '../topologies/index.ts'
import { intermediaries } from './alone.ts'
import { schedule, type Step } from './schedule.ts'

const plan = {
  topologies: await topologies(),
  runtimes: ['native'],
  alone: intermediaries(await topologies()),
  judging: true,
  workloads: await workloads(),
  repeats: 3,
}
const steps = schedule({ ...plan, random: seeded(1) })
const measuring = steps.filter((step): step is Extract<Step, { kind: 'measure' }> => step.kind === 'measure')
const placeOf = (step: Step): Topology | undefined => ('topology' in step ? step.topology : undefined)

test('everything is judged before anything is measured', () => {
  const kinds = steps.map((step) => step.kind)
  expect(kinds.lastIndexOf('judge')).toBeLessThan(kinds.indexOf('measure'))
  expect(kinds.filter((kind) => kind === 'judge')).toHaveLength(plan.topologies.length)
})

test('what stands in front of applications is judged alone, each once, and a cache also where its rules can be told apart', () => {
  const alone = steps.filter((step) => step.kind === 'alone').flatMap(({ tiers }) => tiers)
  expect(alone.map(({ server, variant }) => `${server.name}/${variant}`)).toEqual([
    'nginx/http11',
    'varnish/default',
    'varnish/lab',
  ])
})

test('every repeat meets every topology once per workload before the next repeat begins', () => {
  const done = measuring.flatMap(({ topology, repeat, workloads: some }) =>
    some.map(({ name }) => `${repeat} ${topology.name} ${name}`),
  )
  expect(new Set(done).size).toBe(done.length)
  expect(measuring.map((step) => step.repeat)).toEqual(measuring.map((step) => step.repeat).toSorted((a, b) => a - b))
  for (const topology of plan.topologies) expect(done).toContain(`3 ${topology.name} static`)
})

test('frameworks are compared on the simplest topology only', () => {
  const on = measuring
    .filter((step) => step.workloads.some(({ content }) => content === 'framework'))
    .map((step) => step.topology.name)
  expect(new Set(on).size).toBe(1)
  expect(on[0]).toBe('app-server')
})

test('the order is random, and the same for the same seed', () => {
  const order = (seed: number) =>
    schedule({ ...plan, random: seeded(seed) })
      .map((step) => `${step.kind} ${placeOf(step)?.name}`)
      .join()
  expect(order(7)).toBe(order(7))
  expect(new Set([1, 2, 3, 4, 5].map(order)).size).toBeGreaterThan(1)
})

test('two runtimes take turns in every repeat, each with every topology', () => {
  const both = schedule({ ...plan, runtimes: ['native', 'docker'], random: seeded(3) })
  for (const topology of plan.topologies) {
    const of = both.filter((step) => placeOf(step) === topology)
    expect(of.filter(({ kind, runtime }) => kind === 'judge' && runtime === 'docker')).toHaveLength(1)
    for (const repeat of [1, 2, 3]) {
      const places = of
        .filter((step) => step.kind === 'measure' && step.repeat === repeat)
        .map(({ runtime }) => runtime)
      expect(new Set(places)).toEqual(new Set(['native', 'docker']))
    }
  }
})
