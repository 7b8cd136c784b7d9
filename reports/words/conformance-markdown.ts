import { accounts, byText, countText } from '../account.ts'
import { blameText, clauseRows, allSummaries, summaryText, type Row } from '../conformance.ts'
import { byBinding } from '../levels.ts'
import { matrixOf } from '../matrix.ts'
import { aloneRun, candidates } from '../names.ts'
import type { Run } from '../run.ts'
import { code, plain, table } from './markdown-text.ts'
import { countsTable, deviations } from './matrix-markdown.ts'
import { aloneText } from './matrix.ts'
import { plural } from './quantities.ts'

/** What each chain does to the rules, a sentence for each. */
export function blamesMarkdown(run: Run): readonly string[] {
  const lines = allSummaries(run).map((each) => `- **${plain(each.name)}**: ${plain(summaryText(each))}.`)
  return lines.length === 0 ? [] : [`## What each ${candidates(run)[0]} does to the rules`, lines.join('\n')]
}

/** What became of every rule, who breaks what must be kept, and how to see it again. */
export function conformanceMarkdown(run: Run): readonly string[] {
  const alone = matrixOf(aloneRun(run))
  const parts = [
    ...chainsMarkdown(run),
    ...(alone.columns.length === 0
      ? []
      : [
          '### Intermediaries alone',
          aloneText,
          countsTable(alone),
          ...deviations(aloneRun(run), alone, 'MUST').map((text) => text.replace(/^## /, '### ')),
        ]),
  ]
  return parts.length === 0 ? ['No clause was judged in this run.'] : parts
}

function chainsMarkdown(run: Run): readonly string[] {
  const rows = clauseRows(run)
  if (rows.length === 0) return []
  const judged = accounts(run)
  const matrix = matrixOf(run)
  return [
    table(
      ['Topology', 'Kept', 'Broken, healed by nobody', 'Healed by', 'Introduced by', 'Observed or n/a', 'Unknown'],
      judged.map(({ name, kept, broken, healed, introduced, open, unknown }) => [
        ...[name, countText(kept), countText(broken), byText(healed), byText(introduced)].map(plain),
        String(open),
        String(unknown),
      ]),
    ),
    'Rules against servers, rule by rule: matrix.md and matrix.html.',
    ...(judged.length > mostBlames
      ? [countsTable(matrix)]
      : blamesTable(
          rows,
          judged.map(({ name }) => name),
        )),
    ...deviations(run, matrix, 'MUST').map((text) => text.replace(/^## /, '### ')),
  ]
}

/** From so many judged results on, a column for each makes a table that no page shows. */
const mostBlames = 6

function blamesTable(rows: readonly Row[], names: readonly string[]): readonly string[] {
  const all = byBinding(rows).flatMap(([, own]) => own)
  const shown = all.filter((row) => !row.cells.every(({ blame: { kind } }) => kind === 'kept'))
  const text = (row: Row, name: string): string => {
    const cell = row.cells.find((other) => other.name === name)
    return cell === undefined ? 'not judged' : blameText(cell)
  }
  return [
    `${plural(rows.length - shown.length, 'clause')} of ${rows.length} kept at every hop of every topology. The others:`,
    table(
      ['Clause', 'Level', 'Cites', ...names.map(plain)],
      shown.map((row) => [
        code(row.clause),
        row.level,
        plain(row.cites),
        ...names.map((name) => plain(text(row, name))),
      ]),
    ),
  ]
}
