import { usedIn, type Figures } from '../used.ts'
import type { Answer } from '../answer.ts'
import type { Run } from '../run.ts'
import { figureText } from '../words/wording.ts'
import { html, type Markup } from './template.ts'

/** What a workload used and what its validity was judged by, folded; nothing where nothing was measured. */
export function used(run: Run, { name, title }: Answer['workload'], found: readonly Answer[]): Markup | false {
  const results = found.flatMap(({ throughput }) => throughput.standings.map(({ result }) => result))
  const { tiers, checks } = usedIn(run, name, results)
  if (checks.rows.length === 0) return false
  return html`<details class="used">
    <summary>What was used and how valid it is</summary>
    ${table('Tier', tiers, `${title}: what each tier used`)} ${table('Topology', checks, `${title}: how valid it is`)}
  </details>`
}

const table = (first: string, { titles, rows }: Figures, label: string): Markup =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table class="small">
      <thead>
        <tr>
          <th scope="col">${first}</th>
          ${titles.map((title) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ name, cells }) =>
            html`<tr>
              <th scope="row">${name}</th>
              ${cells.map((cell) => {
                const [value, interval] = cell === undefined ? ['–'] : figureText(cell)
                return html`<td>${value}${interval !== undefined && html`<small>${interval}</small>`}</td>`
              })}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
