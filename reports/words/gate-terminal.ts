import type { GateText } from './gate.ts'
import type { ConformanceText } from './gate-conformance.ts'
import { visible } from './visible.ts'

/** Lines that are printed alike. */
export interface Block {
  readonly kind: 'head' | 'text' | 'bad'
  readonly lines: readonly string[]
}

/** More changes of one kind than this push the verdict off the screen. */
const MOST_CHANGES = 8

/** What a terminal shows below the verdict of a gate. `wrap` breaks a sentence into lines, all but the first indented. */
export function gateLines(text: GateText, wrap: (text: string, indent: number) => readonly string[]): readonly Block[] {
  const { details, help, metrics, conformance, problems } = text
  const block = (kind: Block['kind'], sentences: readonly string[]): Block => ({
    kind,
    lines: sentences.flatMap((sentence) => wrap(sentence, 2)),
  })
  return [
    block(
      'bad',
      problems.map((problem) => problem.split('\n', 1)[0]!),
    ),
    block('text', details),
    { kind: 'text', lines: metrics === undefined ? [] : tableLines(metrics.head, metrics.rows) },
    ...(conformance === undefined ? [] : changes(conformance).map((sentences) => block('text', sentences))),
    block('text', help.length === 0 ? [] : ['What would help:', ...help.map((each) => `- ${each}`)]),
  ]
}

/** Without what both sides were in themselves: of a gate the change is what is meant, and it has to fit. */
function tableLines(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const wanted = ['Metric', 'Change', '99 % interval', 'Smallest detectable', 'Tolerance', 'Verdict']
  const columns = wanted.map((name) => head.indexOf(name))
  const all = [head, ...rows].map((row) => columns.map((column) => visible(row[column]!)))
  const shown = all.map((row, index) =>
    index === 0 ? row.map((cell) => cell.replace('Smallest detectable', 'Detectable')) : row,
  )
  const widths = columns.map((_, column) => Math.max(...shown.map((row) => row[column]!.length)))
  return shown.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  '),
  )
}

function changes({ says, groups, counted, notes }: ConformanceText): readonly (readonly string[])[] {
  return [
    [says, ...counted],
    ...groups.map(({ title, changes: each }) => [
      `${title}`,
      ...each
        .slice(0, MOST_CHANGES)
        .flatMap(({ clause, hop, binding, seen, lines }) => [
          `- ${clause} at ${hop} (${binding})${seen === '' ? '' : `: ${seen}`}`,
          ...lines.map((line) => `    ${line}`),
        ]),
      ...(each.length > MOST_CHANGES ? [`- ${each.length - MOST_CHANGES} more are in the report`] : []),
    ]),
    notes,
  ]
}
