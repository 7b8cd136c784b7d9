import type { Planned, PlannedTopology, Size } from '../planning/planned.ts'
import type { Demand } from '../run.ts'
import {
  about,
  machinesText,
  heldText,
  milliseconds,
  saturationText,
  sizeText,
  timesText,
  titleOf,
} from './plan-figures.ts'
import { percent } from './quantities.ts'
import type { ChapterTable } from './chapter.ts'
import { chain } from './wording.ts'

/** One topology in the table of a plan. */
export interface SizeRow {
  readonly name: string
  /** Its servers, outermost first. */
  readonly chain: string
  readonly isRecommended: boolean
  /** What it needs, a cell for each column but the first; undefined where it cannot meet the demand. */
  readonly cells: readonly string[] | undefined
  /** Why not. */
  readonly because: string
}

/** All topologies with what they need, the recommended one first. */
export interface SizesText {
  readonly head: readonly string[]
  readonly rows: readonly SizeRow[]
}

/** The table of a plan. */
export function sizesText({ topologies, demand, recommended }: Planned): SizesText {
  const isPriced = demand.cost !== undefined
  return {
    head: topologies.every(({ size }) => size === undefined)
      ? ['Topology', 'Why it cannot']
      : [
          'Topology',
          'Machines',
          'Workers × threads',
          'Cores busy at the peak',
          'Memory of each',
          '99\u00a0of\u00a0100 within',
          'Bears up to',
          'Runs out first',
          ...(isPriced ? ['Cost a month'] : []),
        ],
    rows: topologies.map((topology) => ({
      name: topology.name,
      chain: chain(topology.result),
      isRecommended: topology === recommended,
      cells: topology.size === undefined ? undefined : cellsOf(topology, topology.size, demand),
      because: topology.because ?? '',
    })),
  }
}

const cellsOf = ({ result }: PlannedTopology, size: Size, demand: Demand): readonly string[] => [
  machinesText(size),
  sizeText(size),
  `${about(size.utilization * demand.cores)} of ${demand.cores} (${percent(size.utilization)})`,
  heldText(size),
  milliseconds(size.p99),
  `${timesText(size.headroom)} the peak`,
  saturationText(size, result),
  ...(demand.cost === undefined ? [] : [size.cost === undefined ? '–' : about(size.cost, 3)]),
]

/** What each tier of one machine takes at the peak. */
export const tiersTable = ({ topologies }: Planned): ChapterTable => ({
  title: 'What each tier of one machine takes at the peak',
  head: ['Topology', 'Tier', 'Requests per second', 'Cores busy', 'Memory'],
  rows: topologies.flatMap(({ name, result, size }) =>
    size === undefined
      ? []
      : size.tiers.map((tier) => [
          name,
          `${titleOf(result, tier)} (${tier.role})`,
          about(size.rate, 3),
          about(tier.cores),
          heldText({ tiers: [tier], memoryBytes: tier.memoryBytes }),
        ]),
  ),
})
