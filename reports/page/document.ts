import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chartDefinitions } from '../charts/definitions.ts'
import { chartConfiguration } from '../charts/drawing.ts'
import { chartMarks } from '../charts/marks.ts'
import { dark, light } from '../charts/themes.ts'
import type { Run } from '../run.ts'
import { summaryLine, when } from '../words/heading.ts'
import { answerSection } from './answer.ts'
import { behave } from './behaviour.ts'
import { conformanceSection } from './conformance.ts'
import { isolationSection } from './isolation.ts'
import { hasMatrix } from './matrix-document.ts'
import { numbersSection } from './numbers.ts'
import { caveatsSection, setupSection } from './setup.ts'
import { renderShell } from './shell.ts'
import { embedded, html } from './template.ts'

const { resolve } = createRequire(import.meta.url)

/** Chart.js as one script, its licence on top; without the link to a map that is not there. */
const library = readFileSync(new URL('chart.umd.min.js', `file://${resolve('chart.js')}`), 'utf8').replace(
  /\n\/\/# sourceMappingURL=.*\s*$/,
  '\n',
)
const program = `(${behave})({ Chart, configure: ${chartConfiguration}, mark: ${chartMarks}, ...JSON.parse(document.getElementById('charts').textContent) })`

/** The report as one page. */
export function renderPage(run: Run): string {
  const charts = chartDefinitions(run)
  const isolated = isolationSection(run)
  return renderShell({
    title: `Gateway Lab, ${when(run.startedAt)}`,
    heading: 'Gateway Lab',
    line: summaryLine(run),
    first: 'answer',
    links: [
      ['#conformance', 'Conformance'],
      ...(hasMatrix(run) ? [['matrix.html', 'Matrix'] as const] : []),
      ['#numbers', 'Numbers'],
      ...(isolated === false ? [] : [['#isolation', 'Containers'] as const]),
      ['#setup', 'Setup'],
      ['#caveats', 'Limits'],
      ['run.json', 'run.json'],
    ],
    main: html`${answerSection(run)} ${conformanceSection(run)} ${numbersSection(run, charts)} ${isolated}
    ${setupSection(run)} ${caveatsSection(run)}`,
    footer: html`Made by Gateway Lab ${run.host.lab} from <a href="run.json">run.json</a>. Charts are drawn by Chart.js,
      MIT licence, © its contributors.`,
    data: ['charts', embedded({ definitions: charts, themes: { light, dark } })],
    scripts: [library, program],
  })
}
