import { effectsOf } from '../gate.ts'
import { allNames } from '../names.ts'
import type { Duet, GateChange, GateConformance, Run, Verdict } from '../run.ts'
import { repeatCommand } from '../words/commands.ts'
import { metricNames } from '../words/gate-figures.ts'
import { groupOf, hopText, named, ruleText, type Case } from './case.ts'
import { changeSentence } from './changes.ts'
import { effectFigures, effectSentence } from './effects.ts'

/** One test per gated metric. What is inconclusive is an error: a gate that could not see must not look as if it had. */
export function metricCases(duet: Duet): readonly Case[] {
  return effectsOf(duet).map((effect) => {
    const message = effectSentence(effect)
    const details = [message, ...effectFigures(duet, effect)].join('\n')
    const own = { suite: 'gate', group: `gate.${groupOf(duet.topology)}`, name: metricNames[effect.metric], details }
    if (effect.verdict === 'pass') return { ...own, outcome: 'passed' }
    return { ...own, outcome: effect.verdict === 'breach' ? 'failed' : 'error', type: effect.verdict, message }
  })
}

/** One test per verdict that a gate compared with its baseline, and one for each that only the baseline has. */
export function conformanceCases(run: Run, { changes }: GateConformance): readonly Case[] {
  const told = new Map(changes.map((change) => [keyOf(change, change.result), change]))
  const judged = [...allNames(run)].flatMap(([{ verdicts }, name]) =>
    verdicts.map((verdict) => {
      const change = told.get(keyOf(verdict, name))
      told.delete(keyOf(verdict, name))
      return change ? changeCase(run, change) : unchanged(verdict, name, changes)
    }),
  )
  return [...judged, ...[...told.values()].map((change) => changeCase(run, change))]
}

const keyOf = ({ clause, role, server }: Pick<Verdict, 'clause' | 'role' | 'server'>, result: string): string =>
  JSON.stringify([result, clause, role, server])

/** Known deviations are skipped, as test frameworks do with failures that are expected: neither hidden nor red. */
function changeCase(run: Run, change: GateChange): Case {
  const { kind, clause, level, result, because, lines = [], is } = change
  const own = named(change, result)
  const text = changeSentence(change)
  const message = because === undefined ? text : `${text} Seen: ${because}`
  if (kind === 'tightened') return { ...own, outcome: 'passed', details: text }
  if (kind === 'added' && (is === 'pass' || is === 'observed')) return { ...own, outcome: 'passed', details: message }
  if (kind !== 'breach' && kind !== 'undecided') return { ...own, outcome: 'skipped', type: kind, message }
  const details = [
    ruleText(change),
    text,
    ...(because === undefined ? [] : [`Seen: ${because}`]),
    ...(lines.length > 0 ? ['Its configuration differs from the baseline’s:', ...lines] : []),
    `To see it again: ${repeatCommand({ ...run, arguments: [...run.arguments, '--clause', clause] })}`,
  ].join('\n')
  return kind === 'breach'
    ? { ...own, outcome: 'failed', type: level, message, details }
    : { ...own, outcome: 'error', type: 'inconclusive', message, details }
}

/** What the gate says nothing of is held against nobody, whatever it came to. */
function unchanged(verdict: Verdict, result: string, changes: readonly GateChange[]): Case {
  const { clause, outcome, because } = verdict
  const own = named(verdict, result)
  if (outcome === 'pass') return { ...own, outcome: 'passed' }
  const seen = because ?? outcome
  if (outcome === 'observed') return { ...own, outcome: 'passed', details: `Seen: ${seen}` }
  const elsewhere = changes.find(
    (change) => change.result === result && change.clause === clause && change.is === 'fail',
  )
  const why =
    outcome !== 'fail'
      ? ''
      : elsewhere
        ? `Broken here as well; it is told of ${hopText(elsewhere)}.`
        : 'Broken, and the gate holds nothing against it.'
  return {
    ...own,
    outcome: 'skipped',
    type: outcome === 'fail' ? 'known' : outcome,
    message: why === '' ? seen : `${why} Seen: ${seen}`,
  }
}
