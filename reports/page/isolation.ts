import { splitClause } from '../conformance.ts'
import { isolation, type Difference, type Isolated } from '../isolation.ts'
import type { WorkloadCost } from '../isolation-cost.ts'
import { measures } from '../measures.ts'
import type { Run, Verdict } from '../run.ts'
import { besideRatioText, isolationPremise, markText, pairsText, pairText, ratioText } from '../words/isolation.ts'
import { sign } from './signs.ts'
import { html, type Markup } from './template.ts'

/** What isolation changes and costs; nothing for a run without both native and docker. */
export function isolationSection(run: Run): Markup | false {
  const found = isolation(run)
  if (found === undefined) return false
  const { pairs } = found
  return html`<section id="isolation" aria-labelledby="isolation-title">
    <h2 id="isolation-title">Native against containers</h2>
    ${isolationPremise(found).map((sentence) => html`<p class="note">${sentence}</p>`)}
    <ul class="summaries">
      ${pairs.map((pair) => html`<li><strong>${pair.name}</strong>: ${pairText(pair)}</li>`)}
    </ul>
    ${pairs.some(({ differences }) => differences.length > 0) && verdicts(pairs)}
    ${pairs.some(({ workloads }) => workloads.length > 0) && costs(pairs)}
  </section>`
}

function verdicts(pairs: readonly Isolated[]): Markup {
  return html`<h3 id="isolation-verdicts">Verdicts that differ</h3>
    <div class="scroll" tabindex="0" role="region" aria-label="Verdicts that differ between native and containers">
      <table class="small isolation">
        <thead>
          <tr>
            <th scope="col">Topology</th>
            <th scope="col">Clause</th>
            <th scope="col">Native</th>
            <th scope="col">Docker</th>
            <th scope="col">What it can come from</th>
          </tr>
        </thead>
        <tbody>
          ${pairs.map(({ name, differences }) => differences.map((each) => difference(name, each)))}
        </tbody>
      </table>
    </div>`
}

function difference(name: string, each: Difference): Markup {
  const { native, docker, release } = each
  const [, id] = splitClause(native.clause)
  // Only what did not pass has details to link to.
  const detailed = [native, docker].some(({ outcome }) => outcome !== 'pass' && outcome !== 'inapplicable')
  return html`<tr>
    <th scope="row">${name}<small>${release.title} (${release.role})</small></th>
    <td>
      ${detailed ? html`<a href="#clause-${native.clause}">${id}</a>` : id}
      <small>${native.level} · ${native.cites}</small>
    </td>
    ${verdict(native, `${release.title} ${release.native}`)} ${verdict(docker, `${release.title} ${release.docker}`)}
    <td>${markText(each)}</td>
  </tr>`
}

const verdict = ({ outcome, because }: Verdict, server: string): Markup =>
  html`<td>
    ${sign(outcome)} ${outcome}
    <small>${server}</small>${because !== undefined && html`<small>${because}</small>`}
  </td>`

function costs(pairs: readonly Isolated[]): Markup {
  return html`<h3 id="isolation-costs">What containers cost, docker over native</h3>
    <div class="scroll" tabindex="0" role="region" aria-label="What containers cost">
      <table class="small isolation">
        <thead>
          <tr>
            <th scope="col">Workload</th>
            ${measures.map(({ title }) => html`<th scope="col">${title}</th>`)}
            <th scope="col">Pairs</th>
          </tr>
        </thead>
        ${pairs.map(
          ({ name, workloads }) =>
            html`<tbody>
              <tr>
                <th scope="rowgroup" colspan="${measures.length + 2}" class="group">${name}</th>
              </tr>
              ${workloads.map(cost)}
            </tbody>`,
        )}
      </table>
    </div>`
}

const cost = (of: WorkloadCost): Markup =>
  html`<tr>
    <th scope="row">${of.workload.title}</th>
    ${of.costs.map(
      (each) =>
        html`<td class="${each.ratio?.told ? 'told' : 'quiet'}">
          ${ratioText(each)}<small>${besideRatioText(each, of)}</small>
        </td>`,
    )}
    <td>${pairsText(of)}</td>
  </tr>`
