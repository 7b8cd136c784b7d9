import { tracked, type Tracked } from '../ci/tracked.ts'
import type { Reporter } from './index.ts'

/** What Bencher takes for one value of a measure. */
interface Metric {
  readonly value: number
  readonly lower_value?: number
  readonly upper_value?: number
}

/** Bencher's own measure where its unit is the lab's; others have the unit in the name, because the format has no place for it. */
const names: Readonly<Record<Tracked['metric'], string>> = {
  throughput: 'throughput',
  cpu: 'cpu-per-request-us',
  p50: 'latency-p50-ms',
  p99: 'latency-p99-ms',
  memory: 'memory-pss-bytes',
}

/** Longer names of benchmarks are refused. */
const mostCharacters = 1024

/** Bencher Metric Format (bencher.dev/docs/reference/bencher-metric-format), for its adapter `json`. */
const bencher: Reporter = {
  name: 'bencher',
  title: 'Benchmarks (Bencher)',
  render: async (run) => {
    const found = tracked(run)
    const benchmarks = [...Map.groupBy(found, ({ benchmark }) => benchmark)].map(([name, own]) => [
      name.slice(0, mostCharacters),
      Object.fromEntries(own.map((each) => [measureOf(each), metricOf(each)])),
    ])
    const content = `${JSON.stringify(Object.fromEntries(benchmarks), null, 2)}\n`
    return found.length === 0 ? [] : [{ name: 'bencher.json', content }]
  },
}
export default bencher

const measureOf = ({ kind, metric }: Tracked): string => (kind === 'ratio' ? `${metric}-head-to-base` : names[metric])

const metricOf = ({ value, low, high }: Tracked): Metric => ({
  value,
  ...(low === undefined || high === undefined ? {} : { lower_value: low, upper_value: high }),
})
