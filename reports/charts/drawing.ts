import type { ChartConfiguration, Plugin } from 'chart.js'
import type { ChartDefinition } from './definitions.ts'
import type { Placed } from './marks.ts'
import type { Theme } from './themes.ts'

/** How a chart is drawn. */
export interface DrawingOptions {
  /** Shows the chart's title and panel titles: a picture has them, a page has headings. */
  readonly titled: boolean
  /** Pixels of the canvas per CSS pixel; the screen's own when absent. */
  readonly pixelRatio?: number
}

/**
 * The Chart.js configuration of a chart: rows of bars, a panel per workload side by side, each with its own scale from
 * zero. Its source is also put into the HTML page, so it uses nothing but its parameters.
 */
export function chartConfiguration(
  definition: ChartDefinition,
  theme: Theme,
  options: DrawingOptions,
  marks: Plugin<'bar'>,
): ChartConfiguration<'bar', (number | null)[], string> {
  const { rows, stacked, name } = definition
  // A picture has room for so many side by side; a page has one panel in each canvas.
  const panels = options.titled ? definition.panels.slice(0, 4) : definition.panels
  const left = definition.panels.length - panels.length
  const colour = (key: string): string => theme.series[key] ?? theme.muted

  const datasets: Placed[] = panels.flatMap((panel, index) =>
    panel.series.map((series, position) => ({
      label: series.name,
      data: series.bars.map(({ value }) => value),
      bars: series.bars,
      ...(panel.totals !== undefined && position === panel.series.length - 1 ? { totals: panel.totals } : {}),
      xAxisID: `x${index}`,
      // One slot per series, shared by the panels.
      stack: stacked ? 'all' : series.key,
      backgroundColor: series.bars.map(({ valid }) => (valid ? colour(series.key) : theme.surface)),
      borderColor: colour(series.key),
      borderWidth: 1,
      borderSkipped: false,
      maxBarThickness: stacked || panel.series.length === 1 ? 24 : 16,
      categoryPercentage: 0.82,
      barPercentage: 0.9,
    })),
  )

  const largest = (index: number): number => {
    const ends = panels[index]!.totals ?? panels[index]!.series.flatMap(({ bars }) => bars)
    // A very long whisker is cut off (`chartMarks`), or it would leave no room for the bars.
    return Math.max(1e-9, ...ends.map(({ high, value }) => Math.min(high ?? value ?? 0, 2 * (value ?? 0))))
  }

  const scales = Object.fromEntries(
    panels.map((panel, index) => [
      `x${index}`,
      {
        axis: 'x' as const,
        position: 'bottom' as const,
        stack: 'panels',
        stackWeight: 1,
        stacked,
        min: 0,
        max: largest(index) * (name === 'latency' ? 1.55 : 1.8),
        grid: { color: theme.grid },
        border: { display: false },
        ticks: {
          color: theme.muted,
          font: { family: theme.font, size: 11 },
          maxTicksLimit: 5,
          // The room right of the bars is for their values; a number there would run into the next panel.
          callback: (value: string | number) =>
            Number(value) <= largest(index) * 1.2 ? Number(value).toLocaleString('en') : '',
          includeBounds: false,
          maxRotation: 0,
        },
        title: {
          display: options.titled,
          text: [panel.title],
          color: theme.ink,
          font: { family: theme.font, size: 13, weight: 'bold' as const },
        },
      },
    ]),
  )
  const keys = panels[0]?.series ?? []
  return {
    type: 'bar',
    data: { labels: [...rows], datasets },
    options: {
      indexAxis: 'y',
      responsive: !options.titled,
      maintainAspectRatio: false,
      animation: false,
      ...(options.pixelRatio === undefined ? {} : { devicePixelRatio: options.pixelRatio }),
      events: [],
      layout: { padding: options.titled ? { left: 16, right: 16, top: 8, bottom: 12 } : { top: 2, right: 4 } },
      scales: {
        y: {
          stacked: stacked ? true : (undefined as unknown as boolean),
          grid: { display: false },
          border: { color: theme.grid },
          ticks: { color: theme.ink, font: { family: theme.font, size: options.titled ? 13 : 12 }, autoSkip: false },
        },
        ...scales,
      },
      plugins: {
        title: {
          display: options.titled,
          align: 'start',
          text: `${definition.title}: ${definition.unit}`,
          color: theme.ink,
          font: { family: theme.font, size: 18, weight: 'bold' },
          padding: { top: 8, bottom: keys.length > 1 ? 2 : 10 },
        },
        subtitle: {
          display: options.titled,
          align: 'start',
          text: `Bars are medians of the repeats, whiskers 95 % intervals. Hatched: not valid or too few repeats, compared with nothing.${left > 0 ? ` ${left} more workloads are in the report.` : ''}`,
          color: theme.muted,
          font: { family: theme.font, size: 12 },
          padding: { bottom: 10 },
        },
        legend: {
          display: keys.length > 1,
          position: 'top',
          align: 'start',
          labels: {
            color: theme.ink,
            boxWidth: 14,
            boxHeight: 10,
            font: { family: theme.font, size: 12 },
            generateLabels: () =>
              keys.map(({ name: text, key }) => ({
                text,
                fillStyle: colour(key),
                strokeStyle: colour(key),
                fontColor: theme.ink,
              })),
          },
        },
        tooltip: { enabled: false },
      },
    },
    plugins: [marks],
  }
}
