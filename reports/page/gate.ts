import { effectChart } from '../charts/gate-effects.ts'
import type { Duet, GateSide, Run } from '../run.ts'
import type { ChapterTable } from '../words/chapter.ts'
import type { GateText } from '../words/gate.ts'
import type { ChangeText, ConformanceText } from '../words/gate-conformance.ts'
import { effectPicture } from './gate-picture.ts'
import { dataTable } from './table.ts'
import { html, type Markup } from './template.ts'

/** What a gate found, as the first section of its page: the verdict before anything else. */
export function gateSection(run: Run, text: GateText): Markup {
  const { verdict, sentence, details, help, metrics, setup, conformance, problems, limits } = text
  const duet = run.gate?.duet
  return html`<section id="gate" class="gate" aria-labelledby="gate-title">
      <h2 id="gate-title" class="unseen">The gate’s verdict</h2>
      <p class="verdict ${verdict}">${sentence}</p>
      ${problems.map((problem) => html`<pre class="problems" tabindex="0">${problem}</pre>`)}
      ${details.length > 0 && bullets(details)}
      ${
        metrics !== undefined &&
        html`<h3 id="gate-metrics">${metrics.title}</h3>
          ${tableOf(metrics)}`
      }
      ${duet !== undefined && picture(duet)}
      ${
        help.length > 0 &&
        html`<h3 id="gate-help">What would help</h3>
          ${bullets(help)}`
      }
      ${conformance !== undefined && conformanceParts(conformance)}
      ${
        setup.length > 0 &&
        html`<h3 id="gate-setup">How it was measured</h3>
          <dl class="facts">
            ${setup.map(
              ([term, value]) =>
                html`<div>
                  <dt>${term}</dt>
                  <dd>${value}</dd>
                </div>`,
            )}
          </dl>`
      }
      ${duet !== undefined && html`${sideDetails('Base', duet.base)} ${sideDetails('Head', duet.head)}`}
    </section>
    <section id="caveats" aria-labelledby="caveats-title">
      <h2 id="caveats-title">What this verdict does not mean</h2>
      ${bullets(limits)}
    </section>`
}

const bullets = (sentences: readonly string[]): Markup =>
  html`<ul class="limits">
    ${sentences.map((sentence) => html`<li>${sentence}</li>`)}
  </ul>`

/** The last column is the verdict, which has a colour. */
const tableOf = ({ title, head, rows }: ChapterTable): Markup =>
  dataTable(
    title,
    head,
    rows.map((cells) => cells.map((text, column) => (column === cells.length - 1 ? { text, kind: text } : text))),
  )

function picture(duet: Duet): Markup | false {
  const chart = effectChart(duet)
  return (
    chart !== undefined &&
    html`<figure>
      <figcaption>
        Change of each metric, head against base
        <small>
          Diamond and whiskers: the change and its 99 % interval. Dots: rounds, the first batch above, its repeat below.
        </small>
      </figcaption>
      <div class="scroll" tabindex="0" role="region" aria-label="Picture of the changes">${effectPicture(chart)}</div>
    </figure>`
  )
}

function conformanceParts({ says, groups, counted, notes }: ConformanceText): Markup {
  return html`<h3 id="gate-conformance">Clauses, against the baseline</h3>
    ${[says, ...counted].map((sentence) => html`<p class="note">${sentence}</p>`)}
    ${groups.map(
      ({ id, title, says: about, changes }) =>
        html`<h4 id="${id}">${title}</h4>
          <p class="note">${about}</p>
          <ul class="changes">
            ${changes.map(change)}
          </ul>`,
    )}
    ${
      notes.length > 0 &&
      html`<h4 id="gate-notes">What else differs from the baseline</h4>
        ${bullets(notes)}`
    }`
}

const change = ({ hop, clause, binding, says, seen, lines }: ChangeText): Markup =>
  html`<li>
    <b>${clause}</b> at <b>${hop}</b>
    <blockquote>${says} <small>${binding}</small></blockquote>
    ${seen !== '' && html`<p>${seen}</p>`} ${lines.length > 0 && html`<pre tabindex="0">${lines.join('\n')}</pre>`}
  </li>`

/** How one side's servers were configured. */
const sideDetails = (name: string, { tiers }: GateSide): Markup =>
  html`<details class="card">
    <summary><strong>${name}</strong>: command lines and configurations of its servers</summary>
    ${tiers.map(
      ({ title, role, argv, configuration }) =>
        html`<h4>${title} (${role})</h4>
          <pre tabindex="0">${argv.join(' ')}</pre>
          ${Object.entries(configuration).map(
            ([path, content]) =>
              html`<details>
                <summary><code>${path}</code></summary>
                <pre tabindex="0">${content}</pre>
              </details>`,
          )}`,
    )}
  </details>`
