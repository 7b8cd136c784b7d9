import { blameText, filtersOf, type Cell, type Row } from '../conformance.ts'
import { plural } from '../words/quantities.ts'
import type { Outcome } from '../run.ts'
import { shortened } from '../words/visible.ts'
import { html, type Markup } from './template.ts'

/** Signs of outcomes; each is always read out with its word, and shaped, so that colour is never alone. */
export const signs: Readonly<Record<Outcome, string>> = {
  pass: '✓',
  fail: '✗',
  observed: '○',
  inapplicable: '·',
  blocked: '⊘',
  error: '!',
}

/** Characters of evidence shown, so that a page of hundreds of deviations stays small. */
const mostEvidence = 1500

/** A clause's suite and its id in the suite. */
export const split = (clause: string): readonly [suite: string, id: string] => {
  const at = clause.indexOf('/')
  return [clause.slice(0, Math.max(0, at)), clause.slice(at + 1)]
}

/** Whether there is more to tell than that a clause was kept. */
export const needsDetails = ({ cells }: Row): boolean =>
  cells.some(({ verdicts }) => verdicts.some(({ outcome }) => outcome !== 'pass' && outcome !== 'inapplicable'))

/** What was seen, clause by clause: the sentence, every hop that did not pass, and its evidence. */
export function clauseDetails(rows: readonly Row[]): Markup {
  const worthy = rows.filter(needsDetails)
  return html`<h3 id="clauses">What was seen, clause by clause</h3>
    ${worthy.length === 0 && html`<p class="empty">Every clause was kept at every hop.</p>`}
    ${worthy.map(
      (row) =>
        html`<details class="card clause" id="clause-${row.clause}" data-kinds="${filtersOf(row).join(' ')}">
          <summary><strong>${split(row.clause)[1]}</strong> <small>${row.level} · ${row.cites}</small></summary>
          <blockquote>${row.says}</blockquote>
          ${row.cells.map(seen)}
        </details>`,
    )}`
}

function seen({ name, verdicts, blame: of }: Cell): Markup {
  const worthy = verdicts.filter(({ outcome }) => outcome !== 'pass' && outcome !== 'inapplicable')
  return html`${
    worthy.length > 0 &&
    html`<h4>${name}: ${blameText(of)}</h4>
      ${worthy.map(
        ({ server, role, outcome, because, evidence }) =>
          html`<p>
              <i class="sign ${outcome}" aria-hidden="true">${signs[outcome]}</i> ${outcome} at ${server}
              (${role})${because !== undefined && `: ${because}`}
            </p>
            ${(evidence ?? []).map(
              ({ sent, received }) =>
                html`<details class="evidence">
                  <summary>
                    Evidence: ${plural(sent.length, 'character')} sent, ${plural(received.length, 'character')} received
                  </summary>
                  <p class="label">Sent</p>
                  <pre tabindex="0">${shortened(sent, mostEvidence)}</pre>
                  <p class="label">Received</p>
                  <pre tabindex="0">${shortened(received, mostEvidence)}</pre>
                </details>`,
            )}`,
      )}`
  }`
}
