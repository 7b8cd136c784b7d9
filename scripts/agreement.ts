import { cpu, memory, p50, p99, repeatsOf, throughput, type Measure } from '../reports/measures.ts'
import { resultNames } from '../reports/names.ts'
import type { Measurement, Result, Run } from '../reports/run.ts'
import { fewestRepeats, pairedRatio, type Ratio } from '../reports/statistics.ts'

/** What one run says about two topologies, and what another one says. */
export interface Check {
  /** `time, throughput: app-server / three-tier`. */
  readonly about: string
  readonly said: Ratio
  readonly other: number
  /** Whether the interval of the one holds the ratio of the other. */
  readonly holds: boolean
}

/** How far runs of the same comparison agree. */
export interface Agreement {
  readonly checks: readonly Check[]
  /** Ratios with too few valid pairs in one of the two runs. */
  readonly unknown: number
  /** Measurements that are not valid, of all runs, and how many there are in all. */
  readonly invalid: number
  readonly measurements: number
}

const MEASURES: readonly Measure[] = [throughput, cpu, p50, p99, memory]

/** Holds each run's intervals of all ratios between topologies against every other run's ratios. */
export function agreement(runs: readonly Run[]): Agreement {
  const found = runs.map(ratios)
  const checks: Check[] = []
  let unknown = 0
  for (const [index, own] of found.entries()) {
    for (const others of found.toSpliced(index, 1)) {
      for (const about of own.keys()) {
        const [said, other] = [own.get(about), others.get(about)]
        if (said && other)
          checks.push({ about, said, other: other.ratio, holds: said.low <= other.ratio && other.ratio <= said.high })
        else unknown++
      }
    }
  }
  const all = runs.flatMap(({ results }) => results.flatMap(({ measurements }) => measurements))
  return { checks, unknown, invalid: all.filter((each) => !each.validity.valid).length, measurements: all.length }
}

/** Every ratio between two topologies by what it is about; undefined where too few repeats are valid in both. */
function ratios(run: Run): ReadonlyMap<string, Ratio | undefined> {
  // Results are in the order in which they were measured first, which differs: a / b must not be b / a elsewhere.
  const names = [...resultNames(run)].sort(([, one], [, other]) => (one < other ? -1 : 1))
  const pairs = names.flatMap((one, index) => names.slice(index + 1).map((other) => [one, other] as const))
  return new Map(
    pairs.flatMap(([[one, oneName], [other, otherName]]) =>
      run.workloads.flatMap(({ name: workload }) =>
        MEASURES.map((measure) => [
          `${workload}, ${measure.title}: ${oneName} / ${otherName}`,
          ratioOf(one, other, workload, measure, run.seed),
        ]),
      ),
    ),
  )
}

function ratioOf(one: Result, other: Result, workload: string, measure: Measure, seed: number): Ratio | undefined {
  const others = valid(other, workload)
  const pairs = valid(one, workload).flatMap((own) => {
    const beside = others.find(({ repeat }) => repeat === own.repeat)
    const values = [measure.of(own), beside && measure.of(beside)] as const
    return values[0] === undefined || values[1] === undefined ? [] : [[values[0], values[1]] as const]
  })
  return pairs.length < fewestRepeats ? undefined : pairedRatio(pairs, seed)
}

const valid = (result: Result, workload: string): readonly Measurement[] =>
  repeatsOf(result, workload).filter(({ validity }) => validity.valid)
