import { answers } from '../answer.ts'
import { premise } from '../words/caveats.ts'
import { answerTitle, chain } from '../words/wording.ts'
import { list } from '../words/quantities.ts'
import { resultNames } from '../measures.ts'
import type { Run } from '../run.ts'
import { advise } from '../words/sentences.ts'
import { html, type Markup } from './template.ts'

const questions = { dynamic: 'Dynamic', cacheable: 'Cacheable', static: 'Static', framework: 'Framework' } as const

/** The first screen: which topology for what, why, how sure, and what limited it. */
export function answerSection(run: Run): Markup {
  const rows = answers(run).map((answer) => ({ answer, advice: advise(run, answer) }))
  return html`<section id="answer" aria-labelledby="answer-title">
    <h2 id="answer-title">Which topology for what</h2>
    ${rows.length === 0 && html`<p class="empty">This run holds no workload that compares topologies.</p>`}
    ${
      rows.length > 0 &&
      html`<table class="answer">
          <thead>
            <tr>
              <th scope="col">Content</th>
              <th scope="col">Choose</th>
              <th scope="col">Why</th>
              <th scope="col">How sure</th>
              <th scope="col">What limited it</th>
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              ({ answer, advice }) =>
                html`<tr>
                  <th scope="row">
                    <a href="#workload-${answer.workload.name}"
                      >${answerTitle(questions[answer.workload.content], answer)}</a
                    ><small>${answer.workload.title}</small>
                  </th>
                  <td class="choose ${advice.decided ? 'decided' : 'open'}" data-label="Choose">${advice.choose}</td>
                  <td data-label="Why">
                    ${advice.why}${advice.also !== '' && html` <span class="also">${advice.also}</span>`}
                  </td>
                  <td data-label="How sure">${advice.sure}</td>
                  <td data-label="What limited it">${advice.limit}</td>
                </tr>`,
            )}
          </tbody>
        </table>
        <p class="note">${premise(run)} <a href="#caveats">What these numbers do not mean</a></p>`
    }
    ${problems(run)}
  </section>`
}

function problems(run: Run): Markup | false {
  const names = resultNames(run)
  const failed = run.results.filter((result) => result.problems.length > 0)
  if (failed.length === 0) return false
  return html`<div class="problems">
    ${failed.map(
      (result) =>
        html`<details>
          <summary>
            <strong>${names.get(result)} (${chain(result)}): ${list(result.problems.map(headline))}</strong>
          </summary>
          ${result.problems.map((problem) => html`<pre tabindex="0">${problem}</pre>`)}
        </details>`,
    )}
  </div>`
}

const headline = (problem: string): string => problem.split(/\n|(?<=\.)\s/, 1)[0]!.slice(0, 160)
