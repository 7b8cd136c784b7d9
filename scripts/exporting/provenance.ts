import type { Planned } from '../../reports/planning/planned.ts'
import type { Run } from '../../reports/run.ts'
import type { ChosenTopology } from './chosen-topology.ts'
import {
  about,
  machinesText,
  memoryText,
  milliseconds,
  rateText,
  titleOf,
  workersText,
} from '../../reports/words/plan-figures.ts'

/** Where an export's figures come from, what they are, and what they are worth: a line each, for a comment. */
export function provenance(
  run: Run,
  { demand, rate, validation }: Planned,
  { result, name, size }: ChosenTopology,
  command: string,
): readonly string[] {
  const app = size.tiers.find(({ role }) => role === 'app')
  const perWorker = app && app.memoryBytes > 0 ? ` (${memoryText(app.memoryBytes / size.workers)} for each worker)` : ''
  const tiers = size.tiers.map(
    (tier) =>
      `${titleOf(result, tier)} ${about(tier.cores)} cores, ${memoryText(tier.memoryBytes)}${tier.role === 'app' ? perWorker : ''}`,
  )
  const versions = result.tiers.map(({ title, version }) => `${title} ${version}`)
  return [
    `Planned by Gateway Lab: topology ${name}, from run ${run.id} (${run.startedAt.slice(0, 10)}).`,
    `For ${rateText(rate)} at the peak with a 99th percentile of at most ${milliseconds(demand.p99)}: machines: ${machinesText(size)}, of which spare: ${demand.spare}.`,
    `Each machine then answers ${rateText(size.rate)} with ${workersText(size)}; predicted: median ${milliseconds(size.p50)}, 99th percentile ${milliseconds(size.p99)}.`,
    `Each machine then uses: ${tiers.join('; ')}.`,
    `Measured on ${run.host.cpu} (${run.host.os}; ${versions.join(', ')}): on other machines and versions measure again.`,
    validationLine(validation),
    `Made by: ${command}`,
  ].map((line) => line.replaceAll('\u00a0', ' '))
}

function validationLine({ throughput, p50, holds }: Planned['validation']): string {
  if (!throughput || !p50) return 'The model was not checked against loads that it does not know.'
  const errors = `throughput ${about(throughput.median * 100)} % off (median; worst ${about(throughput.worst * 100)} %), median latency ${about(p50.median * 100)} %`
  return holds
    ? `The model was checked at loads that it does not know: ${errors}.`
    : `THE MODEL MISSED what was measured at loads that it does not know: ${errors}. Take these figures as rough.`
}

/** Lines as a comment; `sign` begins each. */
export const commented = (sign: string, lines: readonly string[]): string =>
  lines.map((line) => `${sign} ${line}`).join('\n')

/** Lines as a comment of HTML and Markdown. */
export const htmlComment = (lines: readonly string[]): string =>
  `<!--\n${lines.join('\n').replaceAll('-->', '-- >')}\n-->`
