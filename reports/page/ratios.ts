import type { Answer } from '../answer.ts'
import { comparedBy, ratiosOf } from '../ratios.ts'
import type { Run } from '../run.ts'
import { comparisonText, ratiosPremise } from '../words/wording.ts'
import { html, type Markup } from './template.ts'

/** A workload's results over the best of them, repeat by repeat; nothing where nothing can be compared. */
export function ratios(run: Run, answer: Answer): Markup | false {
  const found = ratiosOf(run, answer)
  if (found === undefined) return false
  return html`<p class="note">${ratiosPremise(found)} Grey: not told apart, or not compared.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="${answer.workload.title}: ratios to ${found.reference}">
      <table class="small ratios">
        <thead>
          <tr>
            <th scope="col">Over ${found.reference}</th>
            ${comparedBy.map(({ title }) => html`<th scope="col">${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${found.rows.map(
            ({ name, cells }) =>
              html`<tr>
                <th scope="row">${name}</th>
                ${cells.map(
                  ({ comparison, ...rest }) =>
                    html`<td class="${comparison?.apart ? 'told' : 'quiet'}">
                      ${comparison === undefined ? 'because' in rest && rest.because : comparisonText(comparison)}
                    </td>`,
                )}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`
}
