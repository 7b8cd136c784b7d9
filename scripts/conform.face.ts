import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { judge } from '../suites/judging/judge.ts'
import type { Deployment, Runtime } from '../topologies/runtimes/index.ts'
import { suites } from './catalogue.ts'
import { chosenTopologies } from './options.ts'
import { nativeRuntime } from './runtime.ts'

/**
 * A face of vitest on the table of clauses: watch mode, `-t`, JUnit. LAB_TOPOLOGY and LAB_SERVER (role=name/variant)
 * choose what is judged. The lab itself judges with its own loop; the verdicts are the same.
 */
const names = (process.env['LAB_TOPOLOGY'] ?? 'app-server').split(',')
const servers = (process.env['LAB_SERVER'] ?? '').split(',').filter(Boolean)
const chosen = await chosenTopologies(names, servers)
const all = await suites()
let runtime: Runtime
beforeAll(async () => void (runtime = await nativeRuntime(chosen)))
afterAll(() => runtime[Symbol.asyncDispose]())

describe.each(chosen.map((topology) => [topology.name, topology] as const))('%s', (_, topology) => {
  let deployment: Deployment
  beforeAll(
    async () => void (deployment = await runtime.up(topology, { application: 'probe', workers: 2, threads: 4 })),
  )
  afterAll(() => deployment[Symbol.asyncDispose]())

  const tiers = topology.tiers.map(({ server }, index) => [`${server.role} ${server.name}`, index] as const)
  describe.each(tiers.toReversed())('%s', (_hop, index) => {
    describe.each(all.map((suite) => [suite.name, suite] as const))('%s', (_suite, suite) => {
      test.for(Object.entries(suite.clauses))('%s', async ([id, clause], { annotate, skip }) => {
        const { target } = deployment
        const { outcome, because } = await judge(
          `${suite.name}/${id}`,
          clause,
          target.hops[index]!,
          target,
          AbortSignal.timeout(25_000),
        )
        skip(outcome === 'inapplicable' || outcome === 'blocked', because ?? outcome)
        if (outcome === 'observed') await annotate(because ?? '')
        expect(outcome, `${clause.says}\n${because}`).toBeOneOf(['pass', 'observed'])
      })
    })
  })
})
