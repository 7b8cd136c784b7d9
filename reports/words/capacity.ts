import { capacities, timesAsMuch, type Capacity, type Highest } from '../capacity.ts'
import type { Figure } from '../figures.ts'
import type { Run, Slo } from '../run.ts'
import { smallestDifference } from '../statistics.ts'
import { chapterInShort, type Chapter, type ChapterPart } from './chapter.ts'
import { list, microseconds, milliseconds, number, percent, perSecond, plural, times } from './quantities.ts'
import { intervalText } from './wording.ts'

/** What searches for capacity found, as a chapter; undefined for a run without them. */
export function capacityChapter(run: Run): Chapter | undefined {
  if (run.capacity === undefined) return undefined
  const all = capacities(run)
  const { slo } = run.capacity
  return {
    id: 'capacity',
    title: 'How much does each topology bear?',
    inShort: 'Capacity',
    problems: run.results.flatMap(({ topology, problems }) =>
      problems.map((problem) => `${topology}: ${problem.split('\n', 1)[0]!}`),
    ),
    parts: all.length === 0 ? [] : [curvePart(run, slo, all), edgePart(run, all)],
    limitsTitle: 'What these rates do not mean',
    limits: limits(run, slo, all),
  }
}

/** The answers of a search for a terminal. */
export const capacityInShort = (run: Run): readonly string[] => chapterInShort(capacityChapter(run))

/** `p99`, `p99.9` */
export const percentileText = (percentile: Slo['limits'][number]['percentile']): string =>
  percentile === 'p999' ? 'p99.9' : percentile

const shares = {
  p50: 'half of all answers',
  p90: '9 of 10 answers',
  p99: '99 of 100 answers',
  p999: '999 of 1000 answers',
}

/** The highest percentile of an objective in words: `99 of 100 answers`. */
export const shareText = ({ limits }: Slo): string => shares[limits.at(-1)!.percentile]

/** A limit as it was written: `200 ms`. */
export const limitText = (limit: number): string => `${Number(limit.toPrecision(6))}\u00a0ms`

/** `half of all answers within 20 ms, 99 of 100 answers within 200 ms and at most 0.1 % wrong` */
function objectiveText({ limits, errors }: Slo): string {
  const within = limits.map((limit) => `${shares[limit.percentile]} within ${limitText(limit.milliseconds)}`)
  return list([...within, `at most ${Number((errors * 100).toPrecision(3))}\u00a0% wrong`])
}

/** Why nothing can be concluded: every topology keeps the objective at no rate, or nothing is known; undefined where some is. */
export function capacityOpen(run: Run): string | undefined {
  if (run.capacity === undefined) return undefined
  const all = capacities(run)
  if (all.some(({ max }) => max.kind === 'found' || max.kind === 'atLeast')) return undefined
  const texts = all.map((each) => maxText(each, run.capacity!.slo))
  return texts.length === 0 ? 'Nothing was searched.' : texts.join('\n')
}

function curvePart(run: Run, slo: Slo, all: readonly Capacity[]): ChapterPart {
  const percentile = percentileText(slo.limits.at(-1)!.percentile)
  return {
    id: 'capacity-curve',
    title: `How long ${shareText(slo)} take, as the rate grows`,
    answers: [...all.map((each) => maxText(each, slo)), ...comparisons(all)],
    says: all.flatMap((each) => (each.max.kind === 'found' ? [`${edgeText(run, each)} ${repeatText(each)}`] : [])),
    charts: ['capacity'],
    table: {
      title: 'Rate by rate',
      head: ['Topology', 'Asked for', 'Answered', percentile, 'CPU in use', 'Kept'],
      rows: all.flatMap(({ name, points }) =>
        points.map(({ rate, throughput, latency, utilization, kept, of }) => [
          name,
          perSecond(rate),
          perSecond(throughput),
          latency === undefined ? '–' : figureText(latency, milliseconds),
          percent(utilization),
          `${kept} of ${of}`,
        ]),
      ),
    },
  }
}

function edgePart(run: Run, all: readonly Capacity[]): ChapterPart {
  const { slo, limits } = run.capacity!
  // The loosest is the objective's own, which may have further ones.
  const tighter = slo.limits.length === 1 ? limits.slice(0, -1) : limits
  const percentile = percentileText(slo.limits.at(-1)!.percentile)
  return {
    id: 'capacity-limits',
    title: 'What tighter limits leave of it',
    answers: [],
    says: [
      `The critical rate is the geometric mean of the highest rates at which ${shareText(slo)} take at most ${list(limits.map(limitText))}: it falls where answers become slow long before the limit.`,
    ],
    charts: [],
    table: {
      title: 'The highest rates',
      head: [
        'Topology',
        'Objective',
        'Critical',
        ...tighter.map((limit) => `${percentile} ≤ ${limitText(limit)}`),
        'CPU in use',
        'CPU per request',
        'No step broke it up to',
        'As found',
        'Steps',
      ],
      rows: all.map((each) => [
        each.name,
        highestText(each.max),
        each.critical === undefined ? 'unknown' : figureText(each.critical, perSecond),
        ...each.limits.slice(0, tighter.length).map(({ highest }) => highestText(highest)),
        each.edge === undefined ? '–' : percent(each.edge.utilization),
        each.edge === undefined ? '–' : costText(each),
        each.alwaysKept === undefined ? '–' : perSecond(each.alwaysKept),
        each.max.kind === 'found' ? list(each.max.asFound.map(perSecond)) : '–',
        `${each.steps}${each.disturbed > 0 ? `, ${each.disturbed} of them disturbed` : ''}`,
      ]),
    },
  }
}

/** A figure with its interval, which is left out where there is none and where nothing varied. */
function figureText({ middle, interval }: Figure, format: (value: number) => string): string {
  const varies = interval !== undefined && format(interval.low) !== format(interval.high)
  return varies ? `${format(middle)} (${intervalText(interval, format)})` : format(middle)
}

function highestText(highest: Highest): string {
  switch (highest.kind) {
    case 'found':
      return figureText(highest.rate, perSecond)
    case 'atLeast':
      return `at least ${perSecond(highest.rate)}`
    case 'never':
      return 'at no rate'
    case 'unknown':
      return 'unknown'
  }
}

/** What a topology bears, in a sentence. */
function maxText({ name, max, critical, isWithoutApplication, disturbed, steps }: Capacity, slo: Slo): string {
  const without = isWithoutApplication
    ? ' Nearly all of it is answered without the application, out of a cache or from files.'
    : ''
  switch (max.kind) {
    case 'found':
      return `${name} bears ${figureText(max.rate, perSecond)} with ${objectiveText(slo)}${critical === undefined ? '' : `; its critical rate, with tighter limits as well, is ${perSecond(critical.middle)}`}.${without}`
    case 'atLeast':
      return `${name} bears at least ${perSecond(max.rate)} with ${objectiveText(slo)}: more could not be asked for, because the generator had no CPU time left, or the search was cut short.${without}`
    case 'never':
      return `${name} keeps ${objectiveText(slo)} at no rate: not even at ${perSecond(max.rate)}, where hardly any request waits for another. The limit is below what an answer takes by itself, or answers are wrong.`
    case 'unknown':
      return `${name}: not known, because others used the CPUs in ${disturbed} of ${plural(steps, 'step')}. Search again when the machine is quieter.`
  }
}

/** Neighbours in the order of what they bear, as far as they are told apart. */
function comparisons(all: readonly Capacity[]): readonly string[] {
  const found = all
    .flatMap((each) => (each.max.kind === 'found' ? [{ each, rate: each.max.rate.middle }] : []))
    .sort((a, b) => b.rate - a.rate)
    .map(({ each }) => each)
  if (found.length < 2) return []
  const sentences = found.slice(0, -1).map((one, index) => {
    const other = found[index + 1]!
    const ratio = timesAsMuch(one, other)
    return ratio === undefined
      ? `${one.name} and ${other.name} are not told apart: their intervals overlap, they differ by less than ${percent(smallestDifference - 1)}, or each was searched only once`
      : `${one.name} bears ${times(ratio).slice(0, -1)} times as much as ${other.name}`
  })
  return sentences.map((sentence) => `${sentence}.`)
}

/** What the CPUs did at the edge. */
function edgeText(run: Run, each: Capacity): string {
  if (each.edge === undefined) return ''
  const { utilization } = each.edge
  const there = `${each.name}: around its highest rate the servers used ${percent(utilization)} of their CPU time`
  if (each.isNormalised) return `${there}, ${costText(each)} for each request.`
  return `${there}: it is not CPU time that limits it, but how many requests are worked on at a time (${plural(run.workersPerServer, 'worker')} of ${plural(run.threadsPerWorker, 'thread')}), locks or waiting.`
}

function costText({ edge, result }: Capacity): string {
  const parts = result.tiers.map(({ role, title }) => ({ title, cost: edge!.cpu[role] ?? 0 }))
  const total = microseconds(parts.reduce((sum, { cost }) => sum + cost, 0))
  return parts.length === 1
    ? total
    : `${total} (${parts.map(({ title, cost }) => `${title} ${microseconds(cost)}`).join(', ')})`
}

/** How far the searches agree. */
function repeatText({ max, isNormalised, searches }: Capacity): string {
  if (max.kind !== 'found') return ''
  const { asFound, atAverage } = max
  if (asFound.length < 2)
    return 'It is from one search, so that what changes from start to start is not in the interval.'
  const apart = (rates: readonly number[]): string => times(Math.max(...rates) / Math.min(...rates))
  const left = asFound.length < searches ? ` of ${searches} searches` : ''
  return `As they were found, its rates were ${list(asFound.map(perSecond))}${left}, ${apart(asFound)} apart${isNormalised ? `; brought to the machine’s average speed, ${apart(atAverage)}` : ''}.`
}

function limits(run: Run, slo: Slo, all: readonly Capacity[]): readonly string[] {
  return [
    `A step keeps the objective when ${shareText(slo)} and the other percentiles are in time, counted from when each request was due, no more requests go wrong than allowed, and no more than 2 % of the requests are left over at its end, as a longer step would leave more and more. At the highest rate half of the steps keep it and half do not (logistic regression over all steps); the table says up to where no step broke it. Plan with less.`,
    ...(all.some(({ isNormalised }) => isNormalised)
      ? [
          'The machine is now faster and now slower. Where CPU time is what limits, each search’s rates are multiplied by its CPU time per request and divided by the median of that over all searches: rates at the average speed that the machine had meanwhile. The intervals hold what searches differ by then; all topologies took turns, so that they met the same machine. Searched at another time, all rates may be higher or lower together, by as much as they differ as found.',
        ]
      : []),
    run.repeats > 1
      ? 'Intervals are 95 % ones, from one search to the next, each with fresh servers.'
      : 'Intervals are 95 % ones, from the steps of one search drawn anew: what changes from one start of the servers to the next is not in them.',
    `Steps are of ${number(run.secondsPerMeasurement)} s or a little longer. What happens once in a minute, or only after hours, is not in them.`,
    `Requests come from one client on this machine, at moments that chance places within equal turns. Real arrivals come in bunches, which takes away from every rate.`,
    ...(all.some(({ result }) => result.tiers.some(({ role }) => role === 'cache'))
      ? [
          'A cache answers what it may keep, and what was asked for again and again it nearly always has. Your visitors ask for more different things: ask for what they do, as often as they do (--har), or for what no cache may keep.',
        ]
      : []),
    `Every rate holds for ${plural(run.placement.services.length, 'CPU')} of this machine, with ${plural(run.workersPerServer, 'worker')} of ${plural(run.threadsPerWorker, 'thread')}, over loopback.`,
  ]
}
