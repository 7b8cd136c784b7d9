import type { Run } from '../run.ts'
import { repeatCommand } from './commands.ts'
import { facts } from './facts.ts'
import type { GateText } from './gate.ts'
import type { ChangeText, ConformanceText } from './gate-conformance.ts'
import { summaryLine } from './heading.ts'
import { fenced, plain, table } from './markdown-text.ts'

/** A gate as the Markdown report, its verdict first. */
export function gateMarkdown(run: Run, text: GateText): readonly string[] {
  const { sentence, details, help, metrics, setup, conformance, problems, limits } = text
  return [
    '# Gateway Lab: gate',
    `**${plain(sentence)}**`,
    plain(summaryLine(run)),
    ...(problems.length === 0 ? [] : ['**There was a problem:**', ...problems.map(fenced)]),
    ...(details.length === 0 ? [] : [bullets(details)]),
    ...(metrics === undefined
      ? []
      : [
          `## ${plain(metrics.title)}`,
          table(
            metrics.head.map(plain),
            metrics.rows.map((row) => row.map(plain)),
          ),
        ]),
    ...(help.length === 0 ? [] : ['## What would help', bullets(help)]),
    ...(conformance === undefined ? [] : conformanceParts(conformance)),
    ...(setup.length === 0 ? [] : ['## How it was measured', pairs(setup)]),
    '## On what',
    pairs(facts(run)),
    'To repeat it:',
    fenced(repeatCommand(run)),
    '## What this verdict does not mean',
    bullets(limits),
  ]
}

const conformanceParts = ({ says, groups, counted, notes }: ConformanceText): readonly string[] => [
  '## Clauses, against the baseline',
  bullets([says, ...counted]),
  ...groups.flatMap(({ title, says: about, changes }) => [
    `### ${plain(title)}`,
    plain(about),
    ...changes.flatMap(change),
  ]),
  ...(notes.length === 0 ? [] : ['### What else differs from the baseline', bullets(notes)]),
]

const change = ({ hop, clause, binding, says, seen, lines }: ChangeText): readonly string[] => [
  `**${plain(clause)}** at **${plain(hop)}**`,
  `> ${plain(says)} (${plain(binding)})`,
  plain(seen),
  ...(lines.length === 0 ? [] : [fenced(lines.join('\n'))]),
]

const bullets = (sentences: readonly string[]): string => sentences.map((each) => `- ${plain(each)}`).join('\n')

const pairs = (all: readonly (readonly [term: string, value: string])[]): string =>
  all.map(([term, value]) => `- ${plain(term)}: ${plain(value)}`).join('\n')
