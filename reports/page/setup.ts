import { caveats } from '../words/caveats.ts'
import { allNames } from '../names.ts'
import { facts } from '../words/facts.ts'
import { list, number } from '../words/quantities.ts'
import type { Result, Run } from '../run.ts'
import { repeatCommand } from '../words/commands.ts'
import { chain } from '../words/wording.ts'
import { html, type Markup } from './template.ts'

/** Host, versions, configuration files of every tier, and how to repeat the run. */
export function setupSection(run: Run): Markup {
  const names = allNames(run)
  return html`<section id="setup" aria-labelledby="setup-title">
    <h2 id="setup-title">What was measured, and on what</h2>
    <dl class="facts">
      ${facts(run).map(
        ([term, value]) =>
          html`<div>
            <dt>${term}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    ${names.size > 0 && html`<h3 id="configurations">Tiers, versions and configurations</h3>`}
    ${[...names].map(([result, name]) => topology(result, name))}
    <h3 id="repeat">How to repeat it</h3>
    <pre tabindex="0">${repeatCommand(run)}</pre>
    <p class="note">
      ${run.commit === null ? 'The lab was not run from a git checkout.' : html`Lab at commit <code>${run.commit}</code>.`}
      The whole run, with every histogram: <a href="run.json">run.json</a>.
    </p>
  </section>`
}

/** What a reader must not conclude. */
export function caveatsSection(run: Run): Markup {
  return html`<section id="caveats" aria-labelledby="caveats-title">
    <h2 id="caveats-title">What these numbers do not mean</h2>
    <ul>
      ${caveats(run).map((caveat) => html`<li>${caveat}</li>`)}
    </ul>
  </section>`
}

function topology(result: Result, name: string): Markup {
  return html`<details id="topology-${name.replace(/[^\w-]+/g, '-').replace(/-$/, '')}" class="card">
    <summary>
      <strong>${name}</strong> ${chain(result)}
      <small>${result.tiers.map(({ server, variant, version }) => `${server}/${variant} ${version}`).join(', ')}</small>
    </summary>
    <p>
      ${result.title}. ${result.says} Runtime
      ${result.runtime}.${result.bringUpSeconds.length > 0 && ` Brought up in ${list(result.bringUpSeconds.map((seconds) => `${number(seconds)} s`))}.`}
    </p>
    ${result.tiers.map(
      (tier) =>
        html`<h4>${tier.title} (${tier.role})</h4>
          <pre tabindex="0">${tier.argv.join(' ')}</pre>
          ${Object.entries(tier.configuration).map(
            ([path, text]) =>
              html`<details>
                <summary><code>${path}</code></summary>
                <pre tabindex="0">${text}</pre>
              </details>`,
          )}`,
    )}
  </details>`
}
