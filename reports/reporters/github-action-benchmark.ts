import { tracked, type Tracked } from '../ci/tracked.ts'
import { metricNames } from '../words/gate-figures.ts'
import type { Reporter } from './index.ts'

/** What the action takes for one benchmark. It reads a `range` of this form only: a sign and a bare number. */
interface Benchmark {
  readonly name: string
  readonly unit: string
  readonly value: number
  readonly range?: string
  readonly extra: string
}

/** Units of figures once all are better when smaller. */
const units: Readonly<Record<Tracked['metric'], string>> = {
  throughput: 'us/request',
  cpu: 'us/request',
  p50: 'ms',
  p99: 'ms',
  memory: 'bytes',
}

/**
 * Input of benchmark-action/github-action-benchmark for its tool `customSmallerIsBetter`. A file has one direction, and a second
 * file would need a second step with a chart of its own; so throughput is told as the time that each request took of it.
 */
const githubActionBenchmark: Reporter = {
  name: 'github-action-benchmark',
  title: 'Benchmarks (github-action-benchmark)',
  render: async (run) => {
    const benchmarks = tracked(run).map(smallerIsBetter).map(benchmarkOf)
    const content = `${JSON.stringify(benchmarks, null, 2)}\n`
    return benchmarks.length === 0 ? [] : [{ name: 'github-action-benchmark.json', content }]
  },
}
export default githubActionBenchmark

/** Microseconds per request instead of requests per second; of a ratio its inverse. Ends of the interval change places. */
function smallerIsBetter(each: Tracked): Tracked {
  if (each.metric !== 'throughput') return each
  const inverse = (value: number): number => (each.kind === 'ratio' ? 1 : 1e6) / value
  const { value, low, high, ...rest } = each
  return {
    ...rest,
    value: inverse(value),
    ...(low === undefined || high === undefined ? {} : { low: inverse(high), high: inverse(low) }),
  }
}

function benchmarkOf({ benchmark, metric, kind, value, low, high, notes }: Tracked): Benchmark {
  const title = metric === 'throughput' ? 'time per request (1 / throughput)' : metricNames[metric]
  return {
    name: `${benchmark}: ${title}`,
    unit: kind === 'ratio' ? 'times the base' : units[metric],
    value: rounded(value),
    // The format's range is symmetric, so it is as wide as the farther end.
    ...(low === undefined || high === undefined ? {} : { range: `± ${rounded(Math.max(high - value, value - low))}` }),
    extra: notes.join('\n'),
  }
}

const rounded = (value: number): number => Number(value.toPrecision(6))
