import type { Run } from '../run.ts'
import { gateText } from '../words/gate.ts'
import { summaryLine, when } from '../words/heading.ts'
import { behave } from './behaviour.ts'
import { conformanceSection } from './conformance.ts'
import { gateSection } from './gate.ts'
import { hasMatrix } from './matrix-document.ts'
import { setupSection } from './setup.ts'
import { renderShell } from './shell.ts'
import { html } from './template.ts'

/** The page of a gate: its verdict first, and nothing of what only a run that compares topologies has. */
export function renderGatePage(run: Run): string {
  const text = gateText(run)!
  const isJudged = hasMatrix(run)
  return renderShell({
    title: `Gate: ${text.verdict}, Gateway Lab, ${when(run.startedAt)}`,
    heading: `Gateway Lab: gate`,
    line: summaryLine(run),
    first: 'gate',
    gate: true,
    links: [
      ...(text.conformance === undefined ? [] : [['#gate-conformance', 'Against the baseline'] as const]),
      ...(text.metrics === undefined ? [] : [['#gate-metrics', 'Metrics'] as const]),
      ['#caveats', 'Limits'],
      ...(isJudged
        ? ([
            ['#conformance', 'All clauses'],
            ['matrix.html', 'Matrix'],
          ] as const)
        : []),
      ['#setup', 'Setup'],
      ['run.json', 'run.json'],
    ],
    main: html`${gateSection(run, text)} ${isJudged && conformanceSection(run)} ${setupSection(run)}`,
    footer: html`Made by Gateway Lab ${run.host.lab} from <a href="run.json">run.json</a>.`,
    scripts: [`(${behave})()`],
  })
}
