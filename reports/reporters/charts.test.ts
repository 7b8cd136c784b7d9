import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { chartDefinitions } from '../charts/definitions.ts'
import { isolated } from '../fixture/isolated.ts'
import { fixture } from '../fixture/whole.ts'
import { partialRuns } from '../fixture/partial.ts'
import charts from './charts.ts'

const pngs = await charts.render(fixture())

/** Width and height of a PNG in pixels, from its header. */
const size = (png: Uint8Array): readonly [number, number] => {
  const view = new DataView(png.buffer, png.byteOffset)
  return [view.getUint32(16), view.getUint32(20)]
}

test('four pictures, twice as dense as they are large', () => {
  expect(pngs.map(({ name }) => name)).toEqual(['throughput.png', 'latency.png', 'cpu.png', 'memory.png'])
  for (const { content } of pngs) {
    expect(
      Buffer.from(content as Uint8Array)
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG')
    expect(size(content as Uint8Array)[0]).toBe(2400)
  }
})

test('the font that comes with the lab is the one that is used', () => {
  const require = createRequire(import.meta.url)
  const { GlobalFonts } = createRequire(require.resolve('chartjs-node-canvas'))('canvas') as {
    GlobalFonts: { has(name: string): boolean }
  }
  expect(GlobalFonts.has('Lab Sans')).toBe(true)
})

test('what is not valid is marked, has its spread, and keeps its lower bound', () => {
  const [throughput] = chartDefinitions(fixture())
  const bar = throughput!.panels[2]!.series[0]!.bars[2]!
  expect(bar).toMatchObject({ valid: false, text: expect.stringMatching(/^at least [\d,]+\/s, not valid$/) })
  expect(bar.low).toBeLessThan(bar.value!)
  expect(bar.high).toBeGreaterThan(bar.value!)
})

test('tiers add up to the total of a stacked bar', () => {
  const cpu = chartDefinitions(fixture()).find(({ name }) => name === 'cpu')!
  const [panel] = cpu.panels
  const row = cpu.rows.indexOf('three-tier')
  const sum = panel!.series.reduce((total, { bars }) => total + (bars[row]!.value ?? 0), 0)
  expect(sum / panel!.totals![row]!.value!).toBeCloseTo(1, 1)
})

test('a stack of which a tier is unknown is not drawn in part: it would look like a small one', () => {
  const run = isolated(['three-tier'], {
    measurement: (one) => ({
      ...one,
      usage: one.usage.map((tier) => (tier.role === 'cache' ? { ...tier, pssBytes: null } : tier)),
    }),
  })
  const { panels } = chartDefinitions(run).find(({ name }) => name === 'memory')!
  const proxies = panels[0]!.series.find(({ key }) => key === 'proxy')!.bars
  expect(proxies.map(({ value }) => value)).toEqual([expect.any(Number), null])
  expect(panels[0]!.totals![1]!.text).toBe('not known from this run')
})

test.each(Object.entries(partialRuns()))('a run with %s is drawn as far as there is anything', async (_, run) => {
  // Where nothing was to be measured there is nothing to draw.
  expect(await charts.render(run)).toHaveLength(run.workloads.length === 0 ? 0 : 4)
})
