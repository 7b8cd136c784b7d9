import type { TopologyModel } from '../planning/planned.ts'
import type { MeasuredSize, RequestClass, Result } from '../run.ts'
import type { ChapterTable } from './chapter.ts'
import { about, memoryText, milliseconds, sizeText, titleOf } from './plan-figures.ts'
import { list, plural } from './quantities.ts'

const classes: readonly (readonly [of: RequestClass, title: string])[] = [
  ['dynamic', 'the application answers'],
  ['cached', 'the cache answers'],
  ['static', 'files'],
]

/** CPU time of each tier for a request of each class. */
export function cpuTable(models: readonly TopologyModel[]): ChapterTable {
  return {
    title: 'CPU time of a request',
    head: ['Topology', 'Requests', 'CPU time of each tier', 'Together'],
    rows: models.flatMap(({ name, result, demands }) =>
      classes.flatMap(([of, title]) => {
        const tiers = result.tiers.flatMap((tier) => {
          const micros = demands[of]?.[tier.role]
          return micros === undefined ? [] : [{ title: titleOf(result, tier), micros }]
        })
        if (tiers.length === 0) return []
        const all = tiers.reduce((sum, { micros }) => sum + micros, 0)
        return [
          [name, title, list(tiers.map((tier) => `${tier.title} ${microseconds(tier.micros)}`)), microseconds(all)],
        ]
      }),
    ),
  }
}

/** How long a request takes that meets no other, and what of that is no work: sleeping, a database, the network. */
export const aloneTable = (models: readonly TopologyModel[]): ChapterTable => ({
  title: 'A request that meets no other',
  head: ['Topology', 'Takes', 'CPU time of all tiers', 'The rest: waiting', 'At once'],
  rows: models.flatMap(({ name, demands, slots, closed }) => {
    const cpu = Object.values(demands.dynamic ?? {}).reduce((sum, micros) => sum + micros, 0) / 1000
    const { mean } = closed(1)
    return [
      [name, milliseconds(mean), milliseconds(cpu), milliseconds(Math.max(0, mean - cpu)), plural(slots, 'request')],
    ]
  }),
})

/** What the tiers held in memory, by size of the application's server. */
export const memoryTable = (models: readonly TopologyModel[]): ChapterTable => ({
  title: 'Memory, as it was measured',
  head: ['Topology', 'Workers × threads', 'Memory of each tier', 'Together'],
  rows: models.flatMap(({ name, result }) =>
    (result.planning?.sizes ?? []).map((size) => [name, sizeText(size), tiersText(result, size), totalText(size)]),
  ),
})

const microseconds = (value: number): string => `${about(value, 3)}\u00a0µs`

const tiersText = (result: Result, { tiers }: MeasuredSize): string =>
  list(
    tiers.map(
      (tier) => `${titleOf(result, tier)} ${tier.pssBytes === null ? 'not readable' : memoryText(tier.pssBytes)}`,
    ),
  )

function totalText({ tiers }: MeasuredSize): string {
  const known = tiers.flatMap(({ pssBytes }) => pssBytes ?? [])
  return known.length < tiers.length ? 'unknown' : memoryText(known.reduce((sum, bytes) => sum + bytes, 0))
}
