import { expect, test } from 'vitest'
import { placementOn, type Core } from './host.ts'

const THREE_TIER = ['app', 'proxy', 'cache'] as const

/** A machine of so many cores with one hardware thread each. */
const cores = (count: number): Core[] => Array.from({ length: count }, (_, cpu) => [cpu])

test('one CPU is for both, which measurements then say', () => {
  expect(placementOn(cores(1), undefined, THREE_TIER)).toEqual({ services: [0], generator: [0] })
})

test('two CPUs: all services share one, the generator has the other', () => {
  expect(placementOn(cores(2), undefined, THREE_TIER)).toEqual({ services: [0], generator: [1] })
})

test.for([
  [4, [3]],
  [8, [4, 5, 6, 7]],
  [64, [60, 61, 62, 63]],
] as const)('%i CPUs: a core for each tier, for the generator up to four others', ([count, generator]) => {
  expect(placementOn(cores(count), undefined, THREE_TIER)).toEqual({
    services: [0, 1, 2],
    tiers: { app: [0], proxy: [1], cache: [2] },
    generator,
  })
})

test('a tier has a core that it shares with nobody: not even with another thread of the same core', () => {
  // As most machines number them: the second threads of all cores come after the first ones.
  const hyperthreaded = [0, 1, 2, 3].map((cpu): Core => [cpu, cpu + 4])
  expect(placementOn(hyperthreaded, undefined, THREE_TIER)).toEqual({
    services: [0, 1, 2],
    tiers: { app: [0], proxy: [1], cache: [2] },
    generator: [3],
  })
  expect(placementOn(hyperthreaded.slice(0, 3), undefined, THREE_TIER)).toEqual({ services: [0], generator: [6] })
})

test('--cpus is for all services together, however many there are', () => {
  expect(placementOn(cores(8), 2, THREE_TIER)).toEqual({ services: [0, 1], generator: [7] })
  expect(placementOn(cores(2), 1, THREE_TIER)).toEqual({ services: [0], generator: [1] })
  expect(placementOn(cores(1), 1)).toEqual({ services: [0], generator: [0] })
  expect(() => placementOn(cores(4), 4)).toThrow(
    'The servers cannot have 4 of 4 CPUs: the generator needs one of its own.\nUse --cpus 3 or less.',
  )
})

test('without topologies, as for any URL, services count for one', () => {
  expect(placementOn(cores(8))).toEqual({ services: [0], generator: [7] })
})
