import { answers, reasonsOf, type Answer, type Ranking, type Standing } from '../answer.ts'
import type { ChartDefinition } from '../charts/definitions.ts'
import { frameworkCosts } from '../frameworks.ts'
import { repeatsOf, sum } from '../measures.ts'
import type { Measurement, Run } from '../run.ts'
import { claims } from '../words/claims.ts'
import {
  cgroupText,
  frameworkText,
  intervalText,
  limitText,
  loadText,
  placeText,
  standingText,
} from '../words/wording.ts'
import { number } from '../words/quantities.ts'
import { figure } from './figure.ts'
import { ratios } from './ratios.ts'
import { used } from './used.ts'
import { html, type Markup } from './template.ts'

/** The numbers with their intervals: per workload a table, the ratios, what was used, and four charts with their tables. */
export function numbersSection(run: Run, charts: readonly ChartDefinition[]): Markup {
  const found = Map.groupBy(answers(run), (answer) => answer.workload)
  return html`<section id="numbers" aria-labelledby="numbers-title">
    <h2 id="numbers-title">The numbers, with their intervals</h2>
    ${claims(run).map((claim) => html`<p class="note">${claim}</p>`)}
    ${found.size === 0 && html`<p class="empty">Nothing was measured.</p>`}
    ${[...found].map(([of, each]) => workload(run, of, each, charts))} ${frameworks(run)}
  </section>`
}

/** All results of a workload in one table, those of each runtime ranked among themselves. */
function workload(
  run: Run,
  of: Answer['workload'],
  found: readonly Answer[],
  charts: readonly ChartDefinition[],
): Markup {
  const { name, title, says } = of
  return html`<section id="workload-${name}" class="workload" aria-labelledby="workload-${name}-title">
    <h3 id="workload-${name}-title">
      ${title} <a class="anchor" href="#workload-${name}" aria-label="Link to ${title}">#</a>
    </h3>
    <p class="note">${says} ${loadText(of)}.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="${title}: numbers">
      <table class="numbers">
        <thead>
          <tr>
            <th scope="col">Topology</th>
            ${found[0]!.rankings.map(({ measure }) => html`<th scope="col">${measure.title}</th>`)}
            <th scope="col">Errors</th>
            <th scope="col">Valid</th>
            <th scope="col">What limited it</th>
          </tr>
        </thead>
        ${found.map(
          (answer) =>
            html`<tbody>
              ${runtime(answer)} ${answer.throughput.standings.map((standing) => row(answer, standing))}
            </tbody>`,
        )}
      </table>
    </div>
    ${found.map((answer) => ratios(run, answer))} ${used(run, of, found)}
    <div class="charts">
      ${charts.map((chart) =>
        figure(
          chart,
          chart.panels.find((panel) => panel.workload === name),
        ),
      )}
    </div>
  </section>`
}

/** Says among which results the places below are given. */
const runtime = ({ runtime: name, rankings }: Answer): Markup | false =>
  name !== undefined &&
  html`<tr>
    <th scope="rowgroup" colspan="${rankings.length + 4}" class="group">${name}</th>
  </tr>`

function row(answer: Answer, standing: Standing): Markup {
  const repeats = repeatsOf(standing.result, answer.workload.name)
  const valid = repeats.filter(({ validity }) => validity.valid).length
  const reasons = reasonsOf(repeats)
  const errors = sum(repeats.map((repeat) => repeat.errors + repeat.timeouts))
  return html`<tr class="${standing.kind}">
    <th scope="row">${standing.name}</th>
    ${answer.rankings.map((ranking) => cell(ranking, standing.name, repeats))}
    <td>${repeats.length === 0 ? '–' : number(errors)}</td>
    <td>
      ${repeats.length === 0 ? '–' : `${valid} of ${repeats.length}`}${reasons.map((reason) => html`<small>${reason}</small>`)}
    </td>
    <td>${repeats.length === 0 ? '–' : limitText(answer.limits.get(standing.name)!)}</td>
  </tr>`
}

function cell(ranking: Ranking, name: string, repeats: readonly Measurement[]): Markup {
  const standing = ranking.standings.find((other) => other.name === name)!
  const { measure } = ranking
  const instead = cgroupText(standing, measure, repeats)
  if (standing.kind === 'missing')
    return html`<td class="quiet">${standing.because}${instead !== undefined && html`<small>${instead}</small>`}</td>`
  const place = placeText(standing, ranking)
  return html`<td class="${standing.kind}">
    <b>${standingText(standing, measure)}</b
    >${place !== '–' && html` <span class="place" title="Place in this workload">${place}<span class="unseen">. place</span></span>`}
    <small>${intervalText(standing.interval, measure.format)}</small>
  </td>`
}

function frameworks(run: Run): Markup | false {
  const costs = frameworkCosts(run)
  if (costs.length === 0) return false
  const names = [...new Set(costs.map(({ name }) => name))]
  const columns = [...new Set(costs.map(({ framework }) => framework))]
  return html`<section id="frameworks" class="workload" aria-labelledby="frameworks-title">
    <h3 id="frameworks-title">
      What a framework costs over raw WSGI <a class="anchor" href="#frameworks" aria-label="Link to frameworks">#</a>
    </h3>
    <p class="note">
      CPU time per request in the app tier for the same page, against raw WSGI in the same topology, repeat by repeat;
      in brackets the 99 % interval of the ratio and the 95 % intervals of the figures.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Cost of frameworks">
      <table class="small">
        <thead>
          <tr>
            <th scope="col">Topology</th>
            ${columns.map((column) => html`<th scope="col">${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${names.map(
            (name) =>
              html`<tr>
                <th scope="row">${name}</th>
                ${columns.map((column) => {
                  const cost = costs.find((other) => other.name === name && other.framework === column)
                  return html`<td>${cost === undefined ? 'not measured' : frameworkText(cost)}</td>`
                })}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}
