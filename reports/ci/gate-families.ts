import { effectsOf, sideMedian, verdictOf, type Effect, type GateVerdict } from '../gate.ts'
import { gatedMetrics, type Duet, type GateChange, type GateConformance, type Run } from '../run.ts'
import { kindsOf } from '../words/gate-conformance.ts'
import type { Family, Sample } from './exposition.ts'
import { exposed } from './measured-families.ts'

const verdicts: readonly GateVerdict[] = ['pass', 'breach', 'inconclusive']
const kinds: readonly GateChange['kind'][] = ['breach', 'tightened', 'known', 'undecided', 'added', 'removed']

/** What a gate found. Of one that was cut short nothing is decided, so no verdict is exposed. */
export function gateFamilies({ gate, finishedAt }: Run): readonly Family[] {
  if (gate === undefined) return []
  const { duet, conformance } = gate
  return [
    ...(finishedAt === undefined
      ? []
      : [states('gateway_lab_gate_verdict', 'What the gate says.', [[{}, verdictOf(gate)]])]),
    ...(duet === undefined
      ? []
      : [...effectFamilies(effectsOf(duet), finishedAt !== undefined), ...sideFamilies(duet)]),
    ...(conformance === undefined ? [] : [changeFamily(conformance)]),
  ]
}

function effectFamilies(effects: readonly Effect[], decided: boolean): readonly Family[] {
  const family = (name: string, help: string, of: (effect: Effect) => number | undefined): Family => ({
    ...{ name: `gateway_lab_gate_${name}`, type: 'gauge', unit: 'ratio', help },
    samples: effects.flatMap((effect) => {
      const value = of(effect)
      return value === undefined ? [] : [{ labels: { metric: effect.metric }, value }]
    }),
  })
  return [
    family('change', 'Change from base to head, 0.05 is 5 % more.', ({ change, rounds }) =>
      rounds === 0 ? undefined : change,
    ),
    family('change_low', 'Lower end of the 99 % interval of the change.', ({ interval }) => interval?.low),
    family('change_high', 'Upper end of the 99 % interval of the change.', ({ interval }) => interval?.high),
    family(
      'smallest_detectable',
      'Smallest change for the worse that 95 of 100 such gates tell from none.',
      ({ smallestDetectable }) => smallestDetectable,
    ),
    family('tolerance', 'Largest change for the worse that passes.', ({ tolerance }) => tolerance),
    {
      ...{ name: 'gateway_lab_gate_rounds', type: 'gauge', help: 'Rounds that have the metric on both sides.' },
      samples: effects.map(({ metric, rounds }) => ({ labels: { metric }, value: rounds })),
    },
    states(
      'gateway_lab_gate_metric_verdict',
      'What the gate says of a metric.',
      decided ? effects.map(({ metric, verdict }) => [{ metric }, verdict]) : [],
    ),
  ]
}

function states(
  name: string,
  help: string,
  found: readonly (readonly [labels: Sample['labels'], state: GateVerdict])[],
): Family {
  const samples = found.flatMap(([labels, is]) =>
    verdicts.map((state) => ({ labels: { ...labels, [name]: state }, value: state === is ? 1 : 0 })),
  )
  return { name, type: 'stateset', help, samples }
}

/** Absolute figures of both sides, which say nothing about capacity: each had the other beside it. */
function sideFamilies(duet: Duet): readonly Family[] {
  const shown = gatedMetrics.flatMap((metric) =>
    (['base', 'head'] as const).flatMap((side) => {
      const middle = sideMedian(duet, side, metric)
      const how = exposed[metric]
      return middle === undefined
        ? []
        : [{ how, sample: { labels: { side, ...how.labels }, value: middle * how.factor } }]
    }),
  )
  return [...Map.groupBy(shown, ({ how }) => how.name)].map(([name, own]) => ({
    ...{ name: `gateway_lab_gate_${name}`, type: 'gauge', unit: own[0]!.how.unit },
    help: `${own[0]!.how.help} Median of the rounds, with the other side beside it.`,
    samples: own.map(({ sample }) => sample),
  }))
}

const changeFamily = (conformance: GateConformance): Family => ({
  name: 'gateway_lab_gate_clauses',
  type: 'gauge',
  help: 'Clauses at a hop by what became of them since the baseline.',
  samples: kinds.map((kind) => ({ labels: { kind }, value: kindsOf(conformance, kind).length })),
})
