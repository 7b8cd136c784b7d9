import { standingsOf } from '../answer.ts'
import { effectsOf } from '../gate.ts'
import { measures } from '../measures.ts'
import type { GatedMetric, Result, Run } from '../run.ts'
import { machineText } from '../words/heading.ts'
import { plural } from '../words/quantities.ts'
import { effectFigures, effectSentence } from './effects.ts'

/** A figure that a tracker of benchmarks follows from run to run. */
export interface Tracked {
  /** What was measured, and where: the same in every run that it may be compared with. */
  readonly benchmark: string
  readonly metric: GatedMetric
  /** In the unit of a `GateFigures`, or how many times the base's value the head's is. */
  readonly kind: 'figure' | 'ratio'
  readonly value: number
  readonly low?: number
  readonly high?: number
  /** What a reader wants to know beside it, as lines. */
  readonly notes: readonly string[]
}

/**
 * The figures of a run that may be compared with those of other runs. Trackers compare whatever has one name, so absolute
 * figures have the machine in theirs, and only what the lab would rank is among them. Of a gate it is the changes, which hold
 * wherever they were measured, and of these only what was decided.
 */
export function tracked(run: Run): readonly Tracked[] {
  return run.gate ? ofGate(run) : ofRun(run)
}

function ofRun(run: Run): readonly Tracked[] {
  return run.workloads.flatMap(({ name: workload }) =>
    measures.flatMap((measure) =>
      standingsOf(run, workload, measure).flatMap((standing): readonly Tracked[] => {
        if (standing.kind !== 'ranked') return []
        const { result, middle, interval, values } = standing
        const { low, high } = interval ?? {}
        const notes = [`Median of ${plural(values.size, 'valid repeat')}, with its 95 % interval`, commitText(run)]
        return [
          {
            benchmark: `${deployed(result)}, ${workload}, ${result.runtime} on ${machineText(run)}`,
            ...{ metric: measure.name as GatedMetric, kind: 'figure', value: middle, notes },
            ...(low === undefined || high === undefined ? {} : { low, high }),
          },
        ]
      }),
    ),
  )
}

function ofGate({ gate, finishedAt, commit }: Run): readonly Tracked[] {
  const duet = gate?.duet
  if (duet === undefined || finishedAt === undefined) return []
  const { topology, head, path } = duet
  const asked = `${head.application ?? 'the lab’s application'} ${path}`
  return effectsOf(duet).flatMap((effect): readonly Tracked[] => {
    const { metric, change, interval, verdict } = effect
    if (verdict === 'inconclusive' || interval === undefined) return []
    return [
      {
        benchmark: `gate: ${deployed({ topology, tiers: head.tiers })}, ${asked}`,
        ...{ metric, kind: 'ratio', value: 1 + change, low: 1 + interval.low, high: 1 + interval.high },
        notes: [effectSentence(effect), ...effectFigures(duet, effect), commitText({ commit })],
      },
    ]
  })
}

/** `reverse-proxy of nginx/http11, gunicorn/gthread` */
const deployed = ({ topology, tiers }: Pick<Result, 'topology' | 'tiers'>): string =>
  `${topology} of ${tiers.map(({ server, variant }) => `${server}/${variant}`).join(', ')}`

const commitText = ({ commit }: Pick<Run, 'commit'>): string => `Lab at ${commit ?? 'an unknown commit'}`
