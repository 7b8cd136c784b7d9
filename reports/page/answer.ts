import { answers } from '../answer.ts'
import { allSummaries } from '../conformance.ts'
import { allNames, candidates } from '../names.ts'
import type { Content, Run } from '../run.ts'
import { premise } from '../words/caveats.ts'
import { list } from '../words/quantities.ts'
import { advise, type Advice } from '../words/sentences.ts'
import { answerTitle, chain } from '../words/wording.ts'
import type { Answer } from '../answer.ts'
import { html, type Markup } from './template.ts'

const questions: Readonly<Record<Content, string>> = {
  own: 'Your application',
  dynamic: 'Dynamic',
  cacheable: 'Cacheable',
  static: 'Static',
  mixed: 'Mixed',
  cold: 'Cold cache',
  computing: 'Computing',
  waiting: 'Waiting',
  streamed: 'Streamed',
  uploaded: 'Uploaded',
  'slow-clients': 'Slow clients',
  framework: 'Framework',
}

interface Advised {
  readonly answer: Answer
  readonly advice: Advice
}

/** With more deployments than these, reasons that name them all would push everything else off the first screen. */
const many = 6

/** The first screen: which topology for what, why, how sure, and what each chain does to the rules. */
export function answerSection(run: Run): Markup {
  const rows = answers(run).map((answer) => ({ answer, advice: advise(run, answer) }))
  const [one, several] = candidates(run)
  const rules = `What each ${one} does to the rules`
  if (rows.length === 0)
    return html`<section id="answer" aria-labelledby="answer-title">
      <h2 id="answer-title">${clausesWereJudged(run) ? rules : `Which ${one} for what`}</h2>
      ${blame(run)}
      <p class="empty">This run holds no workload that compares ${several}.</p>
      ${problems(run)}
    </section>`
  const isCrowded = run.results.length > many || rows.length > 3
  return html`<section id="answer" class="${isCrowded && 'crowded'}" aria-labelledby="answer-title">
    <h2 id="answer-title">Which ${one} for what</h2>
    ${inShort(rows)} ${table(rows)}
    <p class="note premise">${premise(run)} <a href="#caveats">What these numbers do not mean</a></p>
    ${
      clausesWereJudged(run) &&
      html`<div class="blames">
        <h3>${rules}</h3>
        ${blame(run)}
      </div>`
    }
    ${problems(run)}
  </section>`
}

const clausesWereJudged = ({ results, alone = [] }: Run): boolean =>
  [...results, ...alone].some(({ verdicts }) => verdicts.length > 0)

/** The answers alone, for screens on which the table with their reasons comes after what each does to the rules. */
const inShort = (rows: readonly Advised[]): Markup =>
  html`<ul class="short">
    ${rows.map(
      ({ answer, advice }) =>
        html`<li>
          <b>${title(answer)}</b>:
          <span class="${advice.decided ? 'decided' : 'open'}">${advice.choose}</span
          >${advice.margin !== undefined && html`, ${advice.margin}`}
        </li>`,
    )}
  </ul>`

const title = (answer: Answer): string => answerTitle(questions[answer.workload.content], answer)

const table = (rows: readonly Advised[]): Markup =>
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
              <a href="#workload-${answer.workload.name}">${title(answer)}</a><small>${answer.workload.title}</small>
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
  </table>`

/** What each chain does to the rules of the specifications, a sentence for each. */
function blame(run: Run): Markup | false {
  const all = allSummaries(run)
  return (
    all.length > 0 &&
    html`<ul class="blame-list${all.length > many && ' many'}">
      ${all.map(
        ({ name, says, left }) =>
          html`<li>
            <a href="#conformance">${name}</a>:
            ${says}${left !== undefined && html`; <span class="left">${left}</span>`}.
          </li>`,
      )}
    </ul>`
  )
}

function problems(run: Run): Markup | false {
  const names = allNames(run)
  const failed = [...names.keys()].filter((result) => result.problems.length > 0)
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
