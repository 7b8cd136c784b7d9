import { expect, test } from 'vitest'
import { isDisturbed } from './duet.ts'

const figures = { cpu: 200, throughput: 3000, p50: 0.3, p99: 3, memory: 30e6, requests: 1000 }
const round = {
  first: 'base',
  base: figures,
  head: figures,
  lateness: 0.01,
  generatorDelay: 0.05,
  foreignCpu: 0.1,
} as const
const cpus = [0, 1]

test('a round in which others used the CPUs is measured again, whatever the sides showed', () => {
  expect(isDisturbed(round, cpus)).toBe(false)
  expect(isDisturbed({ ...round, head: { ...figures, cpu: 400 } }, cpus)).toBe(false)
  expect(isDisturbed({ ...round, foreignCpu: 0.3 }, cpus)).toBe(true)
  // More CPUs bear more.
  expect(isDisturbed({ ...round, foreignCpu: 0.3 }, [0, 1, 2, 3])).toBe(false)
})

test('so is one in which the generator had to wait for its CPU, and what is unknown disturbs nobody', () => {
  expect(isDisturbed({ ...round, generatorDelay: 0.3 }, cpus)).toBe(true)
  expect(isDisturbed({ ...round, generatorDelay: null, foreignCpu: null }, cpus)).toBe(false)
})
