import type { Difference, Isolated, Isolation, Release } from '../isolation.ts'
import type { BringUpCost, Cost, WorkloadCost } from '../isolation-cost.ts'
import { cpu, throughput, type Measure } from '../measures.ts'
import { fewestRepeats, smallestDifference, type Interval } from '../statistics.ts'
import { list, number, plural, times } from './quantities.ts'
import { intervalText, ratioIntervalText } from './wording.ts'
import type { Verdict } from '../run.ts'

type Agreement = Pick<Isolated, 'differences' | 'agreeing' | 'undecided' | 'oneSided'>

/** What a reader must know before the comparison's figures. */
export function isolationPremise({ pairs, alone }: Isolation): readonly string[] {
  if (pairs.length === 0) return [`Nothing can be compared. ${unpaired(alone)}`]
  const up = pairs.filter(({ bringUp }) => bringUp !== undefined)
  const origins = new Set(up.map(({ native, docker }) => `native: ${native.origin}; docker: ${docker.origin}`))
  const bridged = pairs.some(({ docker }) => docker.network === 'bridge')
  const away = Math.round((smallestDifference - 1) * 100)
  return [
    'The same topologies, with the same servers in the same variants, once native and once in containers. A verdict is a clause at one hop. A ratio is docker over native: the median over pairs of the same repeat, valid on both, with its 99 % interval.',
    ...(pairs.some(isMeasured)
      ? [
          `A ratio needs ${fewestRepeats} pairs. It is told from 1 when its interval does not hold 1 and it is at least ${away} % away from it; one that is 1 in truth looks so in about 1 of 100 cases, by chance alone: among many ratios some will.`,
        ]
      : []),
    ...(bridged
      ? [
          'In containers the servers have a private network, and the load comes from a container in it: that is part of what is called isolation here.',
        ]
      : []),
    ...[...origins].map(
      (origin) =>
        `Python and the operating system come with the servers’ origin and may differ where versions agree (${origin}).`,
    ),
    ...(alone.length > 0 ? [unpaired(alone)] : []),
  ]
}

const unpaired = (alone: readonly string[]): string =>
  `Without a counterpart that has the same servers: ${list(alone)}.`

/** How the verdicts of a topology, or of several, compare: one sentence without its full stop. */
function agreementText({ differences, agreeing, undecided, oneSided }: Agreement): string {
  const judged = agreeing + differences.length
  const explained = differences.filter(({ mark }) => mark === 'versions differ').length
  const kinds = [
    ...(explained > 0 ? [`${explained} where versions differ`] : []),
    ...(differences.length > explained
      ? [`${differences.length - explained} with the same versions (isolation itself, or chance)`]
      : []),
  ]
  const rest = [
    ...(undecided > 0 ? [`${undecided} could be decided on neither`] : []),
    ...(oneSided > 0 ? [`${oneSided} exist on one of them only`] : []),
  ]
  const first =
    judged + undecided + oneSided === 0
      ? 'no clause was judged'
      : judged === 0
        ? 'no clause was decided on both'
        : differences.length === 0
          ? `all ${plural(judged, 'verdict')} agree`
          : `${agreeing} of ${plural(judged, 'verdict')} agree, others differ: ${list(kinds)}`
  return [first, ...rest].join('; ')
}

/** What a topology's ratios are the cost of, in one sentence without its full stop. */
function versionsText(pair: Isolated): string {
  const other = pair.releases.filter(({ same }) => !same)
  const versions =
    other.length === 0 ? 'the tiers’ versions agree' : `versions differ (${list(other.map(releaseText))})`
  if (!isMeasured(pair)) return versions
  const together = other.length === 0 ? '' : ' and of other versions together'
  return `${versions}, so its ratios are the cost of isolation${together}`
}

const isMeasured = ({ workloads }: Isolated): boolean => workloads.length > 0

const releaseText = ({ title, native, docker }: Release): string =>
  `${title} ${native || 'unknown'} native, ${docker || 'unknown'} in docker`

/** What a difference between verdicts can come from. */
export function markText({ mark, otherVersions, native, docker }: Difference): string {
  const from =
    mark === 'same versions' ? 'unexplained, so isolation itself, or chance' : list(otherVersions.map(releaseText))
  const broke = native.outcome === 'error' || docker.outcome === 'error'
  return `${mark}: ${from}${broke ? '; an experiment broke, which is held against nobody' : ''}`
}

/** A verdict with the version of its server and what was seen. */
export const verdictText = ({ outcome, because }: Verdict, version: string): string =>
  `${outcome} (${version || 'version unknown'})${because === undefined ? '' : `: ${because}`}`

/** All that is said of a topology before its tables. */
export function pairText(pair: Isolated): string {
  const { bringUp, native, docker } = pair
  if (bringUp === undefined) {
    const down = [native, docker].filter(({ bringUpSeconds }) => bringUpSeconds.length === 0)
    return `It did not come up on ${list(down.map(({ runtime }) => runtime))}: nothing to compare.`
  }
  return [agreementText(pair), versionsText(pair), bringUpText(bringUp)]
    .map((sentence) => `${sentence[0]!.toUpperCase()}${sentence.slice(1)}.`)
    .join(' ')
}

/** How much longer it takes to come up. */
function bringUpText({ native, docker, intervals, starts, ratio, told }: BringUpCost): string {
  const seconds = (value: number): string => `${number(value)} s`
  const side = (runtime: string, median: number, interval: Interval | undefined, of: number): string =>
    `${runtime} ${seconds(median)} (${of === 1 ? 'one start' : `${plural(of, 'start')}, ${intervalText(interval, seconds)}`})`
  const longer = ratio === undefined ? '' : ` ${times(ratio.ratio)} (${ratioIntervalText(ratio)})`
  const medians = `${side('docker', docker, intervals[1], starts[1])}, ${side('native', native, intervals[0], starts[0])}`
  return `bring-up${longer}: ${medians}${told ? '' : ', not told apart'}`
}

/** How many pairs a workload has, and why not more. */
export function pairsText({ pairs, repeats, because }: WorkloadCost): string {
  if (pairs === repeats) return String(pairs)
  return `${pairs} of ${repeats}: ${because.length > 0 ? because.join('; ') : 'not every repeat was made on both'}`
}

/** One ratio, `0.91×`; without enough pairs there is none. */
export const ratioText = ({ ratio }: Cost): string => (ratio === undefined ? 'not compared' : times(ratio.ratio))

/** What must stand beside a ratio: its interval, its pairs where the workload has more, and whether it says anything. */
export function besideRatioText({ ratio, pairs }: Cost, of: WorkloadCost): string {
  const fewer = pairs < of.pairs ? [pairs === 0 ? 'not known on both' : `known in ${plural(pairs, 'pair')} only`] : []
  if (ratio === undefined) return of.pairs < fewestRepeats ? '' : fewer.join('')
  return [ratioIntervalText(ratio), ...fewer, ...(ratio.told ? [] : ['not told from 1'])].join(', ')
}

/** The comparison in two lines. */
export function isolationInShort({ pairs, alone }: Isolation): readonly string[] {
  if (pairs.length === 0) return [`Native against containers: ${unpaired(alone)}`]
  const sum = (of: (pair: Isolated) => number): number => pairs.reduce((total, pair) => total + of(pair), 0)
  const verdicts = {
    differences: pairs.flatMap((pair) => pair.differences),
    agreeing: sum((pair) => pair.agreeing),
    undecided: sum((pair) => pair.undecided),
    oneSided: sum((pair) => pair.oneSided),
  }
  const other = pairs.some(({ releases }) => releases.some(({ same }) => !same))
  return [
    `Native against containers, ${plural(pairs.length, 'topology', 'topologies')}: ${agreementText(verdicts)}.`,
    ...(!pairs.some(isMeasured)
      ? []
      : [
          `Docker over native (the cost of isolation${other ? ', and of other versions where these differ' : ''}): throughput ${toldText(pairs, throughput)}; CPU per request ${toldText(pairs, cpu)}.`,
        ]),
  ]
}

function toldText(pairs: readonly Isolated[], measure: Measure): string {
  const all = ratios(pairs).filter((cost) => cost.measure === measure)
  const told = all.flatMap(({ ratio }) => (ratio?.told ? [ratio.ratio] : []))
  if (all.length === 0) return `not compared, nothing has ${fewestRepeats} pairs`
  if (told.length === 0) return `not told from 1 in any of ${plural(all.length, 'comparison')}`
  const range = [...new Set([times(Math.min(...told)), times(Math.max(...told))])].join(' to ')
  return `${range} in ${told.length} of ${plural(all.length, 'comparison')}${told.length < all.length ? ', else not told from 1' : ''}`
}

const ratios = (pairs: readonly Isolated[]): readonly Cost[] =>
  pairs.flatMap(({ workloads }) => workloads.flatMap(({ costs }) => costs.filter(({ ratio }) => ratio !== undefined)))
