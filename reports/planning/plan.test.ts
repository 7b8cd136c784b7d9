import { describe, expect, test } from 'vitest'
import {
  percentile,
  simulate,
  simulatedPoint,
  simulatedResult,
  simulatedRun,
  type Truth,
} from '../fixture/simulated.ts'
import type { Plan, Result, Run } from '../run.ts'
import { BUSIEST } from './configuration.ts'
import { fittedLoads, heldOutLoads } from './loads.ts'
import { planOf } from './plan.ts'

const demand: Plan['demand'] = {
  ...{ rps: 300, peak: 3, growth: 0.3, years: 2, p99: 200, hitRatio: 0, cores: 4, memoryBytes: 4e9, spare: 1 },
}
const planFor = (changes: Partial<Plan['demand']> = {}, shares: Partial<Plan['shares']> = {}): Plan => ({
  ...{ demand: { ...demand, ...changes }, assumed: [], fitted: [...fittedLoads(8)] },
  shares: { dynamic: 1, cached: 0, static: 0, ...shares },
})
const closed = [...fittedLoads(8), ...heldOutLoads(8)]

const computing: Truth = { proxy: 0.2, app: 0.8, random: true, delay: 0.05, cores: 1, workers: 2, threads: 4 }
const waits: Truth = { ...computing, proxy: 0.1, app: 0.4, delay: 20 }
const results = {
  computing: simulatedResult(computing, { closed, open: [300, 600] }),
  waits: simulatedResult(waits, { closed, open: [110, 230] }),
}
const run = (result: Result, truth: Truth, plan: Plan): Run => simulatedRun([result], truth, plan)
const errors = (planned: ReturnType<typeof planOf>, figure: string): readonly number[] =>
  planned.validation.checks.filter((check) => check.figure === figure).map(({ error }) => Math.abs(error))

describe('servers whose truth is known', () => {
  test.each([
    ['compute', computing],
    ['always take equally long', { ...computing, random: false }],
    ['wait for a database', waits],
    ['have four cores', { ...computing, cores: 4, workers: 4, threads: 2 }],
    ['are one worker of eight threads', { ...waits, workers: 1, threads: 8 }],
    ['have no proxy', { ...computing, proxy: 0 }],
  ])('that %s are predicted at loads the model never saw', (_, truth) => {
    const planned = planOf(run(simulatedResult(truth, { closed }), truth, planFor()))
    expect(errors(planned, 'throughput')).toHaveLength(heldOutLoads(8).length)
    expect(Math.max(...errors(planned, 'throughput'))).toBeLessThan(0.06)
    expect(Math.max(...errors(planned, 'p50'))).toBeLessThan(0.25)
    expect(planned.validation.holds).toBe(true)
    expect(planned.models[0]!.sharing).toBe('any')
  })

  test('whose connections often crowd at one worker are seen through', () => {
    const truth: Truth = { ...waits, crowded: 0.6 }
    const planned = planOf(run(simulatedResult(truth, { closed }), truth, planFor()))
    expect(planned.models[0]!.sharing).toBe('sticky')
    expect(Math.max(...errors(planned, 'throughput'))).toBeLessThan(0.15)
    // All of them at one worker must find a thread, by Little's law.
    const { size } = planned.topologies[0]!
    expect(size!.threads).toBeGreaterThan((size!.rate * 20.5) / 1000)
  })

  test('that change their way between two measurements are missed, and the plan says so', () => {
    const broken = structuredClone(results.computing)
    for (const point of broken.planning!.points) {
      if (point.loop.connections === 16) for (const round of point.rounds) round.throughput /= 2
    }
    const { validation } = planOf(run(broken, computing, planFor()))
    expect(validation.throughput!.worst).toBeGreaterThan(0.9)
    expect(validation.holds).toBe(false)
  })

  test('under random arrivals keep a 99th percentile that is not above the predicted one by much, nor far below', () => {
    for (const [result, truth] of [
      [results.computing, computing],
      [results.waits, waits],
    ] as const) {
      const { validation } = planOf(run(result, truth, planFor()))
      const [check] = validation.checks.filter(({ figure }) => figure === 'p99')
      expect(check!.error).toBeGreaterThan(-0.1)
      expect(check!.error).toBeLessThan(1)
      expect(validation.behind).toEqual([])
    }
  })

  test('that cannot keep up with a rate are said to fall behind', () => {
    const behind = simulatedResult(computing, { closed, open: [300, 1300] })
    const { validation } = planOf(run(behind, computing, planFor()))
    expect(validation.behind).toEqual([expect.objectContaining({ rate: 1300 })])
  })

  test.each([
    ['compute', results.computing, computing, { rps: 2000 }],
    ['wait', results.waits, waits, { rps: 2000 }],
    ['compute, to a tight limit', results.computing, computing, { rps: 2000, p99: 8 }],
  ])('that %s, planned and built, bear what was planned for', (_, result, truth, changes) => {
    const planned = planOf(run(result, truth, planFor(changes)))
    const { size } = planned.recommended!
    const machine = { ...truth, cores: 4, workers: size!.workers, threads: size!.threads }
    const seen = simulate(machine, { rate: size!.rate })
    expect(percentile(seen, 0.99)).toBeLessThanOrEqual(planned.demand.p99)
    expect(percentile(seen, 0.5) / size!.p50).toBeCloseTo(1, 0)
    expect(size!.utilization / ((size!.rate * (truth.proxy + truth.app)) / 1000 / 4)).toBeCloseTo(1, 1)
    expect(size!.machines * size!.rate).toBeGreaterThan(planned.rate)
    // One machine fewer is busier than is planned, or too slow.
    const fewer = planned.rate / (size!.machines - 1 - 1)
    const busier = (fewer * (truth.proxy + truth.app)) / 1000 / 4
    expect(
      busier > BUSIEST * 0.97 || percentile(simulate(machine, { rate: fewer }), 0.99) > planned.demand.p99 / 2,
    ).toBe(true)
    // And what it says they would bear, they bear.
    expect(percentile(simulate(machine, { rate: size!.rate * size!.headroom * 0.9 }), 0.99)).toBeLessThanOrEqual(
      planned.demand.p99,
    )
  })
})

describe('a demand', () => {
  const sized = (changes: Partial<Plan['demand']> = {}, result = results.computing, truth = computing) =>
    planOf(run(result, truth, planFor(changes))).topologies[0]!

  test('is the average, at its peak, grown', () => {
    expect(planOf(run(results.computing, computing, planFor())).rate).toBeCloseTo(300 * 3 * 1.3 ** 2, 9)
  })

  test('takes about twice as many machines for twice as many requests, and fewer larger ones', () => {
    const machines = (changes: Partial<Plan['demand']>): number =>
      sized({ rps: 4000, spare: 0, ...changes }).size!.machines
    expect(machines({ rps: 8000 }) / machines({})).toBeCloseTo(2, 0)
    expect(machines({ cores: 8 })).toBeLessThan(machines({}))
  })

  test('of spare machines and prices adds them, and the sums are right', () => {
    const { size } = sized({ spare: 2, cost: { core: 20, gb: 3 } })
    expect(size!.machines).toBe(sized({ spare: 0 }).size!.machines + 2)
    expect(size!.cost).toBe(size!.machines * (4 * 20 + 4 * 3))
    expect(size!.memoryBytes).toBe(size!.tiers.reduce((sum, tier) => sum + tier.memoryBytes, 0))
    // 10 MB of the proxy, 20 MB and 30 MB for each worker.
    expect(size!.memoryBytes).toBe(30e6 + size!.workers * 30e6)
    expect(size!.machinesWithin!.low).toBeLessThanOrEqual(size!.machines)
    expect(size!.machinesWithin!.high).toBeGreaterThanOrEqual(size!.machines)
    expect(sized().size!.cost).toBeUndefined()
  })

  test('that memory limits gets fewer workers than cores, and their interpreters run out first', () => {
    const { size } = sized({ rps: 2000, memoryBytes: 120e6 })
    expect(size!.workers).toBe(2)
    expect(size!.memoryBytes).toBeLessThanOrEqual(0.8 * 120e6)
    expect(size!.saturatesFirst).toEqual({ kind: 'interpreters' })
    expect(size!.machines).toBeGreaterThan(sized({ rps: 2000 }).size!.machines)
  })

  test('of a computing application runs out of cores, of a waiting one out of threads', () => {
    expect(sized().size!.saturatesFirst).toEqual({ kind: 'cores', role: 'app', server: 'gunicorn' })
    expect(sized({}, results.waits, waits).size!.saturatesFirst).toEqual({ kind: 'threads' })
  })

  test('below the application’s own time is impossible, and it says what would be needed', () => {
    const { size, because } = sized({ p99: 15 }, results.waits, waits)
    expect(size).toBeUndefined()
    expect(because).toMatch(/takes 2\d\.\d ms and longer even when nobody waits.*keeps 15 ms.*limit above 2\d\.\d ms/s)
  })

  test('whose memory does not hold a single worker is impossible, and it says how much would', () => {
    const { size, because } = sized({ memoryBytes: 64e6 })
    expect(size).toBeUndefined()
    expect(because).toBe(
      'A single worker and what stands around it hold 60 MB, more than 80 % of the 64 MB of a machine. It would take machines of 75 MB.',
    )
  })

  test('is nothing to plan for where too little was measured', () => {
    const none = { ...results.computing, planning: undefined, problems: ['It fell over.'] }
    const planned = planOf(run(none as unknown as Result, computing, planFor()))
    expect(planned.recommended).toBeUndefined()
    expect(planned.models).toEqual([])
    expect(planned.validation.holds).toBe(false)
    expect(planned.topologies[0]!.because).toMatch(/^Too little was measured of it/)
    const without = structuredClone(results.computing)
    without.planning!.points = without.planning!.points.filter(({ loop }) => loop.connections !== 1)
    expect(planOf(run(without, computing, planFor())).topologies[0]!.size).toBeUndefined()
  })

  test('met by two topologies that chance alone keeps apart is met by the simpler one', () => {
    const small = simulatedResult({ ...computing, proxy: 0, app: 1.02 }, { closed })
    const planned = planOf(simulatedRun([results.computing, small], computing, planFor({ rps: 6000 })))
    expect(planned.recommended!.name).toBe('app-server')
    const large = simulatedResult({ ...computing, proxy: 0, app: 2 }, { closed })
    const clear = planOf(simulatedRun([large, results.computing], computing, planFor({ rps: 6000 })))
    expect(clear.recommended!.name).toBe('reverse-proxy')
    expect(clear.topologies.map(({ name }) => name)).toEqual(['reverse-proxy', 'app-server'])
  })
})

describe('requests that the application need not answer', () => {
  const cached = simulatedResult(computing, { closed })
  cached.tiers = [{ ...cached.tiers[0]!, role: 'cache', server: 'varnish' }, cached.tiers[1]!]
  for (const { rounds } of cached.planning!.points) for (const round of rounds) round.cpu = { cache: 200, app: 800 }
  const hits = simulatedPoint({ ...computing, app: 0.001 }, { connections: 8 }, 'cached')
  for (const round of hits.rounds) round.cpu = { cache: 100, app: 0 }
  cached.planning!.points.push(hits)
  const cores = (hitRatio: number, result = cached): number => {
    const { size } = planOf(run(result, computing, planFor({ hitRatio, rps: 1000 }, { dynamic: 0.2, cached: 0.8 })))
      .topologies[0]!
    return (size!.tiers.reduce((sum, tier) => sum + tier.cores, 0) / size!.rate) * 1000
  }

  test('cost what the cache takes for a hit, and what the application takes for the others', () => {
    expect(cores(0)).toBeCloseTo(1, 1)
    // Half of 0.8 hit: 0.4 x 0.1 ms + 0.6 x 1 ms.
    expect(cores(0.5)).toBeCloseTo(0.64, 1)
    expect(cores(1)).toBeCloseTo(0.28, 1)
  })

  test('are dynamic ones where nothing stores them, and where hits were not measured, which is said', () => {
    expect(cores(1, results.computing)).toBeCloseTo(1, 1)
    const unmeasured = structuredClone(cached)
    unmeasured.planning!.points.pop()
    expect(cores(1, unmeasured)).toBeCloseTo(1, 1)
    const [planned] = planOf(
      run(unmeasured, computing, planFor({ hitRatio: 1 }, { dynamic: 0.2, cached: 0.8 })),
    ).topologies
    expect(planned!.notes).toContainEqual(expect.stringContaining('Hits of the cache were not measured'))
  })
})

test('memory that could not be read is not planned, and that is said', () => {
  const unread = structuredClone(results.computing)
  for (const { tiers } of unread.planning!.sizes) for (const tier of tiers) tier.pssBytes = null
  const [planned] = planOf(run(unread, computing, planFor())).topologies
  expect(planned!.size!.memoryBytes).toBe(0)
  expect(planned!.notes).toEqual(['What nginx and gunicorn held could not be read: its memory is not planned.'])
})

test('a server of one process is planned with one interpreter, whatever workers it was told', () => {
  const single = structuredClone(results.computing)
  for (const { tiers } of single.planning!.sizes) for (const tier of tiers) tier.processes = 1
  const { size } = planOf(run(single, computing, planFor({ rps: 2000 }))).topologies[0]!
  expect(size!.workers).toBe(1)
  expect(size!.saturatesFirst).toEqual({ kind: 'interpreters' })
})
