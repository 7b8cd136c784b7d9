import { blameText } from '../conformance.ts'
import { findingsOf, isGood, isHealed, type Finding, type Place } from '../findings.ts'
import { isAlone, type Column, type Matrix, type MatrixRow } from '../matrix.ts'
import type { Outcome, Run } from '../run.ts'
import { outcomeWords, placeText } from '../words/columns.ts'
import { list } from '../words/quantities.ts'
import { cards } from './clauses.ts'
import { hops } from './hops.ts'
import { sign } from './signs.ts'
import { html, type Markup } from './template.ts'

/** Every clause of the matrix: the sentence, the experiment, and what was seen in each column. */
export const matrixDetails = (run: Run, matrix: Matrix): Markup =>
  html`<h3 id="${isAlone(matrix) ? 'alone-clauses' : 'clauses'}">What was seen, rule by rule</h3>
    ${cards(
      matrix.groups.flatMap(({ rows }) => rows),
      (row) => seen(run, row),
    )}`

function seen(run: Run, row: MatrixRow): Markup {
  const { servers, edges } = findingsOf(row)
  const told = new Set<Column>()
  // A cell links to the first finding of its column.
  const anchors = (places: readonly Place[]): readonly Markup[] =>
    places
      .map(({ column }) => column)
      .filter((column) => !told.has(column) && told.add(column))
      .map(({ id }) => html`<span id="clause-${row.clause}:${id}"></span>`)
  const notable = [servers, edges].flatMap((all) =>
    all
      .filter((each) => !isGood(each.verdict.outcome) || isHealed(each))
      .toSorted((one, other) => urgency(one) - urgency(other)),
  )
  return html`${notable.map(
    (each) =>
      html`<div class="finding">
        ${anchors(each.places)}
        <h5>${heading(each)}</h5>
        ${hops(
          run,
          each.cell,
          each.kind === 'edge' ? each.cell.verdicts : [each.verdict],
          each.places.map(({ result }) => result),
        )}
      </div>`,
  )}
  ${[...servers, ...edges].filter((each) => !notable.includes(each)).map(good)}`
}

/** What is broken comes first, then what could not be decided. */
const order: readonly Outcome[] = ['fail', 'error', 'blocked', 'observed', 'pass', 'inapplicable']
const urgency = ({ verdict }: Finding): number => order.indexOf(verdict.outcome)

function heading({ kind, places, cell, verdict: { outcome } }: Finding): Markup {
  const names = list(places.map(placeText))
  return kind === 'edge'
    ? html`${names}: <span class="${cell.blame.kind}">${blameText(cell)}</span>`
    : html`${sign(outcome)} ${names}: <span class="${outcome}">${outcomeWords[outcome]}</span>`
}

const good = ({ places, verdict: { outcome, because } }: Finding): Markup =>
  html`<p class="good">
    ${sign(outcome)} <b>${outcomeWords[outcome]}</b>:
    ${list(places.map(placeText))}${because !== undefined && ` (${because})`}
  </p>`
