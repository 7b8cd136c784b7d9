import type { EffectChart, EffectRow } from '../charts/gate-effects.ts'
import { html, type Markup } from './template.ts'

const width = 960
const sides = 24
const rowHeight = 66
const top = 30
/** How far a round lies from its row's interval: the first batch above, the second below. */
const away = 11

/**
 * Effects on one axis: a row for each metric with its interval, and a dot for every round. Drawn as SVG here, because it is
 * to be seen without a script, and because the charts of lines and of bars begin at zero and effects do not.
 */
export function effectPicture(chart: EffectChart): Markup {
  const { rows, low, high } = chart
  const bottom = top + rows.length * rowHeight
  const x = (at: number): number => Math.round((sides + ((at - low) / (high - low)) * (width - 2 * sides)) * 10) / 10
  const ticks = Array.from({ length: Math.floor(high) - Math.ceil(low) + 1 }, (_, index) => Math.ceil(low) + index)
  return html`<svg
    class="plot"
    viewBox="0 0 ${width} ${bottom + 44}"
    role="img"
    aria-label="Changes of all metrics with their intervals and rounds. The table holds the numbers."
  >
    <rect class="beyond" x="${x(1)}" y="${top}" width="${width - sides - x(1)}" height="${bottom - top}"></rect>
    ${ticks.map((tick) => html`<line class="grid" x1="${x(tick)}" y1="${top}" x2="${x(tick)}" y2="${bottom}"></line>`)}
    <line class="none" x1="${x(0)}" y1="${top}" x2="${x(0)}" y2="${bottom}"></line>
    <line class="limit" x1="${x(1)}" y1="${top - 6}" x2="${x(1)}" y2="${bottom}"></line>
    <text class="quiet" x="${x(0)}" y="${top - 12}" text-anchor="middle">no change</text>
    <text class="bad" x="${x(1) + 6}" y="${top - 12}">more than tolerated →</text>
    ${rows.map((row, index) => rowOf(row, top + index * rowHeight, chart, x))}
    ${ticks.map((tick) => html`<text class="quiet" x="${x(tick)}" y="${bottom + 16}" text-anchor="middle">${tickText(tick)}</text>`)}
    <text class="quiet" x="${width / 2}" y="${bottom + 36}" text-anchor="middle">
      change for the worse, in tolerances (left of “no change”: for the better)
    </text>
  </svg>`
}

const tickText = (tick: number): string => (tick === 0 ? '0' : `${tick < 0 ? '−' : ''}${Math.abs(tick)}×`)

function rowOf(row: EffectRow, from: number, { low, high }: EffectChart, x: (at: number) => number): Markup {
  const { text, verdict, at, rounds } = row
  const middle = from + 42
  const within = (place: number): number => Math.min(high, Math.max(low, place))
  const ends = row.low === null || row.high === null ? undefined : ([row.low, row.high] as const)
  return html`<g class="${verdict}">
    <text x="${sides}" y="${from + 17}"><tspan class="word">${verdict}</tspan> ${text}</text>
    ${rounds.map((round, index) => dot(x(within(round.at)), middle + (round.batch === 1 ? -away : away) + ((index % 3) - 1) * 2, beyond(round.at, low, high)))}
    ${
      ends !== undefined &&
      html`<line
          class="interval"
          x1="${x(within(ends[0]))}"
          y1="${middle}"
          x2="${x(within(ends[1]))}"
          y2="${middle}"
        ></line>
        ${ends.filter((end) => beyond(end, low, high) === 0).map((end) => html`<line class="interval" x1="${x(end)}" y1="${middle - 5}" x2="${x(end)}" y2="${middle + 5}"></line>`)}`
    }
    ${at !== null && html`<path class="change" d="M${x(within(at))} ${middle - 6}l6 6l-6 6l-6 -6z"></path>`}
  </g>`
}

/** -1 left of the axis, 1 right of it, 0 on it. */
const beyond = (at: number, low: number, high: number): -1 | 0 | 1 => (at < low ? -1 : at > high ? 1 : 0)

const dot = (x: number, y: number, out: -1 | 0 | 1): Markup =>
  out === 0
    ? html`<circle class="round" cx="${x}" cy="${y}" r="3"></circle>`
    : html`<path class="round" d="M${x + out * 5} ${y}l${out * -7} -4v8z"></path>`
