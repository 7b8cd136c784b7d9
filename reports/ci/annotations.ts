import { allSummaries, summaryText } from '../conformance.ts'
import { effectsOf } from '../gate.ts'
import { allNames, resultNames } from '../names.ts'
import type { GateChange, GateConformance, Result, Run } from '../run.ts'
import { gateText } from '../words/gate.ts'
import { kindsOf } from '../words/gate-conformance.ts'
import { metricNames } from '../words/gate-figures.ts'
import { plural } from '../words/quantities.ts'
import { hopText, ruleText } from './case.ts'
import { changeSentence } from './changes.ts'
import { capitalised, effectSentence } from './effects.ts'
import type { Annotation } from './workflow-command.ts'

/** What is worth a reader's eye beside the job: all that fails a gate, else what went wrong and what was found out. */
export function annotations(run: Run): readonly Annotation[] {
  const problems = [...allNames(run)].flatMap(([result, name]) => problemsOf(result, name))
  return [...problems, ...(run.gate ? ofGate(run) : ofRun(run))]
}

const problemsOf = ({ problems }: Result, name: string): readonly Annotation[] =>
  problems.map((problem) => ({ kind: 'error', title: `${name} had a problem`, message: problem }))

function ofGate(run: Run): readonly Annotation[] {
  const { duet, conformance } = run.gate!
  const { sentence, verdict } = gateText(run)!
  const unfinished = run.finishedAt === undefined
  return [
    ...(duet ? effectsOf(duet) : []).flatMap((effect): readonly Annotation[] => {
      if (effect.verdict === 'pass') return []
      const kind = effect.verdict === 'breach' ? 'error' : 'warning'
      return [{ kind, title: capitalised(metricNames[effect.metric]), message: effectSentence(effect) }]
    }),
    ...(conformance ? ofConformance(conformance) : []),
    // What was found is told by the others; who sees none of them is to know why.
    ...(unfinished || verdict === 'pass'
      ? [{ kind: unfinished ? ('warning' as const) : ('notice' as const), title: 'Gateway Lab', message: sentence }]
      : []),
  ]
}

function ofConformance(conformance: GateConformance): readonly Annotation[] {
  const tightened = kindsOf(conformance, 'tightened').length
  const added = kindsOf(conformance, 'added').filter(({ is }) => is === 'fail').length
  return [
    ...kindsOf(conformance, 'breach').map((change) => changed('error', change)),
    ...kindsOf(conformance, 'undecided').map((change) => changed('warning', change)),
    ...(tightened === 0
      ? []
      : [
          {
            kind: 'notice' as const,
            title: 'The baseline can be tightened',
            message: `${plural(tightened, 'rule')} that the baseline has as broken ${tightened === 1 ? 'is' : 'are'} kept now: gate --update writes it anew.`,
          },
        ]),
    ...(added === 0
      ? []
      : [
          {
            kind: 'notice' as const,
            title: 'Not in the baseline',
            message: `${plural(added, 'rule')} that the baseline did not judge ${added === 1 ? 'is' : 'are'} broken.`,
          },
        ]),
  ]
}

function changed(kind: Annotation['kind'], change: GateChange): Annotation {
  const { clause, because, lines = [] } = change
  const message = [
    changeSentence(change),
    ruleText(change),
    ...(because === undefined ? [] : [`Seen: ${because}`]),
    ...lines,
  ]
  return { kind, title: `${clause} at ${hopText(change)}`, message: message.join('\n') }
}

/** Deviations of real servers are what an ordinary run is there to find: they are told, and are no errors. */
function ofRun(run: Run): readonly Annotation[] {
  const invalid = [...resultNames(run)].flatMap(([{ measurements }, name]): readonly Annotation[] => {
    const broken = measurements.filter(({ validity }) => !validity.valid)
    const [first] = broken.flatMap(({ validity }) => (validity.valid ? [] : validity.because))
    if (first === undefined) return []
    const counted = `${broken.length} of ${plural(measurements.length, 'measurement')}`
    const message = `${counted} must not be compared. The first, because: ${first}`
    return [{ kind: 'warning', title: `${name}: measurements that are not valid`, message }]
  })
  const judged = allSummaries(run).map((each): Annotation => {
    return { kind: 'notice', title: each.name, message: `${summaryText(each)}.` }
  })
  return [...invalid, ...judged]
}
