import type { ChartConfiguration, Plugin } from 'chart.js'
import type { DrawingOptions } from './drawing.ts'
import type { Axis, LineChart, LinePanel, LinePoint } from './line-chart.ts'
import type { Theme } from './themes.ts'

/**
 * The Chart.js configuration of a chart of lines. Its source is also put into the HTML page, so it uses nothing but its
 * parameters. Logarithmic axes are linear ones of logarithms, because ends of whiskers and names are placed by hand.
 */
export function lineConfiguration(
  chart: LineChart,
  theme: Theme,
  options: DrawingOptions,
  marks: Plugin<'line'>,
): ChartConfiguration<'line', { x: number; y: number | null }[]> {
  const { panels } = chart
  const placed = ({ scale }: Axis, value: number): number => (scale === 'log' ? Math.log10(value) : value)
  const shapes = ['circle', 'rect', 'triangle', 'rectRot', 'circle', 'rect', 'triangle', 'rectRot'] as const
  const size = options.titled ? 13 : 12

  const datasets = panels.flatMap(({ lines }, index) =>
    lines.map(({ points, hue, dashed, reference = false, draws }) => {
      const colour = reference ? theme.muted : theme.lines[hue % theme.lines.length]!
      return {
        data: points.map(({ x, y }) => ({ x: placed(chart.x, x), y: y === null ? null : placed(chart.y, y) })),
        xAxisID: `x${index}`,
        yAxisID: 'y',
        borderColor: colour,
        borderWidth: reference || dashed ? 1.5 : 2,
        borderDash: reference ? [2, 4] : dashed ? [6, 4] : [],
        segment: {
          borderDash: ({ p0DataIndex, p1DataIndex }: { p0DataIndex: number; p1DataIndex: number }) =>
            points[p0DataIndex]!.valid && points[p1DataIndex]!.valid ? undefined : [1, 4],
        },
        pointStyle: shapes[hue % shapes.length]!,
        showLine: draws !== 'points',
        pointRadius: reference || draws === 'line' ? 0 : dashed ? 3 : 4,
        pointBorderWidth: 1.5,
        pointBorderColor: colour,
        pointBackgroundColor: points.map(({ valid }) => (valid ? colour : theme.surface)),
        clip: false as const,
      }
    }),
  )

  /** Ends of an axis in its own measure, whiskers included, with nothing around. */
  const ends = (axis: Axis, own: readonly LinePanel[], of: (point: LinePoint) => readonly (number | null)[]) => {
    const values = own
      .flatMap(({ lines }) => lines.flatMap(({ points }) => points.flatMap(of)))
      .filter((value) => value !== null && (axis.scale === 'linear' || value > 0))
      .map((value) => placed(axis, value!))
    const [low, high] = values.length === 0 ? [0, 1] : [Math.min(...values), Math.max(...values)]
    return axis.scale === 'linear' ? { low: 0, high: Math.max(high, 1e-9) } : { low, high: Math.max(high, low + 0.3) }
  }

  const ticks = (axis: Axis, largest: number) => ({
    color: theme.muted,
    font: { family: theme.font, size: size - 1 },
    maxTicksLimit: axis.ticks === undefined ? 6 : 20,
    autoSkip: axis.ticks === undefined,
    maxRotation: 0,
    includeBounds: false,
    // The room right of the lines is for their names; a number there would look like part of the scale.
    callback: (value: string | number) => {
      const number = axis.scale === 'log' ? 10 ** Number(value) : Number(value)
      const rounded = Number(number.toPrecision(6))
      return Number(value) > largest * 1.001 && axis.ticks === undefined
        ? ''
        : `${rounded.toLocaleString('en')}${axis.suffix ?? ''}`
    },
  })

  const title = (text: string) => ({
    display: true,
    text,
    color: theme.muted,
    font: { family: theme.font, size },
  })

  const scales = Object.fromEntries(
    panels.map((panel, index) => {
      const range = ends(chart.x, [panel], ({ x }) => [x])
      return [
        `x${index}`,
        {
          type: 'linear' as const,
          axis: 'x' as const,
          position: 'bottom' as const,
          stack: 'panels',
          stackWeight: 1,
          bounds: 'data' as const,
          afterDataLimits(scale: {
            min: number
            max: number
            chart: { width: number; ctx: CanvasRenderingContext2D }
          }) {
            const { ctx: context, width } = scale.chart
            context.font = `${size}px ${theme.font}`
            const longest = Math.max(0, ...panel.lines.map(({ name }) => context.measureText(name).width))
            const room = Math.min(0.45, (longest + 30) / Math.max(1, (width - 90) / panels.length))
            const span = range.high - range.low
            scale.min = range.low - span * (chart.x.scale === 'log' ? 0.04 : 0)
            scale.max = range.low + span / (1 - room)
          },
          ...(chart.x.ticks === undefined
            ? {}
            : {
                afterBuildTicks(scale: { ticks: { value: number }[] }) {
                  scale.ticks = chart.x.ticks!.map((value) => ({ value: placed(chart.x, value) }))
                },
              }),
          grid: { color: theme.grid },
          border: { color: theme.grid },
          ticks: ticks(chart.x, range.high),
          title: title(chart.x.title),
        },
      ]
    }),
  )
  const [values, whiskers] = [
    ends(chart.y, panels, ({ y }) => [y]),
    ends(chart.y, panels, ({ low, high }) => [low, high]),
  ]
  // Whiskers that are much longer are cut off at the frame, so that they do not press everything else flat.
  const most = (values.high - values.low) * 0.3
  const heights = {
    low: Math.max(Math.min(values.low, whiskers.low), values.low - most),
    high: Math.min(Math.max(values.high, whiskers.high), values.high + most),
  }
  return {
    type: 'line',
    data: { datasets },
    options: {
      responsive: !options.titled,
      maintainAspectRatio: false,
      animation: false,
      ...(options.pixelRatio === undefined ? {} : { devicePixelRatio: options.pixelRatio }),
      events: [],
      layout: {
        padding: options.titled
          ? { left: 16, right: 20, top: 8, bottom: 12 }
          : { top: panels.length > 1 ? 26 : 2, right: 6 },
      },
      scales: {
        y: {
          type: 'linear',
          bounds: 'data',
          afterDataLimits(scale) {
            const span = heights.high - heights.low
            scale.min = chart.y.scale === 'log' ? heights.low - span * 0.06 : 0
            scale.max = heights.high + span * 0.06
          },
          ...(chart.y.ticks === undefined
            ? {}
            : {
                afterBuildTicks(scale: { ticks: { value: number }[]; min: number; max: number }) {
                  scale.ticks = chart.y
                    .ticks!.map((value) => ({ value: placed(chart.y, value) }))
                    .filter(({ value }) => value >= scale.min && value <= scale.max)
                },
              }),
          grid: { color: theme.grid },
          border: { display: false },
          ticks: ticks(chart.y, heights.high),
          title: title(chart.y.title),
        },
        ...scales,
      },
      plugins: {
        title: {
          display: options.titled,
          align: 'start',
          text: [chart.title, ...(chart.about === undefined ? [] : [chart.about])].join(' '),
          color: theme.ink,
          font: { family: theme.font, size: 18, weight: 'bold' },
          padding: { top: 8, bottom: 2 },
        },
        subtitle: {
          display: options.titled,
          align: 'start',
          text: [chart.subtitle, ...(chart.source === undefined ? [] : [chart.source])],
          color: theme.muted,
          font: { family: theme.font, size: 12 },
          padding: { bottom: panels.length > 1 ? 30 : 12 },
        },
        legend: { display: false },
        tooltip: { enabled: false },
      },
    },
    plugins: [marks],
  }
}
