import type { Blame } from '../blame.ts'
import { blameText, filters, filtersOf, matrix, summaries, type Filter, type Row } from '../conformance.ts'
import type { Result, Run, Verdict } from '../run.ts'
import { resultNames } from '../measures.ts'
import { clauseDetails, needsDetails, signs, split } from './clauses.ts'
import { html, type Markup } from './template.ts'

/** Clauses against hops, with blame, and below it every deviation with its quotation and evidence. */
export function conformanceSection(run: Run): Markup {
  const rows = matrix(run)
  const judged = [...resultNames(run)].filter(([result]) => result.verdicts.length > 0)
  return html`<section id="conformance" aria-labelledby="conformance-title">
    <h2 id="conformance-title">What each hop does to the specifications</h2>
    ${
      rows.length === 0
        ? html`<p class="empty">No clause was judged in this run.</p>`
        : html`<ul class="summaries">
              ${summaries(run).map(({ name, says }) => html`<li><strong>${name}</strong>: ${says}.</li>`)}
            </ul>
            <p class="legend">
              ${Object.entries(signs).map(([outcome, sign]) => html`<span><i class="sign ${outcome}" aria-hidden="true">${sign}</i> ${outcome}</span> `)}
            </p>
            ${filterBar(rows)}
            <div class="scroll" tabindex="0" role="region" aria-label="Conformance matrix">
              <table class="matrix" id="matrix">
                ${head(judged)}
                <tbody>
                  ${rows.map((row) => clauseRow(row, judged))}
                </tbody>
              </table>
            </div>
            ${clauseDetails(rows)}`
    }
  </section>`
}

function filterBar(rows: readonly Row[]): Markup {
  const count = (filter: Filter): number => rows.filter((row) => filtersOf(row).includes(filter)).length
  const button = (name: string, text: string, number: number, pressed = false): Markup =>
    html`<button type="button" data-filter="${name}" aria-pressed="${String(pressed)}">
      ${text} <b>${number}</b>
    </button>`
  return html`<div class="filters needs-script" role="group" aria-label="Show clauses by outcome">
    ${button('all', 'All', rows.length, true)}
    ${Object.entries(filters).map(([name, text]) => button(name, text, count(name as Filter)))}
    <output id="shown" aria-live="polite"></output>
  </div>`
}

function head(judged: readonly (readonly [Result, string])[]): Markup {
  return html`<thead>
    <tr>
      <th scope="col" rowspan="2">Clause</th>
      ${judged.map(([{ tiers }, name]) => html`<th scope="colgroup" colspan="${tiers.length + 1}" class="group">${name}</th>`)}
    </tr>
    <tr>
      ${judged.map(
        ([{ tiers }]) =>
          html`${tiers.map(({ title }, index) => html`<th scope="col" class="${index === 0 ? 'first' : ''}">${title}</th>`)}
            <th scope="col">Blame</th>`,
      )}
    </tr>
  </thead>`
}

function clauseRow(row: Row, judged: readonly (readonly [Result, string])[]): Markup {
  const [suite, id] = split(row.clause)
  const kinds = filtersOf(row)
  return html`<tr data-kinds="${kinds.join(' ')}">
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
        <td class="blame">${cell !== undefined && blame(cell.blame)}</td>`
    })}
  </tr>`
}

function hop(verdict: Verdict | undefined, index: number): Markup {
  if (verdict === undefined)
    return html`<td class="hop ${index === 0 ? 'first' : ''}"><span class="unseen">not judged</span></td>`
  const { outcome } = verdict
  return html`<td class="hop ${index === 0 ? 'first' : ''}">
    <i class="sign ${outcome}" aria-hidden="true" title="${outcome}">${signs[outcome]}</i
    ><span class="unseen">${outcome}</span>
  </td>`
}

const blame = (of: Blame): Markup => html`<span class="${of.kind}">${blameText(of)}</span>`
