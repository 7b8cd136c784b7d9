import { InvalidArgumentError } from 'commander'
import { describe, expect, test } from 'vitest'
import { aboutCaching, demandOf } from './demand.ts'
import { cost, duration, growth, hitRatio, machineMemory, peak, rps } from './demand-words.ts'

const HOST = { cpus: 2, memoryBytes: 8 * 2 ** 30 }

describe('words', () => {
  test.each([
    [duration, '200ms', 200],
    [duration, '0.2s', 200],
    [peak, '3x', 3],
    [peak, '2.5', 2.5],
    [growth, '30%/y', 0.3],
    [growth, '30%', 0.3],
    [hitRatio, '0.8', 0.8],
    [machineMemory, '4G', 4 * 2 ** 30],
    [rps, '2000', 2000],
  ] as const)('%o reads %s', (read, text, value) => expect(read(text)).toBeCloseTo(value, 9))

  test('prices in any order', () => {
    expect(cost('core=20,gb=3')).toEqual({ core: 20, gb: 3 })
    expect(cost('gb=0, core=7.5')).toEqual({ core: 7.5, gb: 0 })
  })

  test.each([
    // A forgotten unit, or a wrong one.
    [duration, '200', /with its unit, as in 200ms or 0\.2s/],
    [duration, '2min', /200ms or 0\.2s/],
    [growth, '30', /30%\/y/],
    [growth, '0.3', /30%\/y/],
    [machineMemory, '4', /with its unit, as in 4G/],
    [cost, '20', /core=20,gb=3/],
    [cost, 'core=20', /core=20,gb=3/],
    [cost, 'core=20,core=30', /core=20,gb=3/],
    [cost, 'core=20,gb=3,disk=1', /core=20,gb=3/],
    // Less than nothing.
    [rps, '-1', /from 0\.01/],
    [rps, '0', /from 0\.01/],
    [duration, '-5ms', /from 0\.1ms/],
    [peak, '-3x', /from 1x/],
    [growth, '-30%', /from 0%/],
    [cost, 'core=-20,gb=3', /from 0/],
    // Absurd.
    [rps, '1e9', /to 1000000/],
    [rps, 'many', /requests per second/],
    [duration, '0ms', /from 0\.1ms to 60s/],
    [duration, '3600s', /from 0\.1ms to 60s/],
    [peak, '0.5x', /from 1x/],
    [growth, '3000%', /to 1000%/],
    [hitRatio, '80', /0\.8 for 80 %/],
    [machineMemory, '999999G', /to 65536G/],
  ] as const)('%o refuses %s with what to write', (read, text, todo) => {
    expect(() => read(text)).toThrow(InvalidArgumentError)
    expect(() => read(text)).toThrow(todo)
  })
})

describe('what was not said', () => {
  test('is assumed, each with a sentence', () => {
    const { demand, assumed } = demandOf({ rps: 100, p99: 200, cores: 4, growth: 0.3 }, HOST)
    expect(demand).toEqual({
      ...{ rps: 100, peak: 1, growth: 0.3, years: 1, p99: 200, hitRatio: 0 },
      ...{ cores: 4, memoryBytes: HOST.memoryBytes, spare: 0 },
    })
    expect(assumed.map((says) => /--[\w-]+/.exec(says)?.[0])).toEqual([
      ...['--peak', '--years', '--hit-ratio', '--memory', '--spare'],
    ])
  })

  test('is as in the plan before, and no more assumed than there', () => {
    const before = demandOf({ rps: 100, p99: 200, peak: 3, spare: 1 }, HOST)
    const { demand, assumed } = demandOf({ rps: 400, growth: 0.3 }, HOST, before)
    expect(demand).toEqual({ ...before.demand, rps: 400, growth: 0.3 })
    expect(assumed.join()).not.toMatch(/peak|grow|may fail/)
    // Before it did not matter how far ahead was planned.
    expect(assumed.join()).toMatch(/--years 2/)
  })

  test('a hit ratio where no cache keeps anything is said to count for nothing', () => {
    const shares = { dynamic: 1, cached: 0, static: 0 }
    const asked = demandOf({ rps: 1, p99: 9, hitRatio: 0.8 }, HOST)
    expect(aboutCaching(asked, shares).join()).toMatch(/hit ratio counts for nothing/)
    expect(aboutCaching(demandOf({ rps: 1, p99: 9 }, HOST), shares).join()).not.toMatch(/cache|hit/)
  })

  test('but what a plan is for has to be said', () => {
    expect(() => demandOf({ p99: 200 }, HOST)).toThrow(/requests per second[^]*--rps 2000 --p99 200ms/)
    expect(() => demandOf({ rps: 100 }, HOST)).toThrow(/a limit for the latency/)
    expect(() => demandOf({ rps: 1e6, p99: 200, growth: 10, years: 20 }, HOST)).toThrow(/there would be 6\.7e\+26/)
  })
})
