import { blameText, filtersOf, splitClause, type Cell, type Row } from '../conformance.ts'
import { bindings, byBinding } from '../levels.ts'
import type { Run } from '../run.ts'
import { list } from '../words/quantities.ts'
import { hops } from './hops.ts'
import { html, type Markup } from './template.ts'

/** Whether there is more to tell than that a clause was kept. */
export const needsDetails = ({ cells }: Row): boolean => cells.some(isWorthTelling)

const isWorthTelling = ({ verdicts }: Cell): boolean =>
  verdicts.some(({ outcome }) => outcome !== 'pass' && outcome !== 'inapplicable')

/** Clauses with what was seen of each, those of each level below a heading. */
export const cards = <Any extends Row>(rows: readonly Any[], seen: (row: Any) => Markup): readonly Markup[] =>
  byBinding(rows).map(
    ([binding, own]) =>
      html`<h4 class="level">${bindings[binding]}</h4>
        ${own.map((row) => card(row, seen(row)))}`,
  )

/** A clause that can be linked to: the sentence, the experiment, and what was seen. */
function card(row: Row, seen: Markup): Markup {
  const [suite, id] = splitClause(row.clause)
  return html`<details class="card clause" id="clause-${row.clause}" data-kinds="${filtersOf(row).join(' ')}">
    <summary><strong>${id}</strong> <small>${row.level} · ${row.cites} · ${suite}</small></summary>
    <blockquote>${row.says} <cite>${row.cites}</cite></blockquote>
    <a class="address" href="#clause-${row.clause}">Link to this rule</a>
    ${row.experiment !== undefined && html`<p><b>Experiment</b>: ${row.experiment}</p>`} ${seen}
  </details>`
}

/** What was seen, clause by clause: every chain on which not all is well, hop by hop. */
export function clauseDetails(run: Run, rows: readonly Row[]): Markup {
  const worthy = rows.filter(needsDetails)
  return html`<h3 id="clauses">What was seen, clause by clause</h3>
    ${worthy.length === 0 && html`<p class="empty">Every clause was kept at every hop.</p>`}
    ${cards(worthy, (row) => html`${row.cells.filter(isWorthTelling).map((cell) => chain(run, cell))} ${others(row)}`)}`
}

const chain = (run: Run, cell: Cell): Markup =>
  html`<h5>${cell.name}: <span class="${cell.blame.kind}">${blameText(cell)}</span></h5>
    ${hops(run, cell, cell.verdicts)}`

function others({ cells }: Row): Markup | false {
  const kept = cells.filter((cell) => !isWorthTelling(cell) && cell.blame.kind === 'kept').map(({ name }) => name)
  return kept.length > 0 && html`<p class="label">Kept at every hop: ${list(kept)}.</p>`
}
