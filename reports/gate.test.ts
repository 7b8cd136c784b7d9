import { mean } from 'simple-statistics'
import { expect, test } from 'vitest'
import { effectsOf, verdictOf, type Effect } from './gate.ts'
import type { Duet, GateFigures, GatedMetric, GateRound } from './run.ts'
import { seeded } from './statistics.ts'

const steady: GateFigures = { cpu: 200, throughput: 3000, p50: 0.3, p99: 3, memory: 30e6, requests: 1000 }
const quiet = { first: 'base', lateness: 0.01, generatorDelay: 0.01, foreignCpu: 0 } as const

/** Rounds of which the head differs in one metric by these factors. */
const roundsOf = (metric: GatedMetric, batch: 1 | 2, factors: readonly number[]): readonly GateRound[] =>
  factors.map((factor) => ({ ...quiet, batch, base: steady, head: { ...steady, [metric]: steady[metric]! * factor } }))

const duet = (rounds: readonly GateRound[], tolerances: Duet['tolerances'] = { cpu: 0.02 }): Duet => ({
  topology: 'app-server',
  ...{ base: { tiers: [] }, head: { tiers: [] }, path: '/', rate: 500, connections: 8, saturated: 'together' },
  ...{ seconds: { offered: 1, saturated: 1 }, tolerances, rounds: [...rounds] },
})

const about = (change: number): readonly number[] =>
  [-0.004, 0.003, 0.001, -0.002, 0.004, -0.002].map((each) => 1 + change + each)
const cpu = (...batches: (readonly number[])[]): Effect =>
  effectsOf(duet(batches.flatMap((factors, index) => roundsOf('cpu', index === 0 ? 1 : 2, factors))))[0]!

test('a change beyond the tolerance fails the build only when a repeat shows it as well', () => {
  expect(cpu(about(0.05))).toMatchObject({ verdict: 'inconclusive', why: 'unconfirmed' })
  const confirmed = cpu(about(0.05), about(0.05))
  expect(confirmed).toMatchObject({ verdict: 'breach', rounds: 12 })
  expect(confirmed.change).toBeCloseTo(0.05, 3)
  expect(confirmed.interval!.low).toBeGreaterThan(0.04)
  expect(cpu(about(0.06), about(0.01))).toMatchObject({ verdict: 'inconclusive', why: 'unconfirmed' })
})

test('a clear change within the tolerance passes', () => {
  const small = cpu(about(0.01))
  expect(small.interval!.low).toBeGreaterThan(0)
  expect(small.verdict).toBe('pass')
})

test('who could not have seen it does not say pass', () => {
  const noisy = cpu([1.05, 0.96, 1.02, 0.97, 1.03, 0.98])
  expect(noisy.smallestDetectable).toBeGreaterThan(0.02)
  expect(noisy).toMatchObject({ verdict: 'inconclusive', why: 'noisy' })
})

test('who could have seen it but cannot exclude it does not say pass either', () => {
  const near = cpu(about(0.019))
  expect(near.smallestDetectable).toBeLessThan(0.02)
  expect(near).toMatchObject({ verdict: 'inconclusive', why: 'undecided' })
})

test('what became better passes, in the direction of each metric', () => {
  expect(cpu(about(-0.2)).verdict).toBe('pass')
  const effectOf = (change: number) =>
    effectsOf(
      duet(
        [1, 2].flatMap((batch) => roundsOf('throughput', batch as 1 | 2, about(change))),
        { throughput: 0.05 },
      ),
    )[0]!
  expect(effectOf(0.2).verdict).toBe('pass')
  expect(effectOf(-0.2)).toMatchObject({ verdict: 'breach' })
  expect(effectOf(-0.2).change).toBeCloseTo(-0.2, 2)
})

test('latencies say nothing when requests were sent late', () => {
  const late = roundsOf('p50', 1, about(0)).map((round) => ({ ...round, lateness: 0.2 }))
  expect(effectsOf(duet(late, { p50: 0.05 }))[0]).toMatchObject({ verdict: 'inconclusive', why: 'late' })
})

test('a figure that is missing, or a handful of rounds, is too few', () => {
  expect(cpu([1, 1])).toMatchObject({ verdict: 'inconclusive', why: 'too-few' })
  expect(cpu([])).toMatchObject({ verdict: 'inconclusive', why: 'too-few' })
  const without = roundsOf('p99', 1, about(0)).map((round) => ({ ...round, head: { ...round.head, p99: null } }))
  expect(effectsOf(duet(without, { p99: 0.5 }))[0]).toMatchObject({ verdict: 'inconclusive', why: 'too-few' })
})

test('only metrics with a tolerance are gated, and the worst verdict is the gate’s', () => {
  const rounds = roundsOf('cpu', 1, about(0.01))
  expect(effectsOf(duet(rounds, { memory: 0.05 })).map(({ metric }) => metric)).toEqual(['memory'])
  expect(verdictOf({ duet: duet(rounds) })).toBe('pass')
  expect(verdictOf({ duet: duet(roundsOf('cpu', 1, about(0.05))) })).toBe('inconclusive')
  expect(verdictOf({})).toBe('pass')
})

/** Thousands of gates of known truth, with the noise of starts that was seen on shared CPUs. */
function simulated(change: number, deviation: number, gates: number) {
  const random = seeded(7)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const batch = (): readonly number[] =>
    Array.from({ length: 8 }, () => Math.exp(Math.log(1 + change) + deviation * normal()))
  return Array.from({ length: gates }, () => {
    const first = batch()
    const looked = cpu(first)
    return looked.verdict === 'pass' ? looked : cpu(first, batch())
  })
}
const share = (effects: readonly Effect[], verdict: Effect['verdict']): number =>
  mean(effects.map((effect) => (effect.verdict === verdict ? 1 : 0)))

test('simulated: identical variants are told apart in a metric in fewer than 3 of 1000 gates, whatever the noise', () => {
  for (const deviation of [0.005, 0.01, 0.03, 0.1])
    expect(share(simulated(0, deviation, 4000), 'breach')).toBeLessThan(0.003)
})

test('simulated: with the noise of one start of 1 %, 5 % more is found and 2 % more does not pass', () => {
  expect(share(simulated(0.05, 0.01, 1000), 'breach')).toBeGreaterThan(0.99)
  // Two looks, each of which is wrong in half a percent of cases at most.
  expect(share(simulated(0.02, 0.01, 1000), 'pass')).toBeLessThan(0.02)
  expect(share(simulated(0, 0.01, 1000), 'pass')).toBeGreaterThan(0.98)
})

test('simulated: the smallest detectable change is found to be one in 95 of 100 gates', () => {
  const [typical] = [mean(simulated(0, 0.01, 500).map(({ smallestDetectable }) => smallestDetectable!))]
  const found = simulated(typical!, 0.01, 1000).filter(({ interval }) => interval!.low > 0)
  expect(found.length).toBeGreaterThan(930)
})
