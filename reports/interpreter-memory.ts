import { linearRegression } from 'simple-statistics'
import { figureOf, type Figure } from './figures.ts'
import { sum } from './measures.ts'
import { bounds, resampled, type Bounds } from './resampling.ts'
import type { Measurement, Run, Study, StudyRow } from './run.ts'

/** Memory of all processes with so many workers, in bytes (PSS). */
export interface Weighed extends Figure {
  readonly workers: number
}

/** How many workers fit into some memory. */
export interface Fit {
  readonly bytes: number
  readonly workers: number
  /** The same with the worse end of the interval; undefined where there is no interval. */
  readonly atWorst: number | undefined
}

/** What the workers of one server weigh with one application, loaded before the fork or after. */
export interface Weight {
  readonly server: string
  readonly application: string
  readonly preloaded: boolean
  readonly points: readonly Weighed[]
  /** Least squares over all measurements: bytes with no worker, and of each worker. Undefined from one number of workers. */
  readonly line: { readonly base: number; readonly worker: number; readonly within: Bounds | undefined } | undefined
  readonly fits: readonly Fit[]
}

const GiB = 1024 ** 3
const memories = [GiB / 4, GiB / 2, GiB, 4 * GiB]

/** Memory over workers for each server, application and way to load it, in the order of the study. */
export function interpreterMemory({ rows }: Study, run: Pick<Run, 'seed'>): readonly Weight[] {
  const groups = Map.groupBy(
    rows.filter(({ part }) => part === 'memory'),
    ({ servers, application, preloaded }) => [servers.join(' '), application, preloaded].join(' '),
  )
  return [...groups.values()].map((group) => weightOf(group, run))
}

function weightOf(rows: readonly StudyRow[], run: Pick<Run, 'seed'>): Weight {
  const points = rows
    .flatMap(({ workers, measurements }) => {
      const figure = figureOf(measurements, pss, run)
      return figure === undefined
        ? []
        : [{ workers, ...figure, values: measurements.flatMap((each) => pss(each) ?? []) }]
    })
    .sort((a, b) => a.workers - b.workers)
  const groups = points.map(({ workers, values }) => values.map((each) => [workers, each] as [number, number]))
  const { servers, application, preloaded } = rows[0]!
  const common = {
    server: servers.at(-1)!,
    application,
    preloaded,
    points,
  }
  if (points.length < 2) return { ...common, line: undefined, fits: [] }
  const repeated = groups.every(({ length }) => length > 1)
  const drawn = (statistic: (line: Line) => number | undefined): Bounds | undefined =>
    repeated ? bounds(resampled(groups, (each) => statistic(fitted(each)), { seed: run.seed })) : undefined
  const line = fitted(groups)
  return {
    ...common,
    line: { ...line, within: drawn(({ worker }) => worker) },
    fits: memories.flatMap((bytes) => {
      const workers = fitting(bytes, line)
      if (workers === undefined) return []
      const worst = drawn((each) => fitting(bytes, each))
      return [{ bytes, workers, atWorst: worst === undefined ? undefined : Math.floor(worst.low) }]
    }),
  }
}

interface Line {
  readonly base: number
  readonly worker: number
}

function fitted(groups: readonly (readonly [number, number][])[]): Line {
  const { m: worker, b: base } = linearRegression(groups.flat())
  return { base, worker }
}

/** Undefined when workers seem to weigh nothing: then nothing limits how many fit. */
const fitting = (bytes: number, { base, worker }: Line): number | undefined =>
  worker <= 0 ? undefined : Math.max(0, Math.floor((bytes - base) / worker))

/** What makes a measurement of speed invalid changes no memory, unless the application was not reached at all. */
function pss({ usage, validity }: Measurement): number | undefined {
  if (!validity.valid && validity.reasons.some((reason) => reason === 'unanswered' || reason === 'errors'))
    return undefined
  const known = usage.flatMap(({ pssBytes }) => pssBytes ?? [])
  return usage.length > 0 && known.length === usage.length ? sum(known) : undefined
}
