import { repeatsOf } from './measures.ts'
import { resultNames } from './names.ts'
import { median, spread, type Interval } from './statistics.ts'
import { mebibytes, microseconds, milliseconds, number, percent } from './words/quantities.ts'
import type { Measurement, Result, Run, TierUsage } from './run.ts'

/** The median of the repeats with its interval, in words of its unit by `format`. */
export interface Figure {
  readonly middle: number
  readonly interval: Interval | undefined
  format(value: number): string
}

/** Figures under their titles; undefined where the run does not know one. */
export interface Figures {
  readonly titles: readonly string[]
  readonly rows: readonly { readonly name: string; readonly cells: readonly (Figure | undefined)[] }[]
}

/** What was used in a workload, tier by tier, and what its validity was judged by, result by result. */
export interface Used {
  readonly tiers: Figures
  readonly checks: Figures
}

interface Quantity<Subject extends readonly unknown[]> {
  readonly title: string
  of(...subject: Subject): number | null | undefined
  format(value: number): string
}

const whole = (value: number): string => Math.round(value).toLocaleString('en')

const ofTiers: readonly Quantity<readonly [TierUsage, Measurement]>[] = [
  { title: 'CPU per request', of: (tier) => tier.cpuMicrosecondsPerRequest, format: microseconds },
  { title: 'CPUs used', of: (tier) => tier.utilization, format: percent },
  { title: 'Memory (PSS)', of: (tier) => tier.pssBytes, format: mebibytes },
  { title: 'Processes', of: (tier) => tier.processes, format: whole },
  { title: 'Threads', of: (tier) => tier.threads, format: whole },
  {
    title: 'Context switches per request',
    of: ({ contextSwitches }, { requests }) =>
      contextSwitches === undefined || requests === 0 ? undefined : contextSwitches / requests,
    format: number,
  },
]

const ofRepeats: readonly Quantity<readonly [Measurement]>[] = [
  { title: 'Generator’s CPU', of: (one) => one.generatorCpu, format: percent },
  { title: 'Its event loop', of: (one) => one.generatorEventLoop, format: percent },
  { title: 'It waited for a CPU', of: (one) => one.generatorDelay, format: percent },
  { title: 'CPUs used by others', of: (one) => one.foreignCpu, format: number },
  { title: 'Pressure: CPU', of: (one) => one.pressure?.cpu, format: percent },
  { title: 'Pressure: disk', of: (one) => one.pressure?.io, format: percent },
  { title: 'Pressure: memory', of: (one) => one.pressure?.memory, format: percent },
  { title: 'Little’s law (1 when consistent)', of: (one) => one.little, format: number },
  { title: 'Sent late, p50', of: (one) => one.schedule?.lateP50, format: milliseconds },
  { title: 'Sent late, p99', of: (one) => one.schedule?.lateP99, format: milliseconds },
  { title: 'Sent late, most', of: (one) => one.schedule?.lateMax, format: milliseconds },
  { title: 'Waited for a connection', of: (one) => one.schedule?.queued, format: whole },
  { title: 'Connections opened', of: (one) => one.connects, format: whole },
  { title: 'Out of a cache', of: (one) => one.hitRatio, format: percent },
]

/** What a workload used and how valid it is, by its valid repeats where there are any; what nobody knows is left out. */
export function usedIn(run: Run, workload: string, results: readonly Result[]): Used {
  const measured = [...resultNames(run)].flatMap(([result, name]) => {
    const repeats = results.includes(result) ? repeatsOf(result, workload) : []
    const valid = repeats.filter(({ validity }) => validity.valid)
    return repeats.length === 0 ? [] : [{ result, name, repeats: valid.length > 0 ? valid : repeats }]
  })
  const checks = measured.map(({ name, repeats }) => ({
    name,
    cells: ofRepeats.map(({ of, format }) => figure(run, repeats.map(of), format)),
  }))
  const tiers = measured.flatMap(({ result, name, repeats }) =>
    result.tiers.map((tier, index) => ({
      name: `${name}, ${tier.title} (${tier.role})`,
      cells: ofTiers.map(({ of, format }) => {
        const values = repeats.map((one) => (one.usage[index] === undefined ? null : of(one.usage[index], one)))
        return figure(run, values, format)
      }),
    })),
  )
  return { tiers: known(ofTiers, tiers), checks: known(ofRepeats, checks) }
}

function figure(
  run: Run,
  values: readonly (number | null | undefined)[],
  format: Figure['format'],
): Figure | undefined {
  const known = values.filter((value) => value !== null && value !== undefined)
  return known.length === 0 ? undefined : { middle: median(known), interval: spread(known, run.seed), format }
}

function known(quantities: readonly { readonly title: string }[], rows: Figures['rows']): Figures {
  const shown = (index: number): boolean => rows.some(({ cells }) => cells[index] !== undefined)
  return {
    titles: quantities.map(({ title }) => title).filter((_, index) => shown(index)),
    rows: rows.map(({ name, cells }) => ({ name, cells: cells.filter((_, index) => shown(index)) })),
  }
}
