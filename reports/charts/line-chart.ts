/** A point of a line, in the units of the axes. */
export interface LinePoint {
  readonly x: number
  /** Null where nothing is known: the line is broken there. */
  readonly y: number | null
  readonly low: number | null
  readonly high: number | null
  /** False is drawn hollow, and the line to it dotted: shown, compared with nothing. */
  readonly valid: boolean
  /** Draws a ring around it. */
  readonly ringed?: boolean
}

/** A line with its name written at its end. */
export interface Line {
  readonly name: string
  /** Number of its colour and shape. */
  readonly hue: number
  readonly dashed: boolean
  /** Thin, grey and without points: what something is held against. */
  readonly reference?: boolean
  /** Draws it without its points, or only its points, without its name; both when absent. */
  readonly draws?: 'line' | 'points'
  readonly points: readonly LinePoint[]
}

/** What an axis shows. Logarithmic ones have ticks at equal ratios. */
export interface Axis {
  readonly title: string
  readonly scale: 'linear' | 'log'
  /** Where numbers are written; where they fall by themselves when absent. */
  readonly ticks?: readonly number[]
  /** Written after a number: `×`. */
  readonly suffix?: string
}

/** A straight line across a panel, with what it stands for. */
export interface Guide {
  readonly along: 'x' | 'y'
  readonly at: number
  readonly text: string
}

/** Lines in one frame. */
export interface LinePanel {
  readonly title: string
  readonly lines: readonly Line[]
  readonly guides: readonly Guide[]
}

/** A chart of lines as data: the same for pictures and for the page. Its panels share the vertical axis. */
export interface LineChart {
  /** File name without ending. */
  readonly name: string
  /** The question it answers. */
  readonly title: string
  /** What it answers that of, where that is not clear. */
  readonly about?: string
  /** How it is to be read. */
  readonly subtitle: string
  /** Where its numbers come from: written into pictures, which travel without their report. */
  readonly source?: string
  readonly x: Axis
  readonly y: Axis
  readonly panels: readonly LinePanel[]
}
