import type { BarElement, Chart, ChartDataset, Plugin } from 'chart.js'
import type { Bar, ChartDefinition } from './definitions.ts'
import type { Theme } from './themes.ts'

/** A dataset that carries the bars it was made of, and the stacks' ends if it is the last of a stack. */
export type Placed = ChartDataset<'bar', (number | null)[]> & {
  readonly bars: readonly Bar[]
  readonly totals?: readonly Bar[]
}

/**
 * What is drawn over the bars: whiskers for 95 % intervals, hatching for what is not valid, and each bar's value in words. Its
 * source is also put into the HTML page, so it uses nothing but its parameters.
 */
export function chartMarks({ rows, stacked, name }: ChartDefinition, theme: Theme): Plugin<'bar'> {
  const hatch = (context: CanvasRenderingContext2D, bar: BarElement, stroke: string): void => {
    const { x, y, base, height } = bar.getProps(['x', 'y', 'base', 'height'], true) as Record<string, number>
    const [left, right, top] = [Math.min(x!, base!), Math.max(x!, base!), y! - height! / 2]
    context.save()
    context.beginPath()
    context.rect(left, top, right - left, height!)
    context.clip()
    context.strokeStyle = stroke
    context.lineWidth = 1.5
    context.beginPath()
    for (let at = left - height!; at < right; at += 6) {
      context.moveTo(at, top + height!)
      context.lineTo(at + height!, top)
    }
    context.stroke()
    context.restore()
  }

  const whisker = (context: CanvasRenderingContext2D, low: number, high: number, y: number, cut: boolean): void => {
    if (high - low < 1) return
    for (const [width, stroke] of [
      [4, theme.surface],
      [1.5, theme.ink],
    ] as const) {
      context.strokeStyle = stroke
      context.lineWidth = width
      context.beginPath()
      context.moveTo(low, y)
      context.lineTo(high, y)
      context.moveTo(low, y - 4)
      context.lineTo(low, y + 4)
      // Without its end where it goes on.
      if (!cut) {
        context.moveTo(high, y - 4)
        context.lineTo(high, y + 4)
      }
      context.stroke()
    }
  }

  return {
    id: 'lab',
    beforeDraw({ ctx, width, height }) {
      ctx.save()
      ctx.fillStyle = theme.surface
      ctx.fillRect(0, 0, width, height)
      ctx.restore()
    },
    afterDatasetsDraw(chart: Chart<'bar'>) {
      const { ctx: context } = chart
      context.save()
      context.textBaseline = 'middle'
      if (chart.data.datasets.length === 0 || rows.length === 0) {
        context.font = `14px ${theme.font}`
        context.fillStyle = theme.muted
        context.fillText('Nothing was measured.', 40, chart.height / 2)
      }
      chart.data.datasets.forEach((dataset, index) => {
        const { bars, totals } = dataset as Placed
        const { data: elements, xScale } = chart.getDatasetMeta(index)
        if (xScale === undefined) return
        elements.forEach((element, row) => {
          const bar = bars[row]!
          if (bar.value !== null && !bar.valid) hatch(context, element as BarElement, String(dataset.borderColor))
          const end = stacked ? totals?.[row] : bar
          if (end === undefined) return
          const { low, high, value, text, valid } = end
          const { y } = element.getProps(['y'], true)
          const reach = Math.min(high ?? 0, 2 * (value ?? 0))
          if (low !== null && high !== null)
            whisker(context, xScale.getPixelForValue(low), xScale.getPixelForValue(reach), y, reach < high)
          const from = xScale.getPixelForValue(Math.max(reach, value ?? 0)) + 7
          context.font = `${valid ? '' : 'italic '}${name === 'latency' ? 10.5 : 12}px ${theme.font}`
          context.fillStyle = valid ? theme.ink : theme.muted
          const label = name === 'latency' && value !== null ? `${dataset.label} ${text}` : text
          // Three percentiles of one row that was not measured need the reason once.
          if (value === null && name === 'latency' && dataset.label !== 'p90') return
          // Where there is no room the hatching alone says that it is not valid, and the table says why.
          const room = xScale.right - from
          const shown = context.measureText(label).width <= room ? label : label.replace(/, .*$/, '')
          context.fillText(
            shown,
            Math.min(from, Math.max(xScale.left, xScale.right - context.measureText(shown).width)),
            y,
          )
        })
      })
      context.restore()
    },
  }
}
