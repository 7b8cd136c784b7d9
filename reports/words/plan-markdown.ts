import type { Run } from '../run.ts'
import type { ChapterTable } from './chapter.ts'
import { repeatCommand } from './commands.ts'
import { facts } from './facts.ts'
import { summaryLine, when } from './heading.ts'
import { fenced, plain, table } from './markdown-text.ts'
import type { PlanPart, PlanText } from './plan.ts'
import type { SizesText } from './plan-sizes.ts'

/** A plan as the Markdown report: what to take first. */
export function planMarkdown(run: Run, text: PlanText): readonly string[] {
  const { distrust, caution, recommendation, demand, check, sizes, notes, problems, next, parts, planned } = text
  return [
    '# Gateway Lab: plan',
    ...(distrust === undefined ? [] : [`**${plain(distrust)}**`]),
    `**${plain(recommendation)}**`,
    ...(caution === undefined ? [] : [`**${plain(caution)}**`]),
    plain(demand),
    ...(sizes.rows.length === 0 ? [] : [sizesMarkdown(sizes)]),
    plain(check),
    ...notes.map(plain),
    ...problems.map(fenced),
    ...(planned.models.length === 0 ? [] : ['![How long answers take as more are given](plan-curves.png)']),
    ...next.flatMap(({ says, command }) => [plain(says), fenced(command)]),
    ...parts.flatMap(partOf),
    '## What was measured, and on what',
    plain(summaryLine(run)),
    [['Run', `${run.id}, ${when(run.startedAt)}`] as const, ...facts(run)]
      .map(([term, value]) => `- ${plain(term)}: ${plain(value)}`)
      .join('\n'),
    'To repeat it:',
    fenced(repeatCommand(run)),
  ]
}

/** The table of a plan in Markdown. */
export const sizesMarkdown = ({ head, rows }: SizesText): string =>
  table(
    head.map(plain),
    rows.map(({ name, chain, isRecommended, cells, because }) => {
      const first = `${plain(name)} (${plain(chain)})`
      const rest = cells ?? [because, ...head.slice(2).map(() => '')]
      return [isRecommended ? `**${first}**` : first, ...rest.map(plain)]
    }),
  )

const partOf = ({ title, says, lists, tables, details }: PlanPart): readonly string[] => [
  `## ${plain(title)}`,
  ...(says.length === 0 ? [] : [says.length === 1 ? plain(says[0]!) : bullets(says)]),
  ...lists.flatMap((list) => [`### ${plain(list.title)}`, bullets(list.says)]),
  ...[...tables, ...details].flatMap(tableOf),
]

const bullets = (sentences: readonly string[]): string => sentences.map((each) => `- ${plain(each)}`).join('\n')

const tableOf = ({ title, head, rows }: ChapterTable): readonly string[] => [
  `### ${plain(title)}`,
  table(
    head.map(plain),
    rows.map((row) => row.map(plain)),
  ),
]
