import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { ChartDefinition } from '../charts/definitions.ts'
import { chartConfiguration } from '../charts/drawing.ts'
import type { LineChart } from '../charts/line-chart.ts'
import { lineMarks } from '../charts/line-marks.ts'
import { lineConfiguration } from '../charts/lines.ts'
import { chartMarks } from '../charts/marks.ts'
import { dark, light } from '../charts/themes.ts'
import { behave } from './behaviour.ts'
import { embedded, type Markup } from './template.ts'

const { resolve } = createRequire(import.meta.url)

/** Chart.js as one script, its licence on top; without the link to a map that is not there. */
const library = readFileSync(new URL('chart.umd.min.js', `file://${resolve('chart.js')}`), 'utf8').replace(
  /\n\/\/# sourceMappingURL=.*\s*$/,
  '\n',
)
/** What draws them and reacts to the reader. */
const program = `(${behave})({ Chart, configure: ${chartConfiguration}, mark: ${chartMarks}, configureLines: ${lineConfiguration}, markLines: ${lineMarks}, ...JSON.parse(document.getElementById('charts').textContent) })`

/** The scripts of a page with charts. */
export const chartScripts: readonly string[] = [library, program]

/** The charts of a page, as the data that its scripts read. */
export const chartsOf = (charts: {
  readonly definitions: readonly ChartDefinition[]
  readonly lines: readonly LineChart[]
}): readonly [id: string, content: Markup] => ['charts', embedded({ ...charts, themes: { light, dark } })]
