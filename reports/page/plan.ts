import type { LineChart } from '../charts/line-chart.ts'
import type { ChapterTable } from '../words/chapter.ts'
import type { PlanPart, PlanText } from '../words/plan.ts'
import type { NextStep } from '../words/plan-commands.ts'
import type { SizeRow, SizesText } from '../words/plan-sizes.ts'
import { dataTable, scrollingTable } from './table.ts'
import { html, type Markup } from './template.ts'

/** The first screen of a plan: what to take, what each topology needs, and a picture of what it rests on. */
export function planSection(text: PlanText, charts: readonly LineChart[]): Markup {
  const { distrust, caution, isMet, recommendation, demand, check, sizes, notes, problems, next } = text
  return html`<section id="plan" class="plan" aria-labelledby="plan-title">
    <h2 id="plan-title" class="unseen">What to take</h2>
    ${distrust !== undefined && html`<p class="verdict distrust">${distrust}</p>`}
    <p class="verdict ${isMet ? (distrust === undefined ? 'met' : 'doubtful') : 'unmet'}">${recommendation}</p>
    ${caution !== undefined && html`<p class="caution">${caution}</p>`}
    <p class="note">${demand}</p>
    ${sizesTable(sizes, distrust !== undefined)}
    <p class="note check">${check}</p>
    ${problems.map(problemDetails)} ${charts.map(chartFigure)} ${notes.map((note) => html`<p class="note">${note}</p>`)}
    ${next.map(nextStep)}
  </section>`
}

const sizesTable = ({ head, rows }: SizesText, isDoubted: boolean): Markup | false =>
  rows.length > 0 &&
  scrollingTable(
    'What each topology needs',
    `answer sizes${isDoubted ? ' doubted' : ''}`,
    head,
    rows.map((row) => sizeRow(row, head)),
  )

const sizeRow = ({ name, chain, isRecommended, cells, because }: SizeRow, head: readonly string[]): Markup =>
  html`<tr class="${isRecommended && 'recommended'}">
    <th scope="row">${name}<small>${chain}</small></th>
    ${
      cells === undefined
        ? html`<td class="cannot" colspan="${head.length - 1}" data-label="Cannot">${because}</td>`
        : cells.map((cell, column) => html`<td data-label="${head[column + 1]}">${cell}</td>`)
    }
  </tr>`

/** What a topology failed with, its server's log folded. */
const problemDetails = (problem: string): Markup =>
  html`<details class="problems">
    <summary>${problem.split('\n', 1)[0]}</summary>
    <pre tabindex="0">${problem}</pre>
  </details>`

const chartFigure = ({ name, title, subtitle }: LineChart): Markup =>
  html`<figure id="chart-${name}">
    <figcaption>${title} <small>${subtitle}</small></figcaption>
    <div class="canvas">
      <canvas
        role="img"
        data-lines="${name}"
        aria-label="${title}, predicted and measured. The tables of “How sure is that?” hold the numbers that were checked."
      ></canvas>
    </div>
  </figure>`

const nextStep = ({ says, command }: NextStep): Markup =>
  html`<p class="note next">${says}</p>
    <pre tabindex="0">${command}</pre>`

/** A question beyond the first screen. */
export const partSection = ({ id, title, says, lists, tables, details }: PlanPart): Markup =>
  html`<section id="${id}" class="plan" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${says.length === 1 ? html`<p class="note">${says[0]}</p>` : says.length > 1 && bullets(says)}
    ${lists.map(
      (list) =>
        html`<h3>${list.title}</h3>
          ${bullets(list.says)}`,
    )}
    ${tables.map(
      (table) =>
        html`<h3>${table.title}</h3>
          ${tableOf(table)}`,
    )}
    ${details.map(
      (table) =>
        html`<details class="all">
          <summary>${table.title}</summary>
          ${tableOf(table)}
        </details>`,
    )}
  </section>`

const bullets = (sentences: readonly string[]): Markup =>
  html`<ul class="limits">
    ${sentences.map((sentence) => html`<li>${sentence}</li>`)}
  </ul>`

const tableOf = ({ title, head, rows }: ChapterTable): Markup => dataTable(title, head, rows)
