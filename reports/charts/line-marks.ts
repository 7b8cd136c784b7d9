import type { Chart, Plugin, Scale } from 'chart.js'
import type { Axis, LineChart } from './line-chart.ts'
import type { Theme } from './themes.ts'

/**
 * What is drawn over the lines: guides, whiskers for intervals, rings, names at the ends, and titles of panels. Its source is
 * also put into the HTML page, so it uses nothing but its parameters.
 */
export function lineMarks({ panels, x: across, y: up }: LineChart, theme: Theme): Plugin<'line'> {
  const placed = ({ scale }: Axis, value: number): number => (scale === 'log' ? Math.log10(value) : value)
  const apart = 16

  /** Text that stays readable where lines pass behind it. */
  const write = (context: CanvasRenderingContext2D, text: string, x: number, y: number, colour: string): void => {
    context.strokeStyle = theme.surface
    context.lineWidth = 4
    context.lineJoin = 'round'
    context.strokeText(text, x, y)
    context.fillStyle = colour
    context.fillText(text, x, y)
  }

  const stroke = (
    context: CanvasRenderingContext2D,
    from: readonly [number, number],
    to: readonly [number, number],
  ): void => {
    context.beginPath()
    context.moveTo(...from)
    context.lineTo(...to)
    context.stroke()
  }

  const whisker = (context: CanvasRenderingContext2D, x: number, low: number, high: number, colour: string): void => {
    if (low - high < 2) return
    context.strokeStyle = colour
    context.lineWidth = 1.25
    stroke(context, [x, low], [x, high])
    stroke(context, [x - 3, low], [x + 3, low])
    stroke(context, [x - 3, high], [x + 3, high])
  }

  return {
    id: 'lab',
    beforeDraw({ ctx, width, height }) {
      ctx.save()
      ctx.fillStyle = theme.surface
      ctx.fillRect(0, 0, width, height)
      ctx.restore()
    },
    beforeDatasetsDraw({ ctx: context, scales, chartArea }: Chart<'line'>) {
      context.save()
      context.textBaseline = 'middle'
      context.font = `12px ${theme.font}`
      for (const [index, { guides }] of panels.entries()) {
        const [x, y] = [scales[`x${index}`] as Scale, scales['y'] as Scale]
        for (const { along, at, text } of guides) {
          context.strokeStyle = theme.muted
          context.lineWidth = 1
          context.setLineDash([3, 3])
          const pixel = along === 'x' ? x.getPixelForValue(placed(across, at)) : y.getPixelForValue(placed(up, at))
          if (along === 'x') stroke(context, [pixel, chartArea.top], [pixel, chartArea.bottom])
          else stroke(context, [x.left, pixel], [x.right, pixel])
          context.setLineDash([])
          context.textAlign = along === 'x' ? 'left' : 'right'
          if (along === 'x') write(context, text, pixel + 5, chartArea.top + 9, theme.muted)
          else write(context, text, x.right - 4, pixel - 9, theme.muted)
        }
      }
      context.restore()
    },
    afterDatasetsDraw({ ctx: context, scales, chartArea, data }: Chart<'line'>) {
      context.save()
      context.textBaseline = 'middle'
      context.textAlign = 'left'
      let before = 0
      for (const [index, { title, lines }] of panels.entries()) {
        const [x, y] = [scales[`x${index}`] as Scale, scales['y'] as Scale]
        const inside = (value: number): number =>
          Math.min(
            chartArea.bottom,
            Math.max(
              chartArea.top,
              value > 0 || up.scale === 'linear' ? y.getPixelForValue(placed(up, value)) : Infinity,
            ),
          )
        const names: { name: string; end: number; x: number; from: number; at: number; colour: string }[] = []
        // Where points lie about that no line leads to, names stand right of them all, in the colours of their lines.
        const isScattered = lines.some(({ draws }) => draws === 'points')
        const rightmost = Math.max(...lines.flatMap(({ points }) => points.map((point) => placed(across, point.x))))
        for (const [number, { name, points, reference = false, draws }] of lines.entries()) {
          const colour = String(data.datasets[before + number]!.borderColor)
          for (const { x: load, y: value, low, high, ringed } of points) {
            const left = x.getPixelForValue(placed(across, load))
            if (low !== null && high !== null) whisker(context, left, inside(low), inside(high), colour)
            if (ringed !== true || value === null) continue
            context.strokeStyle = theme.ink
            context.lineWidth = 2
            context.beginPath()
            context.arc(left, inside(value), 9, 0, 2 * Math.PI)
            context.stroke()
          }
          const last = points.findLast(({ y: value }) => value !== null)
          if (last === undefined || draws === 'points') continue
          const at = inside(last.y!)
          const end = x.getPixelForValue(placed(across, last.x))
          names.push({
            name,
            end,
            x: isScattered ? x.getPixelForValue(rightmost) : end,
            from: at,
            at,
            colour: reference ? theme.muted : isScattered ? colour : theme.ink,
          })
        }
        before += lines.length
        context.font = `12.5px ${theme.font}`
        // Names that would run into each other are pushed apart, downwards first and then back up from the bottom.
        const meets = (a: { name: string; x: number }, b: { name: string; x: number }): boolean =>
          a.x < b.x + context.measureText(b.name).width + 24 && b.x < a.x + context.measureText(a.name).width + 24
        names.sort((a, b) => a.at - b.at)
        for (const [place, each] of names.entries()) {
          const above = names.slice(0, place).filter((other) => meets(other, each))
          each.at = Math.max(each.at, chartArea.top + 6, ...above.map(({ at }) => at + apart))
        }
        for (const [place, each] of [...names.entries()].toReversed()) {
          const below = names.slice(place + 1).filter((other) => meets(other, each))
          each.at = Math.min(each.at, chartArea.bottom - 6, ...below.map(({ at }) => at - apart))
        }
        for (const { name, end, x: start, from, at, colour } of names) {
          if (Math.abs(at - from) > 3 || start > end) {
            context.strokeStyle = isScattered ? colour : theme.muted
            context.lineWidth = 0.75
            stroke(context, [end + 5, from], [start + 14, at])
          }
          write(context, name, start + 16, at, colour)
        }
        if (panels.length < 2) continue
        context.font = `bold 13px ${theme.font}`
        context.fillStyle = theme.ink
        context.fillText(title, x.left, chartArea.top - 14)
      }
      context.restore()
    },
  }
}
