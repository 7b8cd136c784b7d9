import { mean, quantile, sampleStandardDeviation } from 'simple-statistics'
import type { GateVerdict, Inconclusive } from '../reports/gate.ts'
import type { Duet, GatedMetric } from '../reports/run.ts'

/** Two variants of which is known how they differ. */
export interface Scenario {
  readonly name: string
  readonly says: string
  /** As `apps/regressed.py` takes it. */
  readonly regression: string
  /** Metrics of which at least one is to be found worse. */
  readonly metrics: readonly GatedMetric[]
}

/** What came of one gate of a scenario. */
export interface GateOutcome {
  readonly scenario: string
  readonly says: string
  readonly expected: readonly GatedMetric[]
  readonly settings: { readonly rounds: number; readonly offered: number; readonly saturated: number }
  readonly verdict: GateVerdict
  readonly seconds: number
  /** CPUs that others used meanwhile, on average. */
  readonly foreignCpu: number
  readonly rounds: Duet['rounds']
  readonly effects: readonly {
    readonly metric: GatedMetric
    readonly change: number
    readonly smallestDetectable: number | null
    readonly verdict: GateVerdict
    readonly why: Inconclusive | null
    readonly rounds: number
  }[]
}

/** What all gates of one scenario came to. */
export interface Evidence {
  readonly scenario: string
  readonly says: string
  readonly gates: number
  readonly breaches: number
  readonly inconclusive: number
  readonly passes: number
  /** Passes of a regression. */
  readonly missed: number
  /** 95 % interval of the share of breaches. */
  readonly breachShare: readonly [low: number, high: number]
  /** Median and longest. */
  readonly seconds: readonly [median: number, longest: number]
  /** Mean and deviation of the change in CPU time per request. */
  readonly cpuChange: readonly [mean: number, deviation: number]
  /** Median of the smallest detectable change of each metric. */
  readonly smallestDetectable: Readonly<Record<string, number>>
  readonly foreignCpu: number
}

/** Wilson's 95 % score interval of a share (Wilson 1927; Brown, Cai and DasGupta 2001 recommend it for few trials). */
export function shareInterval(hits: number, trials: number): readonly [low: number, high: number] {
  if (trials === 0) return [0, 1]
  const z = 1.959964
  const share = hits / trials
  const centre = (share + z ** 2 / (2 * trials)) / (1 + z ** 2 / trials)
  const half = (z / (1 + z ** 2 / trials)) * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2))
  return [Math.max(0, centre - half), Math.min(1, centre + half)]
}

/** Each scenario's gates together. */
export const table = (outcomes: readonly GateOutcome[]): readonly Evidence[] =>
  [...Map.groupBy(outcomes, ({ scenario }) => scenario).values()].map(evidenceOf)

function evidenceOf(gates: readonly GateOutcome[]): Evidence {
  const { scenario, says, expected } = gates[0]!
  const count = (verdict: GateVerdict): number => gates.filter((gate) => gate.verdict === verdict).length
  const seconds = gates.map((gate) => gate.seconds)
  const changes = gates.flatMap(({ effects }) =>
    effects.filter(({ metric }) => metric === 'cpu').map(({ change }) => change),
  )
  const metrics = [...new Set(gates.flatMap(({ effects }) => effects.map(({ metric }) => metric)))]
  const detectable = metrics.map((metric) => {
    const all = gates.flatMap(({ effects }) => effects.filter((each) => each.metric === metric))
    return [
      metric,
      round(
        quantile(
          all.map(({ smallestDetectable }) => smallestDetectable ?? Infinity),
          0.5,
        ),
        4,
      ),
    ] as const
  })
  const breaches = count('breach')
  const [low, high] = shareInterval(breaches, gates.length)
  return {
    scenario,
    says,
    gates: gates.length,
    breaches,
    inconclusive: count('inconclusive'),
    passes: count('pass'),
    missed: expected.length === 0 ? 0 : count('pass'),
    breachShare: [round(low, 3), round(high, 3)],
    seconds: [round(quantile(seconds, 0.5), 1), round(Math.max(...seconds), 1)],
    cpuChange: [round(mean(changes), 4), round(changes.length > 1 ? sampleStandardDeviation(changes) : 0, 4)],
    smallestDetectable: Object.fromEntries(detectable),
    foreignCpu: round(mean(gates.map((gate) => gate.foreignCpu)), 2),
  }
}

/** `3.7 %` */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

const round = (value: number, digits: number): number => Number(value.toFixed(digits))

/** It for the terminal. */
export function lineOf({
  says,
  gates,
  breaches,
  inconclusive,
  passes,
  breachShare,
  seconds,
  cpuChange,
  smallestDetectable,
}: Evidence): string {
  return [
    `${says}: ${breaches} of ${gates} breaches (95 % interval ${breachShare.map(percent).join(' to ')}), ${inconclusive} inconclusive, ${passes} passed`,
    `median ${seconds[0]} s, longest ${seconds[1]} s; CPU per request ${percent(cpuChange[0])}, deviation ${percent(cpuChange[1])}`,
    `smallest detectable: ${Object.entries(smallestDetectable)
      .map(([metric, change]) => `${metric} ${percent(change)}`)
      .join(', ')}`,
  ].join('\n  ')
}
