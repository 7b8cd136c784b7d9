import { html, type Markup } from './template.ts'

/** A cell: text alone, or with a class that says what kind of text it is. */
type Cell = string | { readonly text: string; readonly kind: string }

/** A table in a place of its own: where it is wider than that it scrolls, by keyboard as well. `kind` is its class. */
export const scrollingTable = (label: string, kind: string, head: readonly string[], rows: readonly Markup[]): Markup =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table class="${kind}">
      <thead>
        <tr>
          ${head.map((cell) => html`<th scope="col">${cell}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`

/** A table whose first column names its rows. */
export const dataTable = (label: string, head: readonly string[], rows: readonly (readonly Cell[])[]): Markup =>
  scrollingTable(
    label,
    'small',
    head,
    rows.map(
      (cells) =>
        html`<tr>
          ${cells.map(bodyCell)}
        </tr>`,
    ),
  )

function bodyCell(cell: Cell, column: number): Markup {
  const { text, kind } = typeof cell === 'string' ? { text: cell, kind: undefined } : cell
  if (column === 0) return html`<th scope="row">${text}</th>`
  return kind === undefined ? html`<td>${text}</td>` : html`<td class="${kind}">${text}</td>`
}
