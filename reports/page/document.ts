import { capacityCharts } from '../charts/capacity.ts'
import { curveCharts } from '../charts/curves.ts'
import { chartDefinitions } from '../charts/definitions.ts'
import { interpreterBars } from '../charts/interpreter-bars.ts'
import { interpreterLines } from '../charts/interpreter-lines.ts'
import { compared, comparesNothing } from '../extent.ts'
import type { Run } from '../run.ts'
import { capacityChapter } from '../words/capacity.ts'
import { curvesChapter } from '../words/curves.ts'
import { summaryLine, when } from '../words/heading.ts'
import { interpreterChapter } from '../words/interpreter.ts'
import { answerSection } from './answer.ts'
import { chapterSection } from './chapter.ts'
import { conformanceSection } from './conformance.ts'
import { isolationSection } from './isolation.ts'
import { hasMatrix } from './matrix-document.ts'
import { numbersSection } from './numbers.ts'
import { caveatsSection, setupSection } from './setup.ts'
import { renderGatePage } from './gate-document.ts'
import { chartScripts, chartsOf } from './chart-scripts.ts'
import { renderPlanPage } from './plan-document.ts'
import { renderShell } from './shell.ts'
import { html } from './template.ts'

/** The report as one page. A run that is a study or a sweep alone begins with that; a gate and a plan have pages of their own kind. */
export function renderPage(run: Run): string {
  if (run.gate !== undefined) return renderGatePage(run)
  if (run.plan !== undefined) return renderPlanPage(run)
  const charts = {
    lines: [...capacityCharts(run), ...curveCharts(run), ...interpreterLines(run)],
    bars: interpreterBars(run),
  }
  const own = compared(run)
  const isAlone = comparesNothing(run)
  const chartsOfNumbers = chartDefinitions(own)
  const isolated = isolationSection(run)
  const chapters = [capacityChapter(run), interpreterChapter(run), curvesChapter(run)].filter(
    (chapter) => chapter !== undefined,
  )
  const sections = html`${chapters.map((chapter) => chapterSection(chapter, charts))}`
  const comesFirst = own !== run
  return renderShell({
    title: `Gateway Lab, ${when(run.startedAt)}`,
    heading: 'Gateway Lab',
    line: summaryLine(run),
    first: comesFirst ? (chapters[0]?.id ?? 'answer') : 'answer',
    links: [
      ...(isAlone ? [] : [['#conformance', 'Conformance'] as const]),
      ...(hasMatrix(run) ? [['matrix.html', 'Matrix'] as const] : []),
      ...(comesFirst ? [] : [['#numbers', 'Numbers'] as const]),
      ...chapters.map(({ id, inShort }) => [`#${id}`, inShort] as const),
      ...(isolated === false ? [] : [['#isolation', 'Containers'] as const]),
      ['#setup', 'Setup'],
      ...(isAlone ? [] : [['#caveats', 'Limits'] as const]),
      ['run.json', 'run.json'],
    ],
    main: html`${comesFirst && sections} ${!isAlone && html`${answerSection(own)} ${conformanceSection(run)}`}
    ${!comesFirst && html`${numbersSection(run, chartsOfNumbers)} ${sections}`} ${isolated} ${setupSection(run)}
    ${!isAlone && caveatsSection(run)}`,
    footer: html`Made by Gateway Lab ${run.host.lab} from <a href="run.json">run.json</a>. Charts are drawn by Chart.js,
      MIT licence, © its contributors.`,
    data: chartsOf({ definitions: [...chartsOfNumbers, ...charts.bars], lines: charts.lines }),
    scripts: chartScripts,
  })
}
