import type { Run } from '../run.ts'
import { repeatCommand } from './commands.ts'
import type { PlanText } from './plan.ts'
import type { SizesText } from './plan-sizes.ts'
import { visible } from './visible.ts'

/** Lines that are printed alike. */
export interface PlanBlock {
  readonly kind: 'bad' | 'good' | 'head' | 'text' | 'quiet'
  readonly lines: readonly string[]
}

type Wrap = (text: string, indent: number) => readonly string[]

/** What a terminal shows of a plan: what to take, the table, how far off the model was, what was assumed. */
export function planLines(run: Run, text: PlanText, wrap: Wrap): readonly PlanBlock[] {
  const { distrust, caution, isMet, recommendation, demand, sizes, check, notes, problems, next } = text
  const block = (kind: PlanBlock['kind'], sentences: readonly string[]): PlanBlock => ({
    kind,
    lines: sentences.flatMap((sentence) => wrap(sentence, 2)),
  })
  const assumed = run.plan!.assumed
  return [
    block('bad', distrust === undefined ? [] : [distrust]),
    block(isMet && distrust === undefined ? 'good' : isMet ? 'head' : 'bad', [recommendation]),
    block('head', caution === undefined ? [] : [caution]),
    block('text', [demand]),
    { kind: 'text', lines: sizeLines(sizes, wrap) },
    block('text', [check, ...notes]),
    block(
      'bad',
      problems.map((problem) => problem.split('\n', 1)[0]!),
    ),
    block('text', assumed.length === 0 ? [] : ['Assumed:', ...assumed.map((each) => `- ${each}`)]),
    block(
      'text',
      next.flatMap(({ says, command }) => [says, `  ${command}`]),
    ),
    block('quiet', [`Run ${run.id}: ${repeatCommand(run)}`]),
  ]
}

/** Headings that leave room for nine columns. */
const short: Readonly<Record<string, string>> = {
  'Workers × threads': 'w × t',
  'Cores busy at the peak': 'Cores busy',
  'Memory of each': 'Memory',
  '99\u00a0of\u00a0100 within': 'p99',
  'Bears up to': 'Bears',
  'Runs out first': 'Out first',
  'Cost a month': 'Cost',
}
const COLUMNS = 100

/** A line for each topology; where its name leaves no room beside the figures they stand below it. */
function sizeLines({ head, rows }: SizesText, wrap: Wrap): readonly string[] {
  if (rows.length === 0) return []
  const heads = head.slice(1).map((cell) => short[cell] ?? cell)
  const cells = rows.flatMap(({ cells: own }) => (own === undefined ? [] : [own.map(compact)]))
  const widths = heads.map((cell, column) => Math.max(cell.length, ...cells.map((row) => row[column]!.length)))
  const needed = widths.reduce((sum, width) => sum + width + 2, 0)
  const longest = Math.max(head[0]!.length, ...rows.map(({ name }) => visible(name).length))
  const isBeside = longest + needed <= COLUMNS
  const room = isBeside ? longest : Math.max(2, COLUMNS - needed)
  const figures = (row: readonly string[]): string =>
    row.map((cell, column) => `  ${cell.padStart(widths[column]!)}`).join('')
  return [
    ...(cells.length === 0 ? [] : [`${head[0]!.slice(0, room).padEnd(room)}${figures(heads)}`]),
    ...rows.flatMap(({ name, cells: own, because }) => {
      if (own === undefined) return wrap(`${name}: ${because}`, 2)
      const line = figures(own.map(compact))
      return isBeside ? [`${visible(name).padEnd(room)}${line}`] : [visible(name), `${' '.repeat(room)}${line}`]
    }),
  ]
}

/** Without what every row would repeat. */
const compact = (cell: string): string => visible(cell).replace(/ the peak$|, most for .*$| of \d+(?= \()/, '')
