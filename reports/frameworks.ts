import { fewestRepeats, median, pairedRatio, spread, type Interval, type Ratio } from './statistics.ts'
import { repeatsOf } from './measures.ts'
import { resultNames } from './names.ts'
import type { Measurement, Run } from './run.ts'

/** What a framework costs over raw WSGI in one topology: CPU time per request in the app tier. */
export interface FrameworkCost {
  readonly name: string
  readonly framework: string
  /** Median CPU time per request with the framework and without it, in microseconds. */
  readonly microseconds: number
  readonly interval: Interval | undefined
  readonly rawMicroseconds: number
  readonly rawInterval: Interval | undefined
  /** With over without, repeat by repeat; absent with fewer than three valid pairs. */
  readonly ratio?: Ratio
  readonly pairs: number
  /** Why there is no ratio. */
  readonly because?: string
}

/** The same page through each framework against raw WSGI, topology by topology. Only valid repeats are compared. */
export function frameworkCosts(run: Run): readonly FrameworkCost[] {
  const workloads = run.workloads.filter(({ content }) => content === 'framework')
  const raw = workloads.find(({ name }) => /raw/.test(name))
  if (raw === undefined) return []
  return [...resultNames(run)].flatMap(([result, name]) =>
    workloads.flatMap((workload) => {
      const [with_, without] = [repeatsOf(result, workload.name), repeatsOf(result, raw.name)]
      if (workload === raw || with_.length === 0 || without.length === 0) return []
      const valid = (of: readonly Measurement[]) => of.filter(({ validity }) => validity.valid)
      const pairs = valid(with_).flatMap((one) => {
        const other = valid(without).find(({ repeat }) => repeat === one.repeat)
        return other === undefined ? [] : [[appCpu(one), appCpu(other)] as const]
      })
      const ratio = pairs.length >= fewestRepeats ? pairedRatio(pairs, run.seed) : undefined
      const cost = {
        name,
        framework: workload.title,
        microseconds: median(with_.map(appCpu)),
        interval: spread(with_.map(appCpu), run.seed),
        rawMicroseconds: median(without.map(appCpu)),
        rawInterval: spread(without.map(appCpu), run.seed),
        pairs: pairs.length,
      }
      return [
        ratio === undefined
          ? { ...cost, because: `${pairs.length} valid pairs of repeats, a ratio needs ${fewestRepeats}` }
          : { ...cost, ratio },
      ]
    }),
  )
}

const appCpu = ({ usage }: Measurement): number =>
  usage.find(({ role }) => role === 'app')?.cpuMicrosecondsPerRequest ?? 0
