import type { GateChange, Outcome } from '../run.ts'
import { hopText } from './case.ts'

/** What an outcome says of a rule, after the name of the hop. */
const outcomeWords: Readonly<Record<Outcome, string>> = {
  pass: 'kept it',
  fail: 'broke it',
  observed: 'was only observed',
  inapplicable: 'had nothing to do with it',
  blocked: 'could not be judged, because what it depends on was broken',
  error: 'could not be judged, because the experiment broke',
}

/** What became of a clause at a hop since the baseline, in one sentence without what was seen. */
export function changeSentence(change: GateChange): string {
  const { kind, result, was, is } = change
  const hop = `${hopText(change)} in ${result}`
  const before = `in the baseline ${hop} ${was === undefined ? 'was not judged' : outcomeWords[was]}`
  switch (kind) {
    case 'breach':
      return `Broken by ${hop}, which kept it in the baseline.`
    case 'tightened':
      return `Kept by ${hop}, which broke it in the baseline: the baseline can be tightened.`
    case 'known':
      return `Broken by ${hop}, as in the baseline.`
    case 'undecided':
      return `Undecided: ${before}, and now it ${is === undefined ? 'was not judged' : outcomeWords[is]}.`
    case 'added':
      return is === 'fail'
        ? `Broken by ${hop}, of which the baseline does not know whether it ever kept it.`
        : `Not judged in the baseline for ${hop}.`
    case 'removed':
      return `Not judged any more: ${before}.`
  }
}
