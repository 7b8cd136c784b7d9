import { isolation } from '../isolation.ts'
import { measures } from '../measures.ts'
import type { Run } from '../run.ts'
import {
  besideRatioText,
  isolationPremise,
  markText,
  pairsText,
  pairText,
  ratioText,
  verdictText,
} from './isolation.ts'
import { plain, table } from './markdown-text.ts'

/** What isolation changes and costs, as a section of the Markdown report; empty for a run on one runtime. */
export function isolationMarkdown(run: Run): readonly string[] {
  const found = isolation(run)
  if (found === undefined) return []
  const differences = found.pairs.flatMap(({ name, differences: all }) =>
    all.map((difference) => [
      plain(name),
      `\`${difference.native.clause.replaceAll('`', '')}\``,
      plain(`${difference.release.title} (${difference.release.role})`),
      plain(verdictText(difference.native, difference.release.native)),
      plain(verdictText(difference.docker, difference.release.docker)),
      plain(markText(difference)),
    ]),
  )
  const costs = found.pairs.flatMap(({ name, workloads }) =>
    workloads.map((of) => [
      plain(name),
      plain(of.workload.title),
      ...of.costs.map((cost) => plain([ratioText(cost), besideRatioText(cost, of)].filter(Boolean).join(': '))),
      plain(pairsText(of)),
    ]),
  )
  const verdictHead = ['Topology', 'Clause', 'Hop', 'Native', 'Docker', 'What it can come from']
  const costHead = ['Topology', 'Workload', ...measures.map(({ title }) => title), 'Pairs']
  return [
    '## Native against containers',
    isolationPremise(found).map(plain).join(' '),
    found.pairs.map((pair) => `- **${plain(pair.name)}**: ${plain(pairText(pair))}`).join('\n'),
    ...(differences.length > 0 ? ['### Verdicts that differ', table(verdictHead, differences)] : []),
    ...(costs.length > 0 ? ['### What containers cost, docker over native', table(costHead, costs)] : []),
  ]
}
