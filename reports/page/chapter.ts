import type { ChartDefinition } from '../charts/definitions.ts'
import type { LineChart } from '../charts/line-chart.ts'
import type { Chapter, ChapterPart, ChapterTable } from '../words/chapter.ts'
import { dataTable } from './table.ts'
import { html, type Markup } from './template.ts'

/** The charts of a page, of lines and of bars. */
export interface PageCharts {
  readonly lines: readonly LineChart[]
  readonly bars: readonly ChartDefinition[]
}

/** A chapter as a section of the page: its answers first, then each question with charts and table. */
export function chapterSection(chapter: Chapter | undefined, charts: PageCharts): Markup | false {
  if (chapter === undefined) return false
  const { id, title, parts, problems, limitsTitle, limits } = chapter
  return html`<section id="${id}" class="chapter" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    <ul class="summaries">
      ${parts.map((part) => part.answers.map((answer) => html`<li><a href="#part-${part.id}">${answer}</a></li>`))}
    </ul>
    ${problems.map((problem) => html`<p class="problems">${problem}</p>`)}
    ${parts.map((part) => partSection(part, charts))}
    <h3 id="${id}-limits">${limitsTitle}</h3>
    <ul class="limits">
      ${limits.map((limit) => html`<li>${limit}</li>`)}
    </ul>
  </section>`
}

function partSection({ id, title, answers, says, charts, table }: ChapterPart, all: PageCharts): Markup {
  // Where there is nothing to be seen, the heading would stand alone.
  const sentences = table === undefined ? [...answers, ...says] : says
  return html`<section id="part-${id}" aria-labelledby="part-${id}-title">
    <h3 id="part-${id}-title">${title} <a class="anchor" href="#part-${id}" aria-label="Link to ${title}">#</a></h3>
    ${sentences.map((sentence) => html`<p class="note">${sentence}</p>`)}
    <div class="charts">
      ${all.lines.filter(({ name }) => charts.includes(name)).map((chart) => lineFigure(chart, title))}
      ${barFigures(
        all.bars.filter(({ name }) => charts.includes(name)),
        title,
      )}
    </div>
    ${table !== undefined && tableOf(table)}
  </section>`
}

/** A chart with its caption. Its numbers are in the table of its part. */
const figure = (id: string, caption: string, hint: string, canvas: Markup, isWide: boolean): Markup =>
  html`<figure id="chart-${id}" class="${isWide && 'across'}">
    <figcaption>${caption} <small>${hint}</small></figcaption>
    <div class="canvas">${canvas}</div>
  </figure>`

const alternative = (title: string, about: string): string => `${title}, ${about}. The table below holds its numbers.`

/** What the heading above says already is not said again. */
const lineFigure = ({ name, title, subtitle }: LineChart, heading: string): Markup =>
  figure(
    name,
    title === heading ? '' : title,
    subtitle,
    html`<canvas role="img" data-lines="${name}" aria-label="${alternative(title, heading)}"></canvas>`,
    true,
  )

/** Panels of one kind of clients side by side. */
const barFigures = (charts: readonly ChartDefinition[], heading: string): readonly Markup[] => {
  const most = Math.max(0, ...charts.map(({ panels }) => panels.length))
  const panels = charts.flatMap((chart) => chart.panels.map((panel, place) => ({ chart, panel, place })))
  return panels
    .toSorted((a, b) => a.place - b.place)
    .map(({ chart: { name, title, unit }, panel }) =>
      figure(
        `${name}-${panel.workload}`,
        most > 1 ? panel.title : '',
        `${title}: ${unit}`,
        html`<canvas
          role="img"
          data-chart="${name}"
          data-workload="${panel.workload}"
          aria-label="${alternative(title, most > 1 ? panel.title : heading)}"
        ></canvas>`,
        most === 1,
      ),
    )
}

const tableOf = ({ title, head, rows }: ChapterTable): Markup =>
  html`<details class="all">
    <summary>${title}, as a table</summary>
    ${dataTable(title, head, rows)}
  </details>`
