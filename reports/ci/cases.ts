import { whyUntestable } from '../conformance.ts'
import { allNames } from '../names.ts'
import type { Result, Run, Verdict } from '../run.ts'
import { reproduceCommand } from '../words/commands.ts'
import { groupOf, hopText, named, ruleText, type Case } from './case.ts'
import { conformanceCases, metricCases } from './gate-cases.ts'

/** Everything a run came to that a test can be made of. Measurements alone are no tests: nothing was demanded of them. */
export function cases(run: Run): readonly Case[] {
  const names = [...allNames(run)]
  const { duet, conformance } = run.gate ?? {}
  const found = [
    ...(duet ? metricCases(duet) : []),
    ...names.flatMap(([result, name]) => problems(result, name)),
    // With a baseline it is the gate that says what of the verdicts is held against anybody.
    ...(conformance
      ? conformanceCases(run, conformance)
      : names.flatMap(([result, name]) => result.verdicts.map((verdict) => verdictCase(run, result, name, verdict)))),
  ]
  return found.length > 0 && run.finishedAt === undefined ? [...found, unfinished] : found
}

const unfinished: Case = {
  ...{ suite: 'run', group: 'run.run', name: 'goes on to its end', outcome: 'error', type: 'unfinished' },
  message: 'The run was cut short: what is missing here is neither kept nor broken.',
}

function problems(result: Result, name: string): readonly Case[] {
  return result.problems.map((problem, index) => ({
    suite: name,
    group: `${groupOf(name)}.deployment`,
    name: `comes up and stays up${index === 0 ? '' : `, problem ${index + 1}`}`,
    ...{ outcome: 'error', type: 'problem', message: problem.split('\n', 1)[0]!, details: problem },
  }))
}

/** A verdict of an ordinary run, which is held to the specification alone. */
function verdictCase(run: Run, result: Result, name: string, verdict: Verdict): Case {
  const { outcome, level, because, clause } = verdict
  const own = named(verdict, name)
  if (outcome === 'pass') return { ...own, outcome: 'passed' }
  if (outcome === 'observed') return { ...own, outcome: 'passed', details: `Seen: ${because ?? 'nothing was told'}` }
  const message = whyUntestable(verdict) ?? because ?? outcome
  if (outcome === 'blocked' || outcome === 'inapplicable') return { ...own, outcome: 'skipped', type: outcome, message }
  const lines = [
    ruleText(verdict),
    `At ${hopText(verdict)}: ${message}`,
    `To see it again: ${reproduceCommand(run, [result], clause)}`,
  ]
  const failed = outcome === 'fail' ? { outcome: 'failed' as const, type: level } : { outcome, type: 'error' }
  return { ...own, ...failed, message, details: lines.join('\n') }
}
