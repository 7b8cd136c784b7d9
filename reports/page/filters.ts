import { filters, filtersOf, type Filter, type Row } from '../conformance.ts'
import { html, type Markup } from './template.ts'

/** Buttons that show clauses of one kind only; a page without its script shows all of them and no button. */
export function filterBar(rows: readonly Row[]): Markup {
  const count = (filter: Filter): number => rows.filter((row) => filtersOf(row).includes(filter)).length
  const button = (name: string, text: string, number: number, pressed = false): Markup =>
    html`<button type="button" data-filter="${name}" aria-pressed="${String(pressed)}">
      ${text} <b>${number}</b>
    </button>`
  return html`<div class="filters" role="group" aria-label="Show clauses by outcome">
    ${button('all', 'All', rows.length, true)}
    ${Object.entries(filters).map(([name, text]) => button(name, text, count(name as Filter)))}
    <output id="shown" aria-live="polite"></output>
  </div>`
}
