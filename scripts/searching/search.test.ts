import { expect, test } from 'vitest'
import { capacities } from '../../reports/capacity.ts'
import { searched, speeds, stepOf, type Borne } from '../../reports/fixture/searched.ts'
import type { CapacityStep, Run } from '../../reports/run.ts'
import { median, seeded } from '../../reports/statistics.ts'
import { search, secondsAt } from './search.ts'

const slo = { limits: [{ percentile: 'p99' as const, milliseconds: 200 }], errors: 0.001 }
const sought = { slo, limits: [20, 50, 100, 150, 200] }

/** A search of a server that shows in steps what it bears, on a machine whose speed changes. */
function searchOf(borne: Borne, speed: () => number, change = (step: Omit<CapacityStep, 'kept'>) => step, of = sought) {
  // A closed loop found half of what there is to be had: where a search begins must not matter.
  const going = search(of, { throughput: borne.perSecond / 2, mean: 2 }, seeded(3))
  for (let next = going.next(); next !== undefined; next = going.next())
    going.note(change(stepOf(borne, next.rate, next.seconds, speed())))
  return going.steps
}

/** What the report makes of such searches. */
function reported(all: readonly (readonly CapacityStep[])[]) {
  const run: Run = searched({ topologies: { 'app-server': { perSecond: 1 } } })
  const [result] = run.results
  const searches = all.map((steps, index) => ({ repeat: index + 1, steps: [...steps] }))
  return capacities({ ...run, capacity: { slo, limits: [...sought.limits] }, results: [{ ...result!, searches }] })[0]!
}

test('a steady server’s capacity is found within 4 %, in about a minute of steps', () => {
  for (const perSecond of [300, 2000, 45_000]) {
    const steps = searchOf({ perSecond }, () => 1)
    const { max } = reported([steps])
    expect(max.kind === 'found' && Math.abs(max.rate.middle / perSecond - 1)).toBeLessThan(0.04)
    expect(steps.reduce((sum, { seconds }) => sum + seconds, 0)).toBeLessThan(95)
  }
})

test('on a machine that is twice as fast at one time as at another, searches agree once they are brought to its average', () => {
  const trials = Array.from({ length: 25 }, (_, trial) => {
    const all = Array.from({ length: 4 }, (_, index) => searchOf({ perSecond: 6000 }, speeds(10 * trial + index, 1.4)))
    const { max, isNormalised } = reported(all)
    expect(isNormalised).toBe(true)
    if (max.kind !== 'found') throw new Error('not found')
    const apart = (rates: readonly number[]) => Math.max(...rates) / Math.min(...rates)
    return { raw: apart(max.asFound), normalised: apart(max.atAverage) }
  })
  expect(median(trials.map(({ raw }) => raw))).toBeGreaterThan(1.2)
  expect(median(trials.map(({ normalised }) => normalised))).toBeLessThan(1.06)
  expect(Math.max(...trials.map(({ normalised }) => normalised))).toBeLessThan(1.15)
})

test('what waits is not made faster by a faster machine: its rate stays as it was found', () => {
  const all = [1, 2, 3].map((seed) => searchOf({ perSecond: 400, least: 20, cpu: 0.05 }, speeds(seed, 2)))
  const { max, isNormalised } = reported(all)
  expect(isNormalised).toBe(false)
  expect(max.kind === 'found' && Math.abs(max.rate.middle / 400 - 1)).toBeLessThan(0.04)
})

test('a rate from which on answers are wrong is where it ends, however fast they are', () => {
  const steps = searchOf({ perSecond: 9000, errors: { from: 3000, share: 0.02 } }, () => 1)
  const { max } = reported([steps])
  expect(max.kind === 'found' && Math.abs(max.rate.middle / 3000 - 1)).toBeLessThan(0.04)
})

test('where the generator is at its limit the rate is a lower bound', () => {
  const steps = searchOf({ perSecond: 90_000, generator: 60_000 }, () => 1)
  const { max } = reported([steps])
  expect(max.kind).toBe('atLeast')
  expect(max.kind === 'atLeast' && max.rate).toBeGreaterThan(50_000)
  expect(max.kind === 'atLeast' && max.rate).toBeLessThanOrEqual(60_000)
})

test('an objective that is never kept ends the search soon', () => {
  const steps = searchOf({ perSecond: 5000, least: 500 }, () => 1)
  expect(steps.length).toBeLessThan(14)
  expect(reported([steps]).max.kind).toBe('never')
})

test('a limit that is never kept costs the others nothing, and there is no critical rate', () => {
  const { max, critical, limits } = reported([searchOf({ perSecond: 5000, least: 10 }, () => 1)])
  expect(max.kind === 'found' && Math.abs(max.rate.middle / 5000 - 1)).toBeLessThan(0.04)
  // An answer takes 10 ms, and 24 at the 99th percentile.
  expect(limits.map(({ highest }) => highest.kind)).toEqual(['never', 'found', 'found', 'found', 'found'])
  expect(critical).toBeUndefined()
})

test('one lucky or unlucky step in ten moves nothing by much, whichever it is', () => {
  for (const lucky of [true, false]) {
    let count = 0
    const steps = searchOf(
      { perSecond: 2000 },
      () => 1,
      (step) => {
        if (++count % 10 !== 0) return step
        const { throughput } = stepOf({ perSecond: lucky ? 10_000 : 100 }, step.rate, step.seconds, 1)
        return { ...stepOf({ perSecond: lucky ? 10_000 : 100 }, step.rate, step.seconds, 1), throughput, cpu: step.cpu }
      },
    )
    const { max } = reported([steps])
    expect(max.kind === 'found' && Math.abs(max.rate.middle / 2000 - 1)).toBeLessThan(0.05)
  }
})

test('steps that others disturbed are tried again and decide nothing', () => {
  let count = 0
  const steps = searchOf(
    { perSecond: 2000 },
    () => 1,
    (step) =>
      ++count % 3 === 0 ? { ...stepOf({ perSecond: 500 }, step.rate, step.seconds, 1), disturbed: true } : step,
  )
  const disturbed = steps.flatMap((step, index) => (step.disturbed ? [index] : []))
  expect(disturbed.length).toBeGreaterThan(5)
  for (const index of disturbed.slice(0, -1)) expect(steps[index + 1]!.rate).toBe(steps[index]!.rate)
  const { max } = reported([steps])
  expect(max.kind === 'found' && Math.abs(max.rate.middle / 2000 - 1)).toBeLessThan(0.04)
})

test('a machine that is never quiet gets no answer, in bounded time', () => {
  const steps = searchOf(
    { perSecond: 2000 },
    () => 1,
    (step) => ({ ...step, disturbed: true }),
  )
  expect(steps.length).toBeLessThan(120)
  expect(reported([steps]).max.kind).toBe('unknown')
})

test('steps are long enough for the percentile to be known, within bounds', () => {
  expect(secondsAt(10_000, slo)).toBe(0.6)
  expect(secondsAt(400, slo) * 400).toBeCloseTo(500)
  expect(secondsAt(20, slo) * 20).toBeCloseTo(100)
  expect(secondsAt(1, slo)).toBe(10)
  expect(secondsAt(10_000, { ...slo, limits: [{ percentile: 'p99', milliseconds: 1000 }] })).toBe(2)
})
