import { planCharts } from '../charts/plan-curves.ts'
import type { Run } from '../run.ts'
import { repeatCommand } from '../words/commands.ts'
import { summaryLine, when } from '../words/heading.ts'
import { planText } from '../words/plan.ts'
import { chartScripts, chartsOf } from './chart-scripts.ts'
import { partSection, planSection } from './plan.ts'
import { setupSection } from './setup.ts'
import { renderShell } from './shell.ts'
import { html } from './template.ts'

/** The page of a plan: what to take first, then how sure that is, what else could be, and what it rests on. */
export function renderPlanPage(run: Run): string {
  const text = planText(run)!
  const lines = planCharts(run)
  return renderShell({
    title: `Plan, Gateway Lab, ${when(run.startedAt)}`,
    heading: 'Gateway Lab: plan',
    line: summaryLine(run),
    first: 'plan',
    plan: true,
    links: [
      ...text.parts.map(({ id, inShort }) => [`#${id}`, inShort] as const),
      ['#setup', 'Setup'],
      ['run.json', 'run.json'],
    ],
    main: html`${planSection(text, lines)} ${text.parts.map(partSection)} ${setupSection(run)}`,
    footer: html`Made by Gateway Lab ${run.host.lab} from <a href="run.json">run.json</a>, run ${run.id} of
      ${when(run.startedAt)}: <code>${repeatCommand(run)}</code>. Charts are drawn by Chart.js, MIT licence, © its
      contributors.`,
    data: chartsOf({ definitions: [], lines }),
    scripts: chartScripts,
  })
}
