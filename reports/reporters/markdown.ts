import { answers, type Answer } from '../answer.ts'
import { caveats, premise } from '../words/caveats.ts'
import { chartDefinitions } from '../charts/definitions.ts'
import { facts } from '../words/facts.ts'
import { frameworkCosts } from '../frameworks.ts'
import { isolationMarkdown } from '../words/isolation-markdown.ts'
import { blamesMarkdown, conformanceMarkdown } from '../words/conformance-markdown.ts'
import { fenced, plain, table } from '../words/markdown-text.ts'
import { repeatsOf } from '../measures.ts'
import { allNames, candidates } from '../names.ts'
import { plural } from '../words/quantities.ts'
import type { Run } from '../run.ts'
import { advise } from '../words/sentences.ts'
import { repeatCommand } from '../words/commands.ts'
import { summaryLine } from '../words/heading.ts'
import {
  answerTitle,
  cgroupText,
  claims,
  frameworkText,
  intervalText,
  limitText,
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

const sections = (run: Run): readonly string[] => [
  '# Gateway Lab',
  plain(summaryLine(run)),
  `## Which ${candidates(run)[0]} for what`,
  answerTable(run),
  answers(run).length > 0 ? plain(premise(run)) : '',
  ...blamesMarkdown(run),
  ...problems(run),
  '## What each hop does to the specifications',
  ...conformanceMarkdown(run),
  '## The numbers, with their spread',
  claims(run).map(plain).join(' '),
  ...[...Map.groupBy(answers(run), (answer) => answer.workload)].flatMap(([of, found]) => workload(of, found)),
  ...frameworks(run),
  ...chartDefinitions(run).map(({ name, title, unit }) => `![${title}: ${unit}](${name}.png)`),
  ...isolationMarkdown(run),
  '## What was measured, and on what',
  facts(run)
    .map(([term, value]) => `- ${plain(term)}: ${plain(value)}`)
    .join('\n'),
  topologies(run),
  'To repeat it:',
  fenced(repeatCommand(run)),
  '## What these numbers do not mean',
  caveats(run)
    .map((caveat) => `- ${plain(caveat)}`)
    .join('\n'),
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
function workload({ title, says, connections, name }: Answer['workload'], found: readonly Answer[]): readonly string[] {
  const all = found.flatMap((answer) => answer.throughput.standings.map((standing) => ({ ...answer, standing })))
  const rows = all.map(({ rankings, limits, standing }) => {
    const repeats = repeatsOf(standing.result, name)
    const valid = repeats.filter(({ validity }) => validity.valid).length
    const cells = rankings.map((ranking) => {
      const own = ranking.standings.find((other) => other.name === standing.name)!
      const place = placeText(own, ranking)
      const instead = cgroupText(own, ranking.measure, repeats)
      const beside = instead === undefined ? '' : ` (${instead})`
      const spread = own.kind === 'missing' ? beside : ` (${intervalText(own.interval, ranking.measure)})`
      return plain(`${standingText(own, ranking.measure)}${spread}${place === '–' ? '' : `, place ${place}`}`)
    })
    const limit = repeats.length === 0 ? '–' : limitText(limits.get(standing.name)!)
    return [plain(standing.name), ...cells, repeats.length === 0 ? '–' : `${valid} of ${repeats.length}`, plain(limit)]
  })
  const head = ['Topology', ...found[0]!.rankings.map(({ measure }) => measure.title), 'Valid', 'What limited it']
  return [`### ${plain(title)}`, plain(`${says} ${plural(connections, 'connection')}.`), table(head, rows)]
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
