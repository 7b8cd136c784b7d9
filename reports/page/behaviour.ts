import type { Chart } from 'chart.js'
import type { ChartDefinition } from '../charts/definitions.ts'
import type { chartConfiguration } from '../charts/drawing.ts'
import type { lineMarks } from '../charts/line-marks.ts'
import type { LineChart } from '../charts/line-chart.ts'
import type { lineConfiguration } from '../charts/lines.ts'
import type { chartMarks } from '../charts/marks.ts'
import type { Theme } from '../charts/themes.ts'

/** What the script of a page with charts is given. */
export interface PageParts {
  readonly Chart: typeof Chart
  readonly configure: typeof chartConfiguration
  readonly mark: typeof chartMarks
  readonly configureLines: typeof lineConfiguration
  readonly markLines: typeof lineMarks
  readonly definitions: readonly ChartDefinition[]
  readonly lines: readonly LineChart[]
  readonly themes: { readonly light: Theme; readonly dark: Theme }
}

/** What a page does: draws its charts in the theme, switches the theme, filters clauses, opens what is linked to. */
export function behave(charts?: PageParts): void {
  const root = document.documentElement
  root.classList.add('scripted')
  const system = matchMedia('(prefers-color-scheme: dark)')
  const isDark = (): boolean => (root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark'
  const drawn: Chart[] = []

  const draw = (name: 'light' | 'dark'): void => {
    if (charts === undefined) return
    const { Chart, configure, mark, configureLines, markLines, definitions, lines, themes } = charts
    const theme = themes[name]
    for (const chart of drawn.splice(0)) chart.destroy()
    for (const canvas of document.querySelectorAll<HTMLCanvasElement>('canvas[data-chart]')) {
      const definition = definitions.find(({ name }) => name === canvas.dataset.chart)
      const panel = definition?.panels.find(({ workload }) => workload === canvas.dataset.workload)
      if (definition === undefined || panel === undefined) continue
      const height =
        definition.rows.length * (definition.name === 'latency' ? 58 : 38) + (panel.series.length > 1 ? 66 : 34)
      canvas.parentElement!.style.height = `${height}px`
      const chart = { ...definition, panels: [panel] }
      drawn.push(new Chart(canvas, configure(chart, theme, { titled: false }, mark(chart, theme))))
    }
    for (const canvas of document.querySelectorAll<HTMLCanvasElement>('canvas[data-lines]')) {
      const chart = lines.find(({ name }) => name === canvas.dataset.lines)
      if (chart === undefined) continue
      canvas.parentElement!.style.height = '360px'
      drawn.push(new Chart(canvas, configureLines(chart, theme, { titled: false }, markLines(chart, theme))))
    }
  }

  const toggle = document.querySelector<HTMLButtonElement>('#theme')!
  const show = (): void => {
    toggle.textContent = isDark() ? 'Light theme' : 'Dark theme'
    draw(isDark() ? 'dark' : 'light')
  }
  toggle.hidden = false
  toggle.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark'
    show()
  })
  system.addEventListener('change', show)
  addEventListener('beforeprint', () => draw('light'))
  addEventListener('afterprint', show)

  const clauses = document.querySelectorAll<HTMLElement>('[data-kinds]')
  const buttons = document.querySelectorAll<HTMLButtonElement>('[data-filter]')
  for (const button of buttons)
    button.addEventListener('click', () => {
      const wanted = button.dataset.filter!
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button))
      for (const clause of clauses)
        clause.hidden = wanted !== 'all' && !clause.dataset.kinds!.split(' ').includes(wanted)
      const rows = [...clauses].filter(({ tagName }) => tagName === 'TR')
      document.querySelector('#shown')!.textContent =
        `${rows.filter(({ hidden }) => !hidden).length} of ${rows.length} clauses shown`
    })

  const open = (): void => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
    for (let element = target; element !== null; element = element.parentElement) {
      element.hidden = false
      if (element instanceof HTMLDetailsElement) element.open = true
    }
    target?.scrollIntoView()
  }
  addEventListener('hashchange', open)
  show()
  if (location.hash !== '') open()
}
