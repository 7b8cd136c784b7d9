import type { Outcome } from '../run.ts'
import { outcomeWords } from '../words/columns.ts'
import { html, type Markup } from './template.ts'

const signs: Readonly<Record<Outcome, string>> = {
  pass: '✓',
  fail: '✗',
  observed: '○',
  inapplicable: '·',
  blocked: '⊘',
  error: '!',
}

/** An outcome's sign; a word always stands beside it, and its shape differs, so that colour is never alone. */
export const sign = (outcome: Outcome): Markup =>
  html`<i class="sign ${outcome}" aria-hidden="true">${signs[outcome]}</i>`

const meanings: Readonly<Record<Outcome, string>> = {
  pass: 'in this experiment',
  fail: 'and found so twice',
  observed: 'no right answer, or the rule leaves the choice',
  inapplicable: 'the rule means nothing at this hop',
  blocked: 'a rule it builds upon is broken',
  error: 'the experiment broke: held against nobody',
}

/** What the signs mean. */
export const legend = (): Markup =>
  html`<ul class="legend">
    ${Object.entries(meanings).map(
      ([outcome, meaning]) =>
        html`<li>${sign(outcome as Outcome)} <b>${outcomeWords[outcome as Outcome]}</b><span>: ${meaning}</span></li>`,
    )}
  </ul>`
