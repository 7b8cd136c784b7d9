import { clauseRows } from '../conformance.ts'
import { matrixOf } from '../matrix.ts'
import { aloneRun } from '../names.ts'
import type { Run } from '../run.ts'
import { repeatCommand } from '../words/commands.ts'
import { aloneText, matrixLine, versionsText } from '../words/matrix.ts'
import { when } from '../words/heading.ts'
import { behave } from './behaviour.ts'
import { filterBar } from './filters.ts'
import { matrixDetails } from './matrix-clauses.ts'
import { matrixTable } from './matrix.ts'
import { renderShell } from './shell.ts'
import { legend } from './signs.ts'
import { html } from './template.ts'
import { untestableList } from './untestable.ts'

/** Whether a run holds anything to make a matrix of. */
export const hasMatrix = ({ results, alone = [] }: Run): boolean =>
  [...results, ...alone].some(({ verdicts }) => verdicts.length > 0)

/** The matrix as a page of its own: the one to link to. */
export function renderMatrix(run: Run): string {
  const [matrix, alone] = [matrixOf(run), matrixOf(aloneRun(run))]
  const untestable = [...matrix.untestable, ...alone.untestable]
  return renderShell({
    title: `Conformance matrix, Gateway Lab, ${when(run.startedAt)}`,
    heading: 'Conformance matrix',
    line: matrixLine(run),
    first: 'rules',
    wide: true,
    links: [
      ...(matrix.columns.length > 0 ? [['#clauses', 'Rule by rule'] as const] : []),
      ...(alone.columns.length > 0 ? [['#alone', 'Intermediaries alone'] as const] : []),
      ...(untestable.length > 0 ? [['#untestable', 'Not testable'] as const] : []),
      ['#repeat', 'Repeat it'],
      ['report.html', 'Report'],
      ['matrix.md', 'matrix.md'],
      ['run.json', 'run.json'],
    ],
    main: html`<section id="rules" aria-labelledby="rules-title">
        <h2 id="rules-title">Rules of PEP 3333 and of HTTP, against servers</h2>
        <p class="note">
          Each row is a sentence of a specification, put to a test at each server; a rule's name leads to the sentence,
          the experiment and what was seen, and is an address to link to. A server that calls the application is one
          column wherever it was judged; where that came out differently, the cell says so. What a client meets was
          judged at the outermost server of each chain.
        </p>
        ${legend()} ${filterBar([...clauseRows(run), ...clauseRows(aloneRun(run))])}
        ${matrix.columns.length > 0 && matrixTable(matrix)}
      </section>
      ${matrix.columns.length > 0 && html`<section>${matrixDetails(run, matrix)}</section>`}
      ${
        alone.columns.length > 0 &&
        html`<section id="alone" aria-labelledby="alone-title">
          <h2 id="alone-title">Rules of HTTP, against intermediaries alone</h2>
          <p class="note">${aloneText}</p>
          ${matrixTable(alone)} ${matrixDetails(aloneRun(run), alone)}
        </section>`
      }
      ${untestable.length > 0 && html`<section>${untestableList(untestable)}</section>`}
      <section id="repeat" aria-labelledby="repeat-title">
        <h2 id="repeat-title">How to repeat it</h2>
        <pre tabindex="0">${repeatCommand(run)}</pre>
        <p class="note">${versionsText(run)}</p>
        <p class="note">
          ${
            run.commit === null
              ? 'The lab was not run from a git checkout.'
              : html`Lab ${run.host.lab} at commit <code>${run.commit}</code>, Node ${run.host.node}.`
          }
          A rule that is kept was kept in this experiment, which proves nothing about requests that were not sent.
        </p>
      </section>`,
    footer: html`Made by Gateway Lab ${run.host.lab} from <a href="run.json">run.json</a>.`,
    scripts: [`(${behave})()`],
  })
}
