import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PROFILES } from '../../scripts/profiles.ts'
import type { Workload } from './index.ts'

const files = readdirSync(import.meta.dirname).filter((file) => !/^index\.ts$|\.test\.ts$/.test(file))
const workloads = await Promise.all(
  files.map(async (file) => ((await import(join(import.meta.dirname, file))) as { default: Workload }).default),
)

describe('workloads', () => {
  test('are named like their files', () => {
    expect(workloads.map(({ name }) => `${name}.ts`)).toEqual(files)
  })

  test('are all measured by the thorough profile, and by no profile is one that is not there', () => {
    const names = new Set(workloads.map(({ name }) => name))
    expect(new Set<string>(PROFILES.thorough.workloads)).toEqual(names)
    for (const { workloads } of Object.values(PROFILES)) for (const name of workloads) expect(names).toContain(name)
  })

  test('that are compared with each other use the same number of connections', () => {
    const connections = Map.groupBy(workloads, ({ content }) => content)
    for (const group of connections.values()) expect(new Set(group.map(({ loop }) => loop.connections)).size).toBe(1)
  })

  test('that are mixed have shares that make up a whole', () => {
    const mixes = workloads.flatMap(({ mix }) => (mix ? [mix] : []))
    expect(mixes).not.toEqual([])
    for (const mix of mixes) expect(mix.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
  })

  test('that ask for pages nobody asked for before have a counterpart that asks for the same one', () => {
    const [cold, page] = ['cold', 'page'].map((name) => workloads.find((workload) => workload.name === name)!)
    expect([cold!.loop, cold!.mix![0]!.expects]).toEqual([page!.loop, page!.expects])
  })
})
