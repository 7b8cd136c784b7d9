import { answers, type Answer } from '../answer.ts'
import { caveats, premise } from '../words/caveats.ts'
import { chapterMarkdown } from '../words/chapter-markdown.ts'
import { capacityChapter } from '../words/capacity.ts'
import { curvesChapter } from '../words/curves.ts'
import { interpreterChapter } from '../words/interpreter.ts'
import { compared, comparesNothing, isStudyAlone } from '../extent.ts'
import { chartDefinitions } from '../charts/definitions.ts'
import { facts } from '../words/facts.ts'
import { frameworkCosts } from '../frameworks.ts'
import { isolationMarkdown } from '../words/isolation-markdown.ts'
import { blamesMarkdown, conformanceMarkdown } from '../words/conformance-markdown.ts'
import { gateText } from '../words/gate.ts'
import { gateMarkdown } from '../words/gate-markdown.ts'
import { fenced, plain, table } from '../words/markdown-text.ts'
import { planText } from '../words/plan.ts'
import { planMarkdown } from '../words/plan-markdown.ts'
import { repeatsOf } from '../measures.ts'
import { allNames, candidates } from '../names.ts'
import type { Run } from '../run.ts'
import { advise } from '../words/sentences.ts'
import { repeatCommand } from '../words/commands.ts'
import { summaryLine } from '../words/heading.ts'
import { claims } from '../words/claims.ts'
import { ratiosMarkdown } from '../words/ratios-markdown.ts'
import {
  answerTitle,
  cgroupText,
  frameworkText,
  intervalText,
  limitText,
  loadText,
  placeText,
  standingText,
} from '../words/wording.ts'
import type { Reporter } from './index.ts'

/** The report as text, for pull requests, step summaries and mail. */
const markdown: Reporter = {
  name: 'markdown',
  title: 'Report (Markdown)',
  render: async (run) => [{ name: 'report.md', content: `${sections(run).filter(Boolean).join('\n\n')}\n` }],
}
export default markdown

/** A run that is a study or a sweep alone begins with that, a gate with its verdict, a plan with its recommendation. */
function sections(run: Run): readonly string[] {
  const gate = gateText(run)
  if (gate !== undefined) return gateMarkdown(run, gate)
  const plan = planText(run)
  if (plan !== undefined) return planMarkdown(run, plan)
  const own = compared(run)
  const chapters = [capacityChapter(run), interpreterChapter(run), curvesChapter(run)].flatMap(chapterMarkdown)
  return [
    '# Gateway Lab',
    plain(summaryLine(run)),
    ...(own === run ? [] : chapters),
    ...(comparesNothing(run) ? [] : topologiesCompared(own)),
    ...(own === run ? [...numbers(run), ...chapters] : []),
    ...isolationMarkdown(run),
    '## What was measured, and on what',
    facts(run)
      .map(([term, value]) => `- ${plain(term)}: ${plain(value)}`)
      .join('\n'),
    ...(isStudyAlone(run) ? [] : [topologies(run)]),
    'To repeat it:',
    fenced(repeatCommand(run)),
    ...(comparesNothing(run)
      ? []
      : [
          '## What these numbers do not mean',
          caveats(run)
            .map((caveat) => `- ${plain(caveat)}`)
            .join('\n'),
        ]),
  ]
}

const topologiesCompared = (run: Run): readonly string[] => [
  `## Which ${candidates(run)[0]} for what`,
  answerTable(run),
  answers(run).length > 0 ? plain(premise(run)) : '',
  ...blamesMarkdown(run),
  ...problems(run),
  '## What each hop does to the specifications',
  ...conformanceMarkdown(run),
]

const numbers = (run: Run): readonly string[] => [
  '## The numbers, with their intervals',
  claims(run).map(plain).join(' '),
  ...[...Map.groupBy(answers(run), (answer) => answer.workload)].flatMap(([of, found]) => [
    ...workload(of, found),
    ...found.flatMap((answer) => ratiosMarkdown(run, answer)),
  ]),
  ...frameworks(run),
  ...chartDefinitions(run).map(({ name, title, unit }) => `![${title}: ${unit}](${name}.png)`),
]

function answerTable(run: Run): string {
  const rows = answers(run).map((answer) => {
    const { choose, why, also, sure, limit } = advise(run, answer)
    return [
      plain(answerTitle(answer.workload.title, answer)),
      `**${plain(choose)}**`,
      plain(`${why} ${also}`.trim()),
      plain(sure),
      plain(limit),
    ]
  })
  return rows.length === 0
    ? `This run holds no workload that compares ${candidates(run)[1]}.`
    : table(['Content', 'Choose', 'Why', 'How sure', 'What limited it'], rows)
}

function problems(run: Run): readonly string[] {
  return [...allNames(run)].flatMap(([{ problems: all }, name]) =>
    all.flatMap((problem) => [`**${plain(name)} had a problem:**`, fenced(problem)]),
  )
}

/** All results of a workload in one table, those of each runtime ranked among themselves. */
function workload(of: Answer['workload'], found: readonly Answer[]): readonly string[] {
  const { title, says, name } = of
  const all = found.flatMap((answer) => answer.throughput.standings.map((standing) => ({ ...answer, standing })))
  const rows = all.map(({ rankings, limits, standing }) => {
    const repeats = repeatsOf(standing.result, name)
    const valid = repeats.filter(({ validity }) => validity.valid).length
    const cells = rankings.map((ranking) => {
      const own = ranking.standings.find((other) => other.name === standing.name)!
      const place = placeText(own, ranking)
      const instead = cgroupText(own, ranking.measure, repeats)
      const beside = instead === undefined ? '' : ` (${instead})`
      const interval = own.kind === 'missing' ? beside : ` (${intervalText(own.interval, ranking.measure.format)})`
      return plain(`${standingText(own, ranking.measure)}${interval}${place === '–' ? '' : `, place ${place}`}`)
    })
    const limit = repeats.length === 0 ? '–' : limitText(limits.get(standing.name)!)
    return [plain(standing.name), ...cells, repeats.length === 0 ? '–' : `${valid} of ${repeats.length}`, plain(limit)]
  })
  const head = ['Topology', ...found[0]!.rankings.map(({ measure }) => measure.title), 'Valid', 'What limited it']
  return [`### ${plain(title)}`, plain(`${says} ${loadText(of)}.`), table(head, rows)]
}

function frameworks(run: Run): readonly string[] {
  const costs = frameworkCosts(run)
  if (costs.length === 0) return []
  const rows = costs.map((cost) => [plain(cost.name), plain(cost.framework), plain(frameworkText(cost))])
  return [
    '### What a framework costs over raw WSGI',
    table(['Topology', 'Framework', 'CPU per request in the app tier, against raw WSGI'], rows),
  ]
}

function topologies(run: Run): string {
  const rows = [...allNames(run)].map(([{ runtime, tiers }, name]) => [
    plain(name),
    plain(runtime),
    tiers.map(({ title, variant, version }) => plain(`${title} ${version} (${variant})`)).join(' → '),
  ])
  return rows.length === 0 ? 'No topology was brought up.' : table(['Topology', 'Runtime', 'Tiers'], rows)
}
