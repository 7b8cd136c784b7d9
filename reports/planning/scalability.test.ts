import { expect, test } from 'vitest'
import type { LoadRound } from '../run.ts'
import { seeded } from '../statistics.ts'
import { leastSquares, scalabilityOf, scaled } from './scalability.ts'

/**
 * "Cisco", the example data of Schwartz, "Practical Scalability Analysis with the Universal Scalability Law" (2015), as usl4j's
 * tests have it (github.com/codahale/usl4j, ModelTest.java), with what the book comes to: throughput of 1 to 32 clients.
 */
const cisco = [
  955.16, 1878.91, 2688.01, 3548.68, 4315.54, 5130.43, 5931.37, 6531.08, 7219.8, 7867.61, 8278.71, 8646.7, 9047.84,
  9426.55, 9645.37, 9897.24, 10097.6, 10240.5, 10532.39, 10798.52, 11151.43, 11518.63, 11806, 12089.37, 12075.41,
  12177.29, 12211.41, 12158.93, 12155.27, 12118.04, 12140.4, 12074.39,
].map((throughput, at) => ({ load: at + 1, throughput }))
const book = { lambda: 995.6486, sigma: 0.02671591, kappa: 7.690945e-4, peak: 35, most: 12341 }

test('the coefficients of the published example come out within 0.02 %', () => {
  const fit = leastSquares(cisco)
  for (const name of ['lambda', 'sigma', 'kappa'] as const) {
    expect(Math.abs(fit[name] / book[name] - 1), name).toBeLessThan(2e-4)
  }
  expect(Math.floor(Math.sqrt((1 - fit.sigma) / fit.kappa))).toBe(book.peak)
  expect(Math.abs(scaled(fit, book.peak) / book.most - 1)).toBeLessThan(2e-4)
})

const round = (throughput: number, disturbed = false): LoadRound => ({
  throughput,
  mean: 1,
  p99: null,
  cpu: {},
  disturbed,
})
const loads = [1, 2, 4, 8, 16, 32]
const truth = { lambda: 500, sigma: 0.05, kappa: 0.001 }
function measured(noise: number, rounds = 12, seed = 3) {
  const random = seeded(seed)
  return loads.map((load) => ({
    load,
    rounds: Array.from({ length: rounds }, () => round(scaled(truth, load) * (1 + noise * (random() - 0.5)))),
  }))
}

test('known coefficients lie in their intervals in about 95 of 100 runs', () => {
  const runs = Array.from({ length: 40 }, (_, seed) => scalabilityOf(measured(0.2, 12, seed), 1)!)
  for (const name of ['lambda', 'sigma', 'kappa'] as const) {
    const held = runs.filter((fit) => fit[name].within!.low <= truth[name] && truth[name] <= fit[name].within!.high)
    expect(held.length, name).toBeGreaterThanOrEqual(34)
    expect(held.length, name).toBeLessThanOrEqual(40)
    // And they are not held because the interval is of any width.
    expect(runs[0]![name].within!.high / runs[0]![name].within!.low, name).toBeLessThan(5)
  }
})

test('known coefficients are found in any unit', () => {
  for (const unit of [1e-3, 1, 1e5]) {
    const points = loads.map((load) => ({ load, throughput: scaled(truth, load) * unit }))
    expect(leastSquares(points).sigma).toBeCloseTo(truth.sigma, 5)
    expect(leastSquares(points).lambda / unit).toBeCloseTo(truth.lambda, 2)
  }
})

test('a law without any contention has none, and none of its coefficients is below zero', () => {
  const linear = leastSquares(loads.map((load) => ({ load, throughput: 100 * load })))
  expect(linear).toEqual({ lambda: expect.closeTo(100, 1), sigma: expect.closeTo(0, 3), kappa: expect.closeTo(0, 4) })
  const faster = leastSquares(loads.map((load) => ({ load, throughput: 100 * load ** 1.1 })))
  expect(Math.min(faster.sigma, faster.kappa)).toBeGreaterThanOrEqual(0)
})

test('it speaks of measured loads and up to twice as many, and of no more', () => {
  const fit = scalabilityOf(measured(0.1), 1)!
  expect(fit.throughput(24)! / scaled(truth, 24)).toBeCloseTo(1, 1)
  expect(fit.throughput(64)).toBeDefined()
  expect(fit.throughput(65)).toBeUndefined()
})

test('it refuses where chance moves it too far, where a round is all there is, and with three loads', () => {
  expect(scalabilityOf(measured(1.9, 3), 1)!.throughput(64)).toBeUndefined()
  const single = scalabilityOf(measured(0.1, 1), 1)!
  expect(single.sigma.within).toBeUndefined()
  expect(single.throughput(8)).toBeUndefined()
  expect(scalabilityOf(measured(0.1).slice(3), 1)).toBeUndefined()
})

test('disturbed rounds count for nothing', () => {
  const [clean, dirty] = [measured(0.1), measured(0.1)]
  for (const { rounds } of dirty) rounds.push(round(1, true))
  expect(scalabilityOf(dirty, 1)!.lambda).toEqual(scalabilityOf(clean, 1)!.lambda)
})
