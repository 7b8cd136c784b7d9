import { accounts, byText, countText } from '../account.ts'
import { summaries } from '../conformance.ts'
import type { Run } from '../run.ts'
import { html, type Markup } from './template.ts'

/** Kept, broken, healed by and introduced by, a row for each result of these runs. */
export function accountTable(...runs: readonly Run[]): Markup {
  const notes = runs.flatMap(summaries).flatMap(({ name, notes: all }) => all.map((note) => `${name}: ${note}.`))
  return html`<div class="scroll" tabindex="0" role="region" aria-label="What each chain does to the rules, in numbers">
      <table class="small account">
        <thead>
          <tr>
            <th scope="col">Topology or server</th>
            <th scope="col">Kept</th>
            <th scope="col">Broken, healed by nobody</th>
            <th scope="col">Healed by</th>
            <th scope="col">Introduced by</th>
            <th scope="col">Observed or n/a</th>
            <th scope="col">Unknown</th>
          </tr>
        </thead>
        <tbody>
          ${runs.flatMap(accounts).map(
            ({ name, kept, broken, healed, introduced, open, unknown }) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td>${countText(kept)}</td>
                <td>${countText(broken)}</td>
                <td>${byText(healed)}</td>
                <td>${byText(introduced)}</td>
                <td>${open}</td>
                <td>${unknown}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${notes.map((note) => html`<p class="note">${note}</p>`)}`
}
