import { allSummaries, summaryText } from '../conformance.ts'
import { answers } from '../answer.ts'
import { compared } from '../extent.ts'
import { allNames } from '../names.ts'
import type { Run } from '../run.ts'
import { repeatCommand } from '../words/commands.ts'
import { gateText, type GateText } from '../words/gate.ts'
import type { ChangeText, ConformanceText } from '../words/gate-conformance.ts'
import { machineText, summaryLine } from '../words/heading.ts'
import { fenced, plain, table } from '../words/markdown-text.ts'
import { advise } from '../words/sentences.ts'
import { shortened } from '../words/visible.ts'
import { curvesInShort } from '../words/curves.ts'
import { studyInShort } from '../words/interpreter.ts'
import { planText, type PlanText } from '../words/plan.ts'
import { sizesMarkdown } from '../words/plan-markdown.ts'
import { plural } from '../words/quantities.ts'
import { answerTitle } from '../words/wording.ts'

/** A little less than the 1 MiB that GitHub takes for a step; of a summary that is larger it shows nothing at all. */
export const mostSummaryBytes = 1_000_000

/** What one server may say of one clause. */
const mostCharacters = 2000

/**
 * A run as Markdown for `$GITHUB_STEP_SUMMARY`, of at most so many bytes: what does not fit is left out from the end, and
 * a sentence says so. Undefined where not even the beginning fits.
 */
export function stepSummary(run: Run, bytes = mostSummaryBytes): string | undefined {
  const gate = gateText(run)
  const plan = planText(run)
  const [first, ...parts] = gate ? gateParts(run, gate) : plan ? planParts(run, plan) : runParts(run)
  const end = ['To repeat it:', fenced(repeatCommand(run))].join('\n\n')
  return fitted(first!, parts, end, bytes)
}

/** The first part, as many of the others as there is room for, and the end. */
function fitted(first: string, parts: readonly string[], end: string, bytes: number): string | undefined {
  const cut = (left: number): string =>
    `Cut here, because GitHub takes no longer summary: ${plural(left, 'part')} more in report.html.`
  // Each part is followed by two line feeds or, the last one, by one.
  const size = (part: string): number => Buffer.byteLength(part) + 2
  const room = bytes - size(first) - size(end) - size(cut(parts.length))
  if (room < 0) return undefined
  let taken = 0
  const beyond = parts.findIndex((part) => {
    taken += size(part)
    return taken > room
  })
  const fit = beyond === -1 ? parts.length : beyond
  const shown = fit === parts.length ? parts : [...parts.slice(0, fit), cut(parts.length - fit)]
  return `${[first, ...shown, end].join('\n\n')}\n`
}

function gateParts(run: Run, gate: GateText): readonly string[] {
  const { sentence, details, help, metrics, conformance, setup } = gate
  return [
    `## Gateway Lab\n\n**${plain(sentence)}**`,
    ...(metrics === undefined ? [] : [tableOf(metrics.head, metrics.rows)]),
    ...bullets(details),
    ...(help.length === 0 ? [] : ['### What would help', ...bullets(help)]),
    ...problemParts(run),
    ...(conformance === undefined ? [] : conformanceParts(conformance)),
    '### What was gated, and on what',
    ...bullets([...setup.map(([term, value]) => `${term}: ${value}`), `Machine: ${machineText(run)}`]),
  ]
}

function conformanceParts({ says, groups, counted, notes }: ConformanceText): readonly string[] {
  return [
    ...groups.flatMap((group) => [`### ${plain(group.title)}`, plain(group.says), ...group.changes.map(changePart)]),
    '### Compared with the baseline',
    ...bullets([says, ...counted, ...notes]),
  ]
}

function changePart({ hop, clause, binding, says, seen, lines }: ChangeText): string {
  const cut = (text: string): string => plain(shortened(text, mostCharacters))
  const head = `- **${plain(clause)}** at ${plain(hop)}. ${plain(binding)}: “${cut(says)}”${seen === '' ? '' : ` Seen: ${cut(seen)}`}`
  return lines.length === 0 ? head : `${head}\n\n${indented(fenced(shortened(lines.join('\n'), mostCharacters)))}`
}

/** As a part of the list's item before it. */
const indented = (block: string): string => block.replace(/^/gm, '  ')

/** A plan in short: what to take, the table, how sure that is. */
const planParts = (run: Run, plan: PlanText): readonly string[] => [
  `## Gateway Lab\n\n**${plain(plan.distrust ?? plan.recommendation)}**`,
  ...(plan.distrust === undefined ? [] : [plain(plan.recommendation)]),
  ...(plan.caution === undefined ? [] : [`**${plain(plan.caution)}**`]),
  plain(plan.demand),
  ...(plan.sizes.rows.length === 0 ? [] : [sizesMarkdown(plan.sizes)]),
  plain(plan.check),
  ...problemParts(run),
  plain(summaryLine(run)),
]

/** An ordinary run in short: what to choose, what the hops do to the rules, what went wrong. */
function runParts(run: Run): readonly string[] {
  const own = compared(run)
  const rows = answers(own).map((answer) => {
    const { choose, why, sure } = advise(own, answer)
    return [answerTitle(answer.workload.title, answer), choose, why, sure]
  })
  const judged = allSummaries(run).map((each) => `${each.name}: ${summaryText(each)}.`)
  return [
    `## Gateway Lab\n\n${plain(summaryLine(run))}`,
    ...(rows.length === 0 ? [] : [tableOf(['Content', 'Choose', 'Why', 'How sure'], rows)]),
    ...bullets([...studyInShort(run), ...curvesInShort(run)]),
    ...problemParts(run),
    ...bullets(judged),
  ]
}

const problemParts = (run: Run): readonly string[] =>
  [...allNames(run)].flatMap(([{ problems }, name]) =>
    problems.map((problem) => `**${plain(name)} had a problem:**\n\n${fenced(shortened(problem, mostCharacters))}`),
  )

const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  table(
    head.map(plain),
    rows.map((row) => row.map(plain)),
  )

/** One part, so that it is left out as a whole; none where there is nothing to list. */
const bullets = (sentences: readonly string[]): readonly string[] =>
  sentences.length === 0 ? [] : [sentences.map((each) => `- ${plain(each)}`).join('\n')]
