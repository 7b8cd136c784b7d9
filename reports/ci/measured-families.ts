import { standingsOf, type Standing } from '../answer.ts'
import { measures, repeatsOf, type Measure } from '../measures.ts'
import { allNames, resultNames } from '../names.ts'
import type { Run } from '../run.ts'
import type { Family, Sample } from './exposition.ts'

/** A measure in base units. */
export interface Exposed {
  readonly name: string
  readonly unit: string
  /** What a value in the lab's own unit is multiplied by. */
  readonly factor: number
  readonly labels: Readonly<Record<string, string>>
  readonly help: string
}

const latency = { name: 'latency', unit: 'seconds', factor: 1e-3, help: 'Latency of requests.' }

/** How each measure, of runs and of gates, is exposed. */
export const exposed: Readonly<Record<Exclude<Measure['name'], 'p90'>, Exposed>> = {
  throughput: {
    ...{ name: 'throughput', unit: 'requests_per_second', factor: 1, labels: {} },
    help: 'Right responses per second.',
  },
  cpu: {
    name: 'request_cpu',
    unit: 'seconds',
    factor: 1e-6,
    labels: {},
    help: 'CPU time of all services per request.',
  },
  p50: { ...latency, labels: { percentile: '50' } },
  p99: { ...latency, labels: { percentile: '99' } },
  memory: { name: 'memory', unit: 'bytes', factor: 1, labels: {}, help: 'Proportional set size of all services.' },
}

/** What a run measured and judged. Only valid repeats count; where there is none there is no sample. */
export function measuredFamilies(run: Run): readonly Family[] {
  const shown = run.workloads.flatMap(({ name: workload }) =>
    measures.flatMap((measure) =>
      standingsOf(run, workload, measure)
        .filter(isValid)
        .map((standing) => ({ standing, how: exposed[measure.name as keyof typeof exposed], workload })),
    ),
  )
  const families = [...Map.groupBy(shown, ({ how }) => how.name).values()].flatMap((own) => {
    const { name, unit, help } = own[0]!.how
    const family = (part: string, says: string, of: (standing: Shown) => number | undefined): Family => ({
      ...{ name: `gateway_lab_${name}${part}`, type: 'gauge', unit, help: `${help} ${says}` },
      samples: own.flatMap(({ standing, how, workload }) => {
        const value = of(standing)
        const labels = { result: standing.name, workload, ...how.labels }
        return value === undefined ? [] : [{ labels, value: value * how.factor }]
      }),
    })
    return [
      family('', 'Median of the valid repeats.', ({ middle }) => middle),
      family('_low', 'Lower end of the 95 % interval of the median.', ({ interval }) => interval?.low),
      family('_high', 'Upper end of the 95 % interval of the median.', ({ interval }) => interval?.high),
    ]
  })
  return [...families, ...repeatFamilies(run), verdictFamily(run)]
}

type Shown = Exclude<Standing, { kind: 'missing' }>

const isValid = (standing: Standing): standing is Shown =>
  standing.kind === 'ranked' || (standing.kind === 'unranked' && standing.valid > 0)

function repeatFamilies(run: Run): readonly Family[] {
  const repeats = [...resultNames(run)].flatMap(([result, name]) =>
    run.workloads.flatMap(({ name: workload }) => {
      const all = repeatsOf(result, workload)
      const valid = all.filter(({ validity }) => validity.valid).length
      return all.length === 0 ? [] : [{ labels: { result: name, workload }, all: all.length, valid }]
    }),
  )
  const family = (name: string, help: string, of: 'all' | 'valid'): Family => ({
    ...{ name, type: 'gauge', help, samples: repeats.map((each) => ({ labels: each.labels, value: each[of] })) },
  })
  return [
    family('gateway_lab_repeats', 'Repeats that were measured.', 'all'),
    family('gateway_lab_valid_repeats', 'Repeats that may be compared.', 'valid'),
  ]
}

function verdictFamily(run: Run): Family {
  const samples = [...allNames(run)].flatMap(([{ verdicts }, result]): readonly Sample[] =>
    [...Map.groupBy(verdicts, ({ role, server, outcome }) => JSON.stringify([role, server, outcome])).values()].map(
      (own) => {
        const { role, server, outcome } = own[0]!
        return { labels: { result, role, server, outcome }, value: own.length }
      },
    ),
  )
  return { name: 'gateway_lab_verdicts', type: 'gauge', help: 'Clauses by what they came to at a hop.', samples }
}
