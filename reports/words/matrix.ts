import type { Run } from '../run.ts'
import { summaryLine } from './heading.ts'
import { list } from './quantities.ts'

/** When, where, of what and by which lab the matrix was made, in one line. */
export const matrixLine = (run: Run): string =>
  [summaryLine(run), `lab ${run.host.lab}${run.commit === null ? '' : ` (${run.commit.slice(0, 10)})`}`].join(' · ')

/** Every judged server with its version, in one sentence. */
export function versionsText({ results }: Run): string {
  const servers = results
    .filter(({ verdicts }) => verdicts.length > 0)
    .flatMap(({ tiers }) => tiers.map(({ title, version }) => `${title} ${version}`))
  return `Versions: ${list([...new Set(servers)])}.`
}
