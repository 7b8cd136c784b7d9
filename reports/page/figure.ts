import type { ChartDefinition, Panel } from '../charts/definitions.ts'
import { number } from '../words/quantities.ts'
import { html, type Markup } from './template.ts'

/** One workload's panel of a chart, with a table that holds the same numbers. */
export function figure(chart: ChartDefinition, panel: Panel | undefined): Markup | false {
  if (panel === undefined) return false
  const id = `chart-${chart.name}-${panel.workload}`
  return html`<figure id="${id}">
    <figcaption>
      ${chart.title} <small>${chart.unit}</small>
      <a class="anchor" href="#${id}" aria-label="Link to ${chart.title}, ${panel.title}">#</a>
    </figcaption>
    <div class="canvas rows-${Math.min(8, chart.rows.length)} ${chart.name === 'latency' ? 'tall' : ''}">
      <canvas
        role="img"
        data-chart="${chart.name}"
        data-workload="${panel.workload}"
        aria-label="${chart.title}, ${panel.title}. The table below holds the same numbers."
      ></canvas>
    </div>
    <details>
      <summary>${chart.title} as a table</summary>
      ${table(chart, panel)}
    </details>
  </figure>`
}

function table(chart: ChartDefinition, panel: Panel): Markup {
  const text = (value: number | null): string => (value === null ? '–' : number(value))
  const range = (low: number | null, high: number | null): string =>
    low === null || high === null ? '' : ` (${number(low)} – ${number(high)})`
  const columns = [
    ...panel.series,
    ...(panel.totals === undefined ? [] : [{ name: 'all tiers', key: 'all', bars: panel.totals }]),
  ]
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${chart.title}, ${panel.title}: table">
    <table class="small">
      <thead>
        <tr>
          <th scope="col">Topology</th>
          ${columns.map(({ name }) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${chart.rows.map(
          (name, index) =>
            html`<tr>
              <th scope="row">${name}</th>
              ${columns.map(({ bars }) => {
                const bar = bars[index]!
                return html`<td>
                  ${text(bar.value)}${range(bar.low, bar.high)}${bar.value !== null && !bar.valid && ' not valid'}
                </td>`
              })}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}
