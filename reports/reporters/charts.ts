import { createRequire, registerHooks } from 'node:module'
import { GlobalFonts } from '@napi-rs/canvas'
import { ChartJSNodeCanvas } from 'chartjs-node-canvas'
import { chartDefinitions, type ChartDefinition } from '../charts/definitions.ts'
import { chartConfiguration } from '../charts/drawing.ts'
import { chartMarks } from '../charts/marks.ts'
import { light } from '../charts/themes.ts'
import type { Run } from '../run.ts'
import type { Artifact, Reporter } from './index.ts'

// chartjs-node-canvas asks for `canvas`, whose binary must be compiled or downloaded; the stand-in's comes in its package.
// An override in package.json would say the same, but npm 9.2, Debian 13's own, cannot read a lockfile with one.
registerHooks({ resolve: (name, context, next) => next(name === 'canvas' ? '@napi-rs/canvas' : name, context) })

const width = 1200
const family = 'Lab Sans'

/** Pictures of the run's numbers for pages that show no HTML: throughput, latency, CPU and memory. */
const charts: Reporter = {
  name: 'charts',
  title: 'Charts (PNG)',
  render: async (run: Run): Promise<readonly Artifact[]> =>
    Promise.all(
      chartDefinitions(run).map(async (definition) => ({
        name: `${definition.name}.png`,
        content: await draw(definition),
      })),
    ),
}
export default charts

async function draw(definition: ChartDefinition): Promise<Uint8Array> {
  const rowHeight = definition.name === 'latency' ? 62 : 40
  const height = 210 + rowHeight * Math.max(1, definition.rows.length)
  const theme = { ...light, font: `"${registerFont()}", ${light.font}` }
  // Not renderToBuffer: its callback is one that @napi-rs/canvas, which stands in for canvas, does not take.
  return new ChartJSNodeCanvas({ width, height }).renderToBufferSync(
    chartConfiguration(definition, theme, { titled: true, pixelRatio: 2 }, chartMarks(definition, theme)),
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
