import type { Planned, PlannedTopology } from '../planning/planned.ts'
import type { Demand, Run } from '../run.ts'
import type { ChapterTable } from './chapter.ts'
import { about, heldText, machinesText, milliseconds, serversText, sizeText } from './plan-figures.ts'
import { list, percent, plural } from './quantities.ts'

/** Plans a run. */
export type Plans = (run: Run) => Planned

const hitRatios = [0, 0.5, 0.8, 0.95]
const peaks = [1, 2, 3, 5]

/** The same measurements planned for another demand. */
const otherwise = (run: Run, plans: Plans, demand: Partial<Demand>): Planned =>
  plans({ ...run, plan: { ...run.plan!, demand: { ...run.plan!.demand, ...demand } } })

/** What other shares of hits, peaks and kinds of workers would change. */
export const whatIfTables = (run: Run, plans: Plans, planned: Planned): readonly ChapterTable[] => [
  ...(canCache(run) ? [hitRatioTable(run, plans, planned)] : []),
  peakTable(run, plans, planned),
  ...(compareFillings(planned) ? [workersTable(planned)] : []),
]

/** What the tables leave out, and what would fill them. */
export function whatIfNotes(run: Run, { topologies }: Planned): readonly string[] {
  const servers = [...new Set(topologies.flatMap(({ result }) => result.tiers.filter(({ role }) => role === 'app')))]
  const kinds = [...new Set(servers.map(({ server, variant }) => `${server}/${variant}`))]
  return [
    'How many machines it would take, and within how many milliseconds 99 of 100 answers would come at the peak; worked out anew from the same measurements.',
    ...(canCache(run)
      ? []
      : [
          'Nothing that was asked for may be stored by a cache, or no topology has one: the hit ratio changes nothing.',
        ]),
    compareFillings({ topologies })
      ? 'Kinds of workers are compared as they were measured, each in servers of its own.'
      : `Each topology was measured with one kind of workers (${list(kinds)}). To compare others, processes of one thread for instance, name them: --server app=gunicorn/sync,app=gunicorn/gthread plans with both.`,
  ]
}

const canCache = ({ plan, results }: Run): boolean =>
  (plan?.shares.cached ?? 0) > 0 && results.some(({ tiers }) => tiers.some(({ role }) => role === 'cache'))

const hitRatioTable = (run: Run, plans: Plans, planned: Planned): ChapterTable => ({
  title: 'If the cache answered more or less',
  head: ['Answered by the cache', ...columns(planned)],
  rows: around(hitRatios, planned.demand.hitRatio).map((hitRatio) => [
    `${percent(hitRatio)} of what it may store${mark(hitRatio, planned.demand.hitRatio)}`,
    ...cells(planned, otherwise(run, plans, { hitRatio })),
  ]),
})

const peakTable = (run: Run, plans: Plans, planned: Planned): ChapterTable => ({
  title: 'If the peak were higher or lower',
  head: ['Peak', 'Requests per second', ...columns(planned)],
  rows: around(peaks, planned.demand.peak).map((peak) => {
    const other = otherwise(run, plans, { peak })
    return [
      `${about(peak)}× the average${mark(peak, planned.demand.peak)}`,
      about(other.rate, 3),
      ...cells(planned, other),
    ]
  }),
})

/** Kinds of workers are only to be compared where one topology was measured with several. */
const compareFillings = ({ topologies }: Pick<Planned, 'topologies'>): boolean =>
  new Set(topologies.map(({ result }) => result.topology)).size < topologies.length

const workersTable = ({ topologies }: Planned): ChapterTable => ({
  title: 'If the application ran in other kinds of workers',
  head: ['Topology', 'Servers', 'Machines', 'Workers × threads', 'Memory of each', '99 of 100 answers within'],
  rows: topologies
    .toSorted((a, b) => a.result.topology.localeCompare(b.result.topology))
    .map(({ result, size, because }) => [
      result.topology,
      serversText(result),
      ...(size === undefined
        ? [because ?? 'cannot', '–', '–', '–']
        : [machinesText(size), sizeText(size), heldText(size), milliseconds(size.p99)]),
    ]),
})

const around = (values: readonly number[], own: number): readonly number[] =>
  [...new Set([...values, own])].sort((a, b) => a - b)

const mark = (value: number, own: number): string => (value === own ? ' (as planned)' : '')

const columns = ({ topologies }: Planned): readonly string[] => topologies.map(({ name }) => name)

/** In the order of the plan, whatever the other one comes to. */
const cells = ({ topologies }: Planned, other: Planned): readonly string[] =>
  topologies.map(({ name }) => answer(other.topologies.find((each) => each.name === name)))

function answer(topology: PlannedTopology | undefined): string {
  if (topology?.size === undefined) return 'cannot'
  const { machines, p99 } = topology.size
  return `${plural(machines, 'machine')}, ${milliseconds(p99)}`
}
