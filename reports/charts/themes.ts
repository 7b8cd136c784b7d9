/** Colours a chart is drawn with. Keys of `series` are roles, percentiles, or `one`. */
export interface Theme {
  readonly surface: string
  readonly ink: string
  readonly muted: string
  readonly grid: string
  readonly font: string
  readonly series: Readonly<Record<string, string>>
  /** Colours of lines, in the order they are given away. */
  readonly lines: readonly string[]
}

const font = 'system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif'

/** Roles follow Okabe and Ito's palette, which colour-blind readers can tell apart. */
export const light: Theme = {
  surface: '#ffffff',
  ink: '#1c2430',
  muted: '#56606e',
  grid: '#e3e7ec',
  font,
  series: {
    one: '#0b62a8',
    app: '#0b62a8',
    proxy: '#e69f00',
    cache: '#00886a',
    balancer: '#b5568f',
    p50: '#0b62a8',
    p90: '#4f9bd6',
    p99: '#a9d0ee',
  },
  lines: ['#0b62a8', '#c25a00', '#00886a', '#b5568f', '#56606e', '#7a5200'],
}

/** The same hues on a dark ground. */
export const dark: Theme = {
  surface: '#1a2029',
  ink: '#e8ecf1',
  muted: '#a3adba',
  grid: '#333c49',
  font,
  series: {
    one: '#5ba7e0',
    app: '#5ba7e0',
    proxy: '#f0b429',
    cache: '#2fbf98',
    balancer: '#d987b8',
    p50: '#8ec7f2',
    p90: '#4b93cc',
    p99: '#2c5f8c',
  },
  lines: ['#5ba7e0', '#f0902f', '#2fbf98', '#d987b8', '#a3adba', '#f0d060'],
}
