import { blameText, clauseRows, filtersOf, splitClause, untestable, type Cell, type Row } from '../conformance.ts'
import { matrixOf } from '../matrix.ts'
import { bindings, byBinding } from '../levels.ts'
import { sum } from '../measures.ts'
import { aloneRun, resultNames } from '../names.ts'
import type { Result, Run, Verdict } from '../run.ts'
import { outcomeWords } from '../words/columns.ts'
import { accountTable } from './account.ts'
import { clauseDetails, needsDetails } from './clauses.ts'
import { filterBar } from './filters.ts'
import { matrixDetails } from './matrix-clauses.ts'
import { matrixTable } from './matrix.ts'
import { legend, sign } from './signs.ts'
import { html, type Markup } from './template.ts'
import { aloneText } from '../words/matrix.ts'
import { untestableList } from './untestable.ts'

/** From so many judged results on, hop by hop is too wide to be read: each server is a column once instead. */
const mostHopByHop = 6

/** Clauses against hops, with blame, and below it every deviation with its quotation and evidence. */
export function conformanceSection(run: Run): Markup {
  const [chains, alone] = [judgedIn(run), judgedIn(aloneRun(run))]
  const rows = [...chains.rows, ...alone.rows]
  return html`<section id="conformance" aria-labelledby="conformance-title">
    <h2 id="conformance-title">What each hop does to the specifications</h2>
    ${
      rows.length === 0
        ? html`<p class="empty">No clause was judged in this run.</p>`
        : html`${chains.judged.length + alone.judged.length > mostHopByHop ? folded(accountTable(run, aloneRun(run))) : accountTable(run, aloneRun(run))}
            <h3 id="rules">Rule by rule</h3>
            <p class="note">
              The same as a page of its own, with an address for every rule: <a href="matrix.html">matrix.html</a>.
            </p>
            ${legend()} ${filterBar(rows)}
            ${chains.rows.length > 0 && (chains.judged.length > mostHopByHop ? byServer(run) : byHop(chains))}
            ${
              alone.rows.length > 0 &&
              html`<h3 id="alone">Intermediaries alone</h3>
                <p class="note">${aloneText}</p>
                ${byServer(aloneRun(run))}`
            }
            ${chains.rows.length > 0 && chains.judged.length <= mostHopByHop && clauseDetails(run, chains.rows)}
            ${untestableList([...untestable(run), ...untestable(aloneRun(run))])}`
    }
  </section>`
}

/** What was judged in a run: its clauses, and its results with their names. */
interface Judged {
  readonly rows: readonly Row[]
  readonly judged: readonly (readonly [Result, string])[]
}

const judgedIn = (run: Run): Judged => ({
  rows: clauseRows(run),
  judged: [...resultNames(run)].filter(([result]) => result.verdicts.length > 0),
})

function byServer(run: Run): Markup {
  const matrix = matrixOf(run)
  return html`${matrixTable(matrix)} ${matrixDetails(run, matrix)}`
}

function byHop({ rows, judged }: Judged): Markup {
  const columns = sum(judged.map(([{ tiers }]) => tiers.length + 1))
  return html`<div class="scroll tall" tabindex="0" role="region" aria-label="Conformance, hop by hop">
    <table class="matrix" id="matrix">
      ${head(judged)}
      ${byBinding(rows).map(
        ([binding, own]) =>
          html`<tbody class="rules">
            <tr>
              <th scope="rowgroup" colspan="${columns + 1}" class="group"><span>${bindings[binding]}</span></th>
            </tr>
            ${own.map((row) => clauseRow(row, judged))}
          </tbody>`,
      )}
    </table>
  </div>`
}

const folded = (numbers: Markup): Markup =>
  html`<details>
    <summary>Kept, broken, healed by and introduced by, in numbers</summary>
    ${numbers}
  </details>`

function head(judged: readonly (readonly [Result, string])[]): Markup {
  return html`<thead>
    <tr>
      <th scope="col" rowspan="2">Clause</th>
      ${judged.map(([{ tiers }, name]) => html`<th scope="colgroup" colspan="${tiers.length + 1}" class="group">${name}</th>`)}
    </tr>
    <tr>
      ${judged.map(
        ([{ tiers }]) =>
          html`${tiers.map(({ title }, index) => html`<th scope="col" class="${index === 0 && 'first'}">${title}</th>`)}
            <th scope="col">Blame</th>`,
      )}
    </tr>
  </thead>`
}

function clauseRow(row: Row, judged: readonly (readonly [Result, string])[]): Markup {
  const [suite, id] = splitClause(row.clause)
  return html`<tr data-kinds="${filtersOf(row).join(' ')}">
    <th scope="row">
      ${needsDetails(row) ? html`<a href="#clause-${row.clause}">${id}</a>` : id} <small>${row.level} · ${suite}</small>
    </th>
    ${judged.map(([result]) => {
      const cell = row.cells.find((other) => other.result === result)
      return html`${result.tiers.map(({ role, server }, index) =>
          hop(
            cell?.verdicts.find((verdict) => verdict.role === role && verdict.server === server),
            index,
          ),
        )}
        <td class="blame">${cell !== undefined && blame(cell)}</td>`
    })}
  </tr>`
}

function hop(verdict: Verdict | undefined, index: number): Markup {
  const place = index === 0 ? 'hop first' : 'hop'
  if (verdict === undefined) return html`<td class="${place}"><span class="unseen">not judged</span></td>`
  const word = outcomeWords[verdict.outcome]
  return html`<td class="${place}" title="${word}">${sign(verdict.outcome)}<span class="unseen">${word}</span></td>`
}

const blame = (cell: Cell): Markup => html`<span class="${cell.blame.kind}">${blameText(cell)}</span>`
