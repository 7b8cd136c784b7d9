import { describe, expect, test } from 'vitest'
import { bootstrap, compare, median, pairedRatio, seeded, spread, studentQuantile, type Ratio } from './statistics.ts'

/** Numbers with a normal distribution (Box and Muller 1958). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

type Draw = (random: () => number) => number

/** What repeats may be drawn from, with the true median. */
const distributions: Readonly<Record<string, readonly [draw: Draw, truth: number]>> = {
  normal: [(random) => 100 + 8 * normal(random), 100],
  lognormal: [(random) => 100 * Math.exp(0.15 * normal(random)), 100],
  skewed: [(random) => 100 - 20 * Math.log(1 - random()), 100 + 20 * Math.LN2],
}
const names = Object.keys(distributions)

const sample = (random: () => number, draw: Draw, count: number): readonly number[] =>
  Array.from({ length: count }, () => draw(random))
const byRepeat = (values: readonly number[]): ReadonlyMap<number, number> => new Map(values.entries())

/** Share of rounds in which something holds: as many as a second allows, less for what is bootstrapped. */
function share(count: number, holds: () => boolean): number {
  const rounds = count < 8 ? 3000 : 250
  return Array.from({ length: rounds }, holds).filter(Boolean).length / rounds
}

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

test('quantiles of Student’s t are those of published tables, in the table and beyond it', () => {
  const published = [
    [2, 4.303, 9.925],
    [6, 2.447, 3.707],
    [7, 2.365, 3.499],
    [11, 2.201, 3.106],
    [30, 2.042, 2.75],
    [100, 1.984, 2.626],
  ] as const
  for (const [freedom, at95, at99] of published) {
    expect(Math.abs(studentQuantile(freedom, 0.95) - at95)).toBeLessThan(0.006)
    expect(Math.abs(studentQuantile(freedom, 0.99) - at99)).toBeLessThan(0.006)
  }
})

describe('the interval of a figure', () => {
  test('of few repeats is Student’s on logarithms, around the median', () => {
    // Logarithms 4.5, 4.6, 4.7: deviation 0.1, half width 4.303 x 0.1 / sqrt(3) x 1.2533.
    const { low, high, kind } = spread([4.7, 4.5, 4.6].map(Math.exp))!
    expect(kind).toBe('student')
    expect(Math.log(high) - 4.6).toBeCloseTo(0.3114, 3)
    expect(4.6 - Math.log(low)).toBeCloseTo(0.3114, 3)
  })

  test('of eight and more is a bootstrap interval that repeats with its seed', () => {
    const values = [10, 11, 12, 13, 14, 15, 16, 17]
    expect(spread(values, 5)).toEqual(spread(values, 5))
    expect(spread(values)!.kind).toBe('bootstrap')
    expect(spread(values)!.low).toBeGreaterThan(9.999)
    expect(spread(values)!.high).toBeLessThan(17.001)
  })

  test('of a single repeat is that of its window, and none where the window has none', () => {
    expect(spread([100], 1, { low: 95, high: 104 })).toEqual({ low: 95, high: 104, kind: 'window' })
    expect(spread([100])).toBeUndefined()
    expect(spread([100], 1, null)).toBeUndefined()
    expect(spread([])).toBeUndefined()
  })

  test('of values that hold zero stays on their own scale and never falls below it', () => {
    const found = spread([0, 2, 1])!
    expect(found).toMatchObject({ low: 0, kind: 'student' })
    expect(found.high).toBeCloseTo(1 + 3.114, 2)
    expect(spread([0, 0, 0])).toEqual({ low: 0, high: 0, kind: 'student' })
  })

  test('of values that are all the same is a point', () => {
    for (const count of [3, 9]) {
      const { low, high } = spread(Array.from({ length: count }, () => 4))!
      expect([low, high]).toEqual([expect.closeTo(4, 9), expect.closeTo(4, 9)])
    }
  })

  test.each(names.flatMap((name) => [3, 5, 7, 8, 12].map((count) => [name, count] as const)))(
    'of %s values holds the true median as often as is claimed, with %i repeats',
    (name, count) => {
      const [draw, truth] = distributions[name]!
      const random = seeded(count)
      const held = share(count, () => {
        const { low, high } = spread(sample(random, draw, count))!
        return low <= truth && truth <= high
      })
      // 95 to 98 %, less what so few rounds may miss by chance.
      expect(held).toBeGreaterThan(count < 8 ? 0.94 : 0.925)
      expect(held).toBeLessThan(0.995)
    },
  )

  test('of eight reaches further than plain percentiles do, which held the truth too rarely', () => {
    const values = [10, 11, 12, 13, 14, 15, 16, 17]
    const { low, high } = bootstrap(values, median, { rounds: 20_000 })
    // Percentiles 2.5 and 97.5 of the bootstrapped medians are 11 and 16.
    expect(low).toBeLessThan(11)
    expect(high).toBeGreaterThan(16)
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

  test('of nothing, or of one pair, is nothing', () => {
    expect(pairedRatio([])).toBeUndefined()
    expect(pairedRatio([[0, 1]])).toBeUndefined()
    expect(pairedRatio([[2, 1]])).toBeUndefined()
  })

  const measured = (random: () => number, count: number): Ratio =>
    pairedRatio(
      Array.from({ length: count }, () => {
        const shared = Math.exp(0.13 * normal(random))
        return [130 * shared * Math.exp(0.05 * normal(random)), 100 * shared * Math.exp(0.05 * normal(random))] as const
      }),
    )!

  test.each([3, 5, 8, 12])('holds a known ratio in 99 of 100 cases, with %i pairs', (count) => {
    const random = seeded(count)
    const held = share(count, () => {
      const { low, high } = measured(random, count)
      return low <= 1.3 && 1.3 <= high
    })
    expect(held).toBeGreaterThan(count < 8 ? 0.985 : 0.97)
  })

  test.each([3, 5, 8, 12])('holds the ratio of a second run at least 9 times in 10, with %i pairs', (count) => {
    const random = seeded(count + 100)
    const agreed = share(count, () => {
      const { low, high } = measured(random, count)
      const { ratio } = measured(random, count)
      return low <= ratio && ratio <= high
    })
    expect(agreed).toBeGreaterThan(0.9)
  })
})

describe('telling apart', () => {
  const apart = (a: readonly number[], b: readonly number[]): boolean => compare(byRepeat(a), byRepeat(b)).apart

  test('a difference that every repeat shows is told, with its ratio', () => {
    const found = compare(byRepeat([200, 204, 202]), byRepeat([100, 101, 102]))
    expect(found).toMatchObject({ apart: true, pairs: 3 })
    expect(found.ratio!.ratio).toBeCloseTo(2, 1)
    expect(found.ratio!.low).toBeGreaterThan(1)
  })

  test('figures whose own intervals overlap are not, however clear the pairs', () => {
    // Half as much again in every repeat, while the repeats differ by more than that.
    const wide = [100, 160, 130]
    const found = compare(byRepeat(wide.map((value) => value * 1.5)), byRepeat(wide))
    expect(found.ratio!.low).toBeCloseTo(1.5)
    expect(found.apart).toBe(false)
  })

  test('a ratio whose interval holds 1 is not', () => {
    expect(apart([130, 100, 120], [100, 110, 95])).toBe(false)
  })

  test('less than five percent is no difference, however clear', () => {
    expect(apart([104, 104, 104], [100, 100, 100])).toBe(false)
    expect(apart([100, 100, 100], [104, 104, 104])).toBe(false)
    expect(apart([105.1, 105.1, 105.1], [100, 100, 100])).toBe(true)
  })

  test('only repeats that both have are compared, and fewer than three never', () => {
    const missing = new Map([
      [0, 200],
      [1, 201],
      [7, 202],
    ])
    const found = compare(missing, byRepeat([100, 100, 100, 100]))
    expect(found).toEqual({ pairs: 2, apart: false })
    expect(compare(new Map(), byRepeat([100, 100, 100]))).toEqual({ pairs: 0, apart: false })
  })

  test.each(names.flatMap((name) => [3, 5, 8].map((count) => [name, count] as const)))(
    'equal things with %s noise look apart in fewer than 1 of 100 comparisons, with %i repeats',
    (name, count) => {
      const [draw] = distributions[name]!
      const random = seeded(count + 11)
      const take = () => byRepeat(sample(random, draw, count))
      expect(share(count, () => compare(take(), take()).apart)).toBeLessThan(0.01)
    },
  )
})
