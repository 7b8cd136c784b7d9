import { describe, expect, test } from 'vitest'
import {
  bootstrap,
  compare,
  median,
  pairedRatio,
  rangeCoverage,
  seeded,
  separationChance,
  spread,
} from './statistics.ts'

/** Numbers with a normal distribution (Box and Muller 1958). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

describe('chances that can be counted by hand', () => {
  test('two samples of three are separate in 2 of the 20 ways to order six values', () => {
    expect(separationChance(3, 3)).toBeCloseTo(2 / 20, 12)
    expect(separationChance(2, 2)).toBeCloseTo(2 / 6, 12)
    expect(separationChance(5, 5)).toBeCloseTo(2 / 252, 12)
    expect(separationChance(3, 4)).toBeCloseTo(2 / 35, 12)
  })

  test('the range of three values misses the median only when all lie on one side', () => {
    expect(rangeCoverage(3)).toBe(0.75)
    expect(rangeCoverage(5)).toBe(0.9375)
    expect(rangeCoverage(0)).toBe(0)
  })
})

describe('random numbers', () => {
  test('the same seed gives the same numbers, another seed others', () => {
    const take = (seed: number): readonly number[] => Array.from({ length: 5 }, seeded(seed))
    expect(take(7)).toEqual(take(7))
    expect(take(7)).not.toEqual(take(8))
  })

  test('they are spread evenly from 0 to 1', () => {
    const random = seeded(1)
    const numbers = Array.from({ length: 20_000 }, random)
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...numbers)).toBeLessThan(1)
    for (let tenth = 0; tenth < 10; tenth++) {
      const share = numbers.filter((number) => Math.floor(number * 10) === tenth).length / numbers.length
      expect(share).toBeCloseTo(0.1, 1)
    }
  })
})

describe('spread', () => {
  test('of few values is their range, and says so', () => {
    expect(spread([3, 1, 2])).toEqual({ low: 1, high: 3, kind: 'range' })
    expect(spread([1, 2, 3, 4, 5, 6, 7]).kind).toBe('range')
  })

  test('of eight and more values is a bootstrap interval that repeats with its seed', () => {
    const values = [10, 11, 12, 13, 14, 15, 16, 17]
    expect(spread(values, 5)).toEqual(spread(values, 5))
    expect(spread(values).kind).toBe('bootstrap')
    expect(spread(values).low).toBeGreaterThanOrEqual(10)
    expect(spread(values).high).toBeLessThanOrEqual(17)
  })

  test('holds a known median as often as it claims', () => {
    const random = seeded(3)
    const held = Array.from({ length: 400 }, () => {
      const { low, high } = bootstrap(
        Array.from({ length: 10 }, () => normal(random)),
        median,
        { rounds: 400 },
      )
      return low <= 0 && high >= 0
    }).filter(Boolean).length
    expect(held / 400).toBeGreaterThan(0.94)
  })

  test('of values that are all the same is a point', () => {
    expect(spread(Array.from({ length: 9 }, () => 4))).toEqual({ low: 4, high: 4, kind: 'bootstrap' })
  })
})

describe('telling apart', () => {
  test('ranges that overlap are not told apart', () => {
    expect(compare([100, 110, 130], [90, 95, 101])).toMatchObject({ apart: false, chance: 1 })
  })

  test('ranges that do not overlap are, with the chance of an error', () => {
    const found = compare([100, 110, 130], [80, 90, 99])
    expect(found).toMatchObject({ apart: true })
    expect(found.ratio).toBeCloseTo(110 / 90)
    expect(found.chance).toBeCloseTo(0.1)
  })

  test('less than five percent is no difference, however clear', () => {
    expect(compare([104, 104, 104], [100, 100, 100]).apart).toBe(false)
    expect(compare([100, 100, 100], [104, 104, 104]).apart).toBe(false)
    expect(compare([105.1, 105.1, 105.1], [100, 100, 100]).apart).toBe(true)
  })

  test('fewer than three values on either side are never told apart', () => {
    expect(compare([200, 200], [100, 100, 100]).apart).toBe(false)
    expect(compare([], [100, 100, 100]).apart).toBe(false)
  })

  test('equal things are told apart no more often than claimed', () => {
    const random = seeded(11)
    const sample = (count: number): readonly number[] =>
      Array.from({ length: count }, () => 100 * Math.exp(0.15 * normal(random)))
    const alarms = (count: number): number =>
      Array.from({ length: 600 }, () => compare(sample(count), sample(count))).filter(({ apart }) => apart).length / 600
    expect(alarms(3)).toBeLessThan(0.13)
    expect(alarms(5)).toBeLessThan(0.03)
    expect(alarms(8)).toBeLessThan(0.05)
  })
})

describe('paired ratio', () => {
  test('is free of what both sides of a pair share', () => {
    // The machine is twice as slow in the second repeat, the true ratio is 1.5 throughout.
    const found = pairedRatio([
      [150, 100],
      [300, 200],
      [165, 110],
    ])!
    expect(found.ratio).toBeCloseTo(1.5)
    expect(found.low).toBeCloseTo(1.5)
    expect(found.high).toBeCloseTo(1.5)
  })

  test('turned round is its own inverse', () => {
    const pairs = [
      [12, 10],
      [15, 10],
      [11, 10],
    ] as const
    const turned = pairs.map(([a, b]) => [b, a] as const)
    expect(pairedRatio(pairs)!.ratio * pairedRatio(turned)!.ratio).toBeCloseTo(1)
    expect(pairedRatio(pairs)!.low * pairedRatio(turned)!.high).toBeCloseTo(1)
  })

  test('of nothing is nothing', () => {
    expect(pairedRatio([])).toBeUndefined()
    expect(pairedRatio([[0, 1]])).toBeUndefined()
  })

  test('interval holds a known ratio', () => {
    const random = seeded(5)
    const noisy = (base: number): number => base * Math.exp(0.1 * normal(random))
    const held = Array.from({ length: 150 }, () => {
      const { low, high } = pairedRatio(Array.from({ length: 10 }, () => [noisy(130), noisy(100)] as const))!
      return low <= 1.3 && high >= 1.3
    }).filter(Boolean).length
    expect(held / 150).toBeGreaterThan(0.93)
  })
})
