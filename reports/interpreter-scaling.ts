import { figureOf, multipleOf, repeated, type Figure, type Multiple, type Repeated } from './figures.ts'
import type { Run, Study, StudyRow } from './run.ts'

/** Throughput at one number of threads or processes. */
export interface Scaled extends Repeated {
  readonly parallel: number
  /** Right responses per second. */
  readonly throughput: Figure
  /** Against one thread in one process, repeat by repeat; undefined where that cannot be said. */
  readonly speedup: Multiple | undefined
}

/** How throughput of one workload grows with threads of one process, or with processes of one thread. */
export interface Scaling {
  readonly workload: string
  readonly by: 'threads' | 'processes'
  /** How many CPUs the servers had. */
  readonly cpus: number
  readonly points: readonly Scaled[]
}

/** Scaling of each workload by threads and by processes, in the order of the study. */
export function interpreterScaling({ rows }: Study, run: Run): readonly Scaling[] {
  const own = Map.groupBy(
    rows.filter(({ part }) => part === 'scaling'),
    ({ workload }) => workload,
  )
  return [...own].flatMap(([workload, each]) =>
    (['threads', 'processes'] as const).flatMap((by) => {
      const points = scaled(each, by, run)
      const cpus = each[0]!.cpus ?? (run.placement.services.length || run.host.cpus)
      return points.length < 2 ? [] : [{ workload, by, cpus, points }]
    }),
  )
}

function scaled(rows: readonly StudyRow[], by: Scaling['by'], run: Pick<Run, 'seed'>): readonly Scaled[] {
  const many = rows.filter(({ workers, threads }) =>
    by === 'threads' ? workers === 1 && threads > 1 : threads === 1 && workers > 1,
  )
  const ones = rows.filter(({ workers, threads }) => workers === 1 && threads === 1)
  // Threads and processes may be of different kinds of workers, each with its own start.
  const one = ones.find(({ servers }) => servers.join() === many[0]?.servers.join()) ?? ones[0]
  return [...(one === undefined ? [] : [one]), ...many]
    .sort((a, b) => a.workers * a.threads - b.workers * b.threads)
    .filter(({ measurements }) => measurements.length > 0)
    .map((row) => scaledOf(row, one, run))
}

function scaledOf(row: StudyRow, one: StudyRow | undefined, run: Pick<Run, 'seed'>): Scaled {
  const [own, base] = [repeated(row.measurements), repeated(one?.measurements ?? [])]
  const pairs = own.seen.flatMap(({ repeat, throughput }) => {
    const other = base.seen.find((each) => each.repeat === repeat)
    return other === undefined ? [] : [[throughput, other.throughput] as const]
  })
  return {
    ...own,
    counts: own.counts && base.counts,
    parallel: row.workers * row.threads,
    throughput: figureOf(own.seen, ({ throughput }) => throughput, run, 'throughput')!,
    speedup: multipleOf(pairs, run),
  }
}
