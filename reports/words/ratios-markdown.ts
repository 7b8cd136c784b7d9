import type { Answer } from '../answer.ts'
import { comparedBy, ratiosOf } from '../ratios.ts'
import type { Run } from '../run.ts'
import { plain, table } from './markdown-text.ts'
import { comparisonText, ratiosPremise } from './wording.ts'

/** A workload's results over the best of them, as a table below its figures; empty where nothing can be compared. */
export function ratiosMarkdown(run: Run, answer: Answer): readonly string[] {
  const found = ratiosOf(run, answer)
  if (found === undefined) return []
  const rows = found.rows.map(({ name, cells }) => [
    plain(name),
    ...cells.map((cell) => plain(cell.comparison === undefined ? cell.because : comparisonText(cell.comparison))),
  ])
  const head = [`Over ${plain(found.reference)}`, ...comparedBy.map(({ title }) => title)]
  return [plain(ratiosPremise(found)), table(head, rows)]
}
