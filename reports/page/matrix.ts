import { filtersOf, splitClause } from '../conformance.ts'
import { isGood } from '../findings.ts'
import { bindings, type Binding } from '../levels.ts'
import { countsOf, isAlone, type Column, type Mark, type Matrix, type MatrixGroup } from '../matrix.ts'
import { markText, tierText } from '../words/columns.ts'
import { sign } from './signs.ts'
import { html, type Markup } from './template.ts'

/** Rules against servers: a column for each server and each chain's edge, how many each keeps, then rule by rule. */
export function matrixTable(matrix: Matrix): Markup {
  const { columns, groups } = matrix
  const alone = isAlone(matrix)
  const levels = [...new Set(groups.map(({ binding }) => binding))]
  return html`<div
    class="scroll tall"
    tabindex="0"
    role="region"
    aria-label="Conformance matrix${alone && ' of intermediaries alone'}"
  >
    <table class="matrix servers" id="${alone ? 'alone-matrix' : 'matrix'}">
      ${head(matrix)}
      <tbody class="counts">
        ${levels.map((binding) => counts(matrix, binding))}
      </tbody>
      ${groups.map((group) => body(group, columns))}
    </table>
  </div>`
}

const isFirstEdge = (columns: readonly Column[], column: Column): boolean =>
  column.kind === 'edge' && columns.find(({ kind }) => kind === 'edge') === column

function head(matrix: Matrix): Markup {
  const { columns } = matrix
  const inner = columns.filter(({ kind }) => kind === 'server').length
  const edges = columns.length - inner
  const innermost = isAlone(matrix) ? 'An intermediary alone' : 'The server that calls the application'
  return html`<thead>
    <tr>
      <th scope="col" rowspan="2">Rule</th>
      ${inner > 0 && html`<th scope="colgroup" colspan="${inner}" class="group">${innermost}</th>`}
      ${edges > 0 && html`<th scope="colgroup" colspan="${edges}" class="group">What a client meets</th>`}
    </tr>
    <tr>
      ${columns.map(
        (column, index) =>
          html`<th scope="col" class="${column.kind}${(index === 0 || isFirstEdge(columns, column)) && ' first'}">
            ${column.kind === 'edge' && html`<small>${column.topology}</small>`}<b>${tierText(column.tier)}</b>
            <small>${column.tier.version}</small>
            ${column.behind.map((tier) => html`<small>→ ${tierText(tier)}</small>`)}
            ${column.runtime !== undefined && html`<small>${column.runtime}</small>`}
          </th>`,
      )}
    </tr>
  </thead>`
}

function counts(matrix: Matrix, binding: Binding): Markup {
  return html`<tr>
    <th scope="row">${bindings[binding]}</th>
    ${matrix.columns.map((column) => {
      const { kept, broken, undecided, differing } = countsOf(matrix, column, binding)
      return html`<td class="${isFirstEdge(matrix.columns, column) && 'first'}">
        ${kept} kept <span class="${broken > 0 && 'fail'}">${broken} broken</span>
        ${differing > 0 && html`<span class="error">${differing} differ</span>`}
        ${undecided > 0 && html`<span class="error">${undecided} unknown</span>`}
      </td>`
    })}
  </tr>`
}

const body = ({ binding, suite, rows }: MatrixGroup, columns: readonly Column[]): Markup =>
  html`<tbody class="rules">
    <tr>
      <th scope="rowgroup" colspan="${columns.length + 1}" class="group">
        <span>${bindings[binding]} · ${suite}</span>
      </th>
    </tr>
    ${rows.map(
      (row) =>
        html`<tr data-kinds="${filtersOf(row).join(' ')}">
          <th scope="row"><a href="#clause-${row.clause}" title="${row.says}">${splitClause(row.clause)[1]}</a></th>
          ${row.marks.map((mark, index) => cell(row.clause, mark, isFirstEdge(columns, columns[index]!)))}
        </tr>`,
    )}
  </tbody>`

function cell(clause: string, mark: Mark | undefined, first: boolean): Markup {
  if (mark === undefined) return html`<td class="${first && 'first'}"><span class="unseen">not judged</span></td>`
  const { outcomes, column } = mark
  const word = markText(mark)
  const kind = outcomes.length > 1 ? 'differs' : word === 'healed' ? word : outcomes[0]!
  const text = html`${outcomes.map(sign)} ${word}`
  const plain = outcomes.every(isGood) && word !== 'healed'
  return html`<td class="${kind}${first && ' first'}">
    ${plain ? text : html`<a href="#clause-${clause}:${column.id}">${text}</a>`}
  </td>`
}
