import type { Run } from '../run.ts'
import { summaryLine } from './heading.ts'
import { list } from './quantities.ts'

/** When, where, of what and by which lab the matrix was made, in one line. */
export const matrixLine = (run: Run): string =>
  [summaryLine(run), `lab ${run.host.lab}${run.commit === null ? '' : ` (${run.commit.slice(0, 10)})`}`].join(' · ')

/** What it means to judge an intermediary alone. */
export const aloneText =
  'Each server that stands in front of an application, between the lab’s own client and the lab’s own origin, which ' +
  'sends what no application could: every byte on both sides is known. A cache is judged as people get it and in the ' +
  'variant lab, in which nothing is kept longer than its response says, so that rules can be told apart.'

/** Every judged server with its version, in one sentence. */
export function versionsText({ results, alone = [] }: Run): string {
  const servers = [...results, ...alone]
    .filter(({ verdicts }) => verdicts.length > 0)
    .flatMap(({ tiers }) => tiers.map(({ title, version }) => `${title} ${version}`))
  return `Versions: ${list([...new Set(servers)])}.`
}
