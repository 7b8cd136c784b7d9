import { createRequire, registerHooks } from 'node:module'
import { GlobalFonts } from '@napi-rs/canvas'
import { ChartJSNodeCanvas } from 'chartjs-node-canvas'
import { capacityCharts } from '../charts/capacity.ts'
import { curveCharts } from '../charts/curves.ts'
import { chartDefinitions, type ChartDefinition } from '../charts/definitions.ts'
import { chartConfiguration } from '../charts/drawing.ts'
import { interpreterBars } from '../charts/interpreter-bars.ts'
import { interpreterLines } from '../charts/interpreter-lines.ts'
import { lineMarks } from '../charts/line-marks.ts'
import type { LineChart } from '../charts/line-chart.ts'
import { lineConfiguration } from '../charts/lines.ts'
import { planCharts } from '../charts/plan-curves.ts'
import { chartMarks } from '../charts/marks.ts'
import { light } from '../charts/themes.ts'
import { compared } from '../extent.ts'
import type { Run } from '../run.ts'
import type { Artifact, Reporter } from './index.ts'

// chartjs-node-canvas asks for `canvas`, whose binary must be compiled or downloaded; the stand-in's comes in its package.
// An override in package.json would say the same, but npm 9.2, Debian 13's own, cannot read a lockfile with one.
registerHooks({ resolve: (name, context, next) => next(name === 'canvas' ? '@napi-rs/canvas' : name, context) })

const width = 1200
const family = 'Lab Sans'

/** Pictures of the run's numbers for pages that show no HTML: bars of each measure, curves, and those of a study. */
const charts: Reporter = {
  name: 'charts',
  title: 'Charts (PNG)',
  render: async (run: Run): Promise<readonly Artifact[]> => [
    ...[...chartDefinitions(compared(run)), ...interpreterBars(run)].map((chart) => artifact(chart, drawBars(chart))),
    ...[...capacityCharts(run), ...planCharts(run), ...curveCharts(run), ...interpreterLines(run)].map((chart) =>
      artifact(chart, drawLines(chart)),
    ),
  ],
}
export default charts

const artifact = ({ name }: { readonly name: string }, content: Uint8Array): Artifact => ({
  name: `${name}.png`,
  content,
})

const theme = (): typeof light => ({ ...light, font: `"${registerFont()}", ${light.font}` })
const options = { titled: true, pixelRatio: 2 }

function drawBars(chart: ChartDefinition): Uint8Array {
  const rowHeight = chart.name === 'latency' ? 62 : 40
  const height = 210 + rowHeight * Math.max(1, chart.rows.length)
  const own = theme()
  // Not renderToBuffer: its callback is one that @napi-rs/canvas, which stands in for canvas, does not take.
  return new ChartJSNodeCanvas({ width, height }).renderToBufferSync(
    chartConfiguration(chart, own, options, chartMarks(chart, own)),
  )
}

function drawLines(chart: LineChart): Uint8Array {
  const own = theme()
  return new ChartJSNodeCanvas({ width, height: 560 }).renderToBufferSync(
    lineConfiguration(chart, own, options, lineMarks(chart, own)),
  )
}

/** A machine without fonts, as most servers are, draws no letter at all; so a font comes with the lab. */
function registerFont(): string {
  if (GlobalFonts.has(family)) return family
  const { resolve } = createRequire(import.meta.url)
  for (const weight of [400, 700])
    GlobalFonts.registerFromPath(
      resolve(`@fontsource/public-sans/files/public-sans-latin-${weight}-normal.woff2`),
      family,
    )
  return family
}
