import { blameText } from '../conformance.ts'
import { findingsOf, type Finding } from '../findings.ts'
import { bindings, type Binding } from '../levels.ts'
import { countsOf, matrixOf, type Matrix, type MatrixRow } from '../matrix.ts'
import { aloneRun } from '../names.ts'
import { remediesOf } from '../remedies.ts'
import type { Run } from '../run.ts'
import { columnInShort, columnText, markText, placeText } from './columns.ts'
import { repeatCommand, reproduceCommand } from './commands.ts'
import { code, fenced, plain, table } from './markdown-text.ts'
import { aloneText, matrixLine, versionsText } from './matrix.ts'
import { list } from './quantities.ts'

/** The matrix as text, for a repository or an issue. */
export function renderMatrixMarkdown(run: Run): string {
  return `${[
    '# Conformance matrix',
    plain(matrixLine(run)),
    plain(versionsText(run)),
    'A row is a rule; a column is a server that calls the application, or the outermost server of a chain: what its client meets.',
    ...rules(run),
    ...((run.alone ?? []).length > 0 ? ['# Intermediaries alone', aloneText, ...rules(aloneRun(run))] : []),
    '## To repeat it',
    fenced(repeatCommand(run)),
  ].join('\n\n')}\n`
}

function rules(run: Run): readonly string[] {
  const matrix = matrixOf(run)
  if (matrix.columns.length === 0) return []
  const levels = [...new Set(matrix.groups.map(({ binding }) => binding))]
  return [
    '## How many rules each keeps',
    countsTable(matrix),
    ...levels.flatMap((binding) => [`## ${bindings[binding]}`, rulesTable(matrix, binding)]),
    ...levels.flatMap((binding) => deviations(run, matrix, binding)),
    ...untestable(matrix),
  ]
}

/** How many rules of each level every column keeps and breaks. */
export function countsTable(matrix: Matrix): string {
  const levels = [...new Set(matrix.groups.map(({ binding }) => binding))]
  return table(
    ['Server or chain', ...levels.map((binding) => bindings[binding])],
    matrix.columns.map((column) => [
      plain(columnText(column)),
      ...levels.map((binding) => {
        const { kept, broken, differing, undecided } = countsOf(matrix, column, binding)
        return [
          `${kept} kept, ${broken} broken`,
          ...(differing > 0 ? [`${differing} differ`] : []),
          ...(undecided > 0 ? [`${undecided} unknown`] : []),
        ].join(', ')
      }),
    ]),
  )
}

function rulesTable({ columns, groups }: Matrix, binding: Binding): string {
  const rows = groups.filter((group) => group.binding === binding).flatMap((group) => group.rows)
  const cell = (row: MatrixRow, index: number): string => {
    const mark = row.marks[index]
    return mark === undefined ? '–' : `${mark.outcomes.includes('fail') ? '✗ ' : ''}${markText(mark)}`
  }
  return table(
    ['Rule', ...columns.map((column) => plain(columnInShort(column)))],
    rows.map((row) => [code(row.clause), ...columns.map((_, index) => cell(row, index))]),
  )
}

/** Deviations of a level, each with who does it, what was seen, and the command that shows it again. */
export function deviations(run: Run, { groups }: Matrix, binding: Binding): readonly string[] {
  const found = groups
    .filter((group) => group.binding === binding)
    .flatMap(({ rows }) => rows.map((row) => ({ row, findings: faults(row) })))
    .filter(({ findings }) => findings.length > 0)
  if (found.length === 0) return []
  return [
    `## Deviations: ${bindings[binding]}`,
    ...found.map(({ row, findings }) =>
      [
        `**${code(row.clause)}** (${row.level}, ${plain(row.cites)}): ${plain(row.says)}${row.experiment === undefined ? '' : ` Experiment: ${plain(row.experiment)}`}\n`,
        ...findings.map((each) => fault(run, each)),
      ].join('\n'),
    ),
  ]
}

/** Who breaks a rule: servers by themselves, and chains that break what was kept behind them. */
function faults(row: MatrixRow): readonly Finding[] {
  const { servers, edges } = findingsOf(row)
  const failing = ({ verdict }: Finding): boolean => verdict.outcome === 'fail'
  return [...servers.filter(failing), ...edges.filter(failing).filter(({ cell }) => cell.blame.kind === 'introduced')]
}

function fault(run: Run, { kind, places, cell, verdict }: Finding): string {
  const blamed = kind === 'edge' ? `, ${blameText(cell)}` : ''
  const who = plain(`${list(places.map(placeText))}${blamed}`)
  const mended = remediesOf(cell.result, kind === 'edge' ? cell.verdicts : [verdict]).map(
    ({ line, title }) => `  Kept with ${code(line)} in ${plain(title)}, tried in this run.\\\n`,
  )
  return `- ${who}: ${plain(verdict.because ?? 'broken')}\\\n${mended.join('')}  ${code(
    reproduceCommand(
      run,
      places.map(({ result }) => result),
      verdict.clause,
    ),
  )}`
}

function untestable({ untestable: all }: Matrix): readonly string[] {
  if (all.length === 0) return []
  const rows = all.map(({ clause, level, says, because }) => [code(clause), level, plain(says), plain(because)])
  return ['## What cannot be tested from outside', table(['Rule', 'Level', 'Sentence', 'Why not'], rows)]
}
