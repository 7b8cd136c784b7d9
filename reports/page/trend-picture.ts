import type { DrawnPoint, TrendChart } from '../charts/trend-lines.ts'
import { html, type Markup } from './template.ts'

const width = 560
const [left, right, top, bottom] = [76, 544, 12, 196]

/** A metric over time with its intervals, as SVG: it is to be seen without a script. */
export function trendPicture(chart: TrendChart, about: string, format: (value: number) => string): Markup {
  const { points, low, high, ticks } = chart
  const round = (value: number): number => Math.round(value * 10) / 10
  const y = (value: number): number =>
    round(bottom - ((Math.min(high, Math.max(low, value)) - low) / (high - low)) * (bottom - top))
  const step = (right - left) / Math.max(1, points.length)
  const x = (index: number): number => round(left + step * (index + 0.5))
  const dated = [...new Set([0, Math.floor((points.length - 1) / 2), points.length - 1])]
  return html`<svg
    class="plot small"
    viewBox="0 0 ${width} 222"
    role="img"
    aria-label="${about}. The table below holds the numbers."
  >
    ${ticks.map(
      (tick) =>
        html`<line
            class="${tick === 0 ? 'none' : 'grid'}"
            x1="${left}"
            y1="${y(tick)}"
            x2="${right}"
            y2="${y(tick)}"
          ></line>
          <text class="quiet" x="${left - 8}" y="${y(tick) + 4}" text-anchor="end">${format(tick)}</text>`,
    )}
    ${points.map(
      ({ limit }, index) =>
        limit !== null &&
        html`<line
          class="limit"
          x1="${round(x(index) - step / 2)}"
          y1="${y(limit)}"
          x2="${round(x(index) + step / 2)}"
          y2="${y(limit)}"
        ></line>`,
    )}
    <polyline class="line" points="${points.map((point, index) => `${x(index)},${y(point.y)}`).join(' ')}"></polyline>
    ${points.map((point, index) => marked(point, x(index), y))}
    ${dated.map(
      (index) =>
        points[index] !== undefined &&
        html`<text class="quiet" x="${x(index)}" y="${bottom + 20}" text-anchor="middle">${points[index].date}</text>`,
    )}
  </svg>`
}

/** Shapes differ as colours do: a circle passes, a square is a breach, a hollow circle is inconclusive. */
function marked({ y: value, low, high, mark }: DrawnPoint, x: number, y: (value: number) => number): Markup {
  return html`<g class="${mark}">
    ${low !== null && high !== null && html`<line class="whisker" x1="${x}" y1="${y(low)}" x2="${x}" y2="${y(high)}"></line>`}
    ${
      mark === 'breach'
        ? html`<rect class="mark" x="${x - 4.5}" y="${y(value) - 4.5}" width="9" height="9"></rect>`
        : html`<circle class="mark" cx="${x}" cy="${y(value)}" r="4"></circle>`
    }
  </g>`
}
