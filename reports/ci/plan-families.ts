import type { PlannedTopology, Size } from '../planning/planned.ts'
import type { Run } from '../run.ts'
import { planText } from '../words/plan.ts'
import type { Family } from './exposition.ts'

/** What a plan comes to, a sample for each topology that can meet the demand, and how far off its model was. */
export function planFamilies(run: Run): readonly Family[] {
  const text = planText(run)
  if (text === undefined) return []
  const { topologies, validation, rate } = text.planned
  const sized = topologies.filter((each): each is PlannedTopology & { size: Size } => each.size !== undefined)
  const family = (
    name: string,
    unit: string | undefined,
    help: string,
    of: (size: Size) => number | undefined,
  ): Family => ({
    ...{ name: `gateway_lab_plan_${name}`, type: 'gauge', help, ...(unit === undefined ? {} : { unit }) },
    samples: sized.flatMap(({ name: result, size }) => {
      const value = of(size)
      return value === undefined ? [] : [{ labels: { result }, value }]
    }),
  })
  const errors = (['throughput', 'p50', 'p99'] as const).flatMap((figure) => {
    const error = validation[figure]
    return error === undefined
      ? []
      : (['median', 'worst'] as const).map((which) => ({ labels: { figure, which }, value: error[which] }))
  })
  return [
    {
      ...{ name: 'gateway_lab_plan_rate', type: 'gauge', unit: 'requests_per_second', help: 'What is planned for.' },
      samples: [{ labels: {}, value: rate }],
    },
    family('machines', undefined, 'Machines that are needed, the spare ones included.', ({ machines }) => machines),
    family('headroom', 'ratio', 'How many times the peak they bear within the limit of p99.', (size) => size.headroom),
    family('utilization', 'ratio', 'Share of the cores in use at the peak.', ({ utilization }) => utilization),
    family('latency_p99', 'seconds', 'Predicted 99th percentile at the peak.', ({ p99 }) => p99 / 1000),
    family(
      'memory',
      'bytes',
      'Of one machine at the peak, as far as it could be read.',
      ({ memoryBytes }) => memoryBytes || undefined,
    ),
    {
      ...{
        name: 'gateway_lab_plan_error',
        type: 'gauge',
        unit: 'ratio',
        help: 'How far off the model was at held-out loads.',
      },
      samples: errors,
    },
    {
      ...{ name: 'gateway_lab_plan_holds', type: 'gauge', help: 'Whether the model is close enough to plan with.' },
      samples: [{ labels: {}, value: validation.holds ? 1 : 0 }],
    },
  ]
}
