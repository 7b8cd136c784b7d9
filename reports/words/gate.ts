import { effectsOf, sideMedian, verdictOf, type Effect, type GateVerdict } from '../gate.ts'
import { allNames } from '../names.ts'
import { gatedMetrics, type Duet, type Gate, type GatedMetric, type GateSide, type Run } from '../run.ts'
import type { ChapterTable } from './chapter.ts'
import { comparedText, conformanceText, kindsOf, unkept, type ConformanceText } from './gate-conformance.ts'
import {
  changeOf,
  metricFormats,
  metricNames,
  share,
  shareBeside,
  signed,
  signedInterval,
  tolerated,
  worsening,
} from './gate-figures.ts'
import { helpOf, openBecause } from './gate-help.ts'
import { gateLimits } from './gate-limits.ts'
import { list, number, plural } from './quantities.ts'

/** A gate in words, before it becomes a page, Markdown or a terminal's text. */
export interface GateText {
  readonly verdict: GateVerdict
  /** The verdict with what it rests on: the first line of every report. */
  readonly sentence: string
  /** What is inconclusive beside a breach, each as a sentence. */
  readonly details: readonly string[]
  /** What would help where it is inconclusive. */
  readonly help: readonly string[]
  /** A row for each gated metric; undefined where nothing was measured. */
  readonly metrics: ChapterTable | undefined
  /** How it was measured, as pairs of term and value. */
  readonly setup: readonly (readonly [term: string, value: string])[]
  readonly conformance: ConformanceText | undefined
  /** What went wrong while clauses were judged. */
  readonly problems: readonly string[]
  readonly limits: readonly string[]
}

/** What a run's gate found, in words; undefined for a run without one. */
export function gateText(run: Run): GateText | undefined {
  const { gate } = run
  if (gate === undefined) return undefined
  const effects = gate.duet === undefined ? [] : effectsOf(gate.duet)
  return {
    verdict: verdictOf(gate),
    sentence: verdictSentence(run),
    details: details(gate, effects),
    help: gate.duet === undefined ? [] : helpOf(gate.duet, effects),
    metrics: gate.duet === undefined || effects.length === 0 ? undefined : metricsTable(gate.duet, effects),
    setup: gate.duet === undefined ? [] : setup(gate.duet),
    conformance: gate.conformance === undefined ? undefined : conformanceText(gate.conformance),
    problems: [...allNames(run)].flatMap(([result, name]) => result.problems.map((problem) => `${name}: ${problem}`)),
    limits: gateLimits(gate),
  }
}

/** The verdict in one sentence; empty for a run without a gate. A gate that was cut short says so first. */
export function verdictSentence({ gate, finishedAt }: Run): string {
  if (gate === undefined) return ''
  const effects = gate.duet === undefined ? [] : effectsOf(gate.duet)
  const sentence = { breach, inconclusive, pass }[verdictOf(gate)](gate, effects)
  return finishedAt === undefined ? `Unfinished, so nothing is decided; so far: ${sentence}` : sentence
}

function breach({ conformance }: Gate, effects: readonly Effect[]): string {
  const broken = kindsOf(conformance, 'breach')
  const worse = effects.filter(({ verdict }) => verdict === 'breach')
  const metrics = worse.map((effect) => `${changeOf(effect)}, more than the ${tolerated(effect)} that are tolerated`)
  const repeated = worse.length === 0 ? '' : `; the repeat confirmed ${worse.length === 1 ? 'it' : 'each'}`
  return `Breach: ${[...(broken.length === 0 ? [] : [unkept(broken)]), ...metrics].join(', and ')}${repeated}.`
}

function inconclusive({ conformance }: Gate, effects: readonly Effect[]): string {
  const open = effects.filter(({ verdict }) => verdict === 'inconclusive')
  const undecided = kindsOf(conformance, 'undecided')
  const metrics = open.map((effect) => `${metricNames[effect.metric]}, because ${openBecause(effect)}`)
  const clauses =
    undecided.length === 0
      ? []
      : [
          `${plural(undecided.length, 'clause')}, because what became of ${undecided.length === 1 ? 'it' : 'them'} cannot be told`,
        ]
  return `Inconclusive: this gate cannot decide about ${[...clauses, ...metrics].join('; about ')}.`
}

function pass({ conformance, duet }: Gate, effects: readonly Effect[]): string {
  const kept = conformance === undefined ? [] : [comparedText(conformance)]
  const names = list(effects.map(({ metric }) => metricNames[metric]))
  const seen = list(
    effects.map(
      ({ metric, smallestDetectable }) =>
        `a ${worsening(metric)} of ${share(smallestDetectable ?? 0)} or more${effects.length === 1 ? '' : ` in ${metricNames[metric]}`}`,
    ),
  )
  const measured =
    effects.length > 0
      ? [
          `${names} changed for the worse by no more than is tolerated; ${seen} would have been told from none in 95 of 100 such gates`,
        ]
      : duet === undefined
        ? []
        : ['no metric is gated']
  const all = [...kept, ...measured]
  return `Pass: ${all.length === 0 ? 'nothing was gated' : list(all)}.`
}

/** What is open beside a breach, which the verdict's sentence is about. */
function details(gate: Gate, effects: readonly Effect[]): readonly string[] {
  if (verdictOf(gate) !== 'breach') return []
  return effects
    .filter(({ verdict }) => verdict === 'inconclusive')
    .map((effect) => `Inconclusive beside that: ${metricNames[effect.metric]}, because ${openBecause(effect)}.`)
}

function metricsTable(duet: Duet, effects: readonly Effect[]): ChapterTable {
  return {
    title: 'What was measured, head against base',
    head: [
      'Metric',
      'Base',
      'Head',
      'Change',
      '99 % interval',
      'Smallest detectable',
      'Tolerance',
      'Rounds',
      'Verdict',
    ],
    rows: effects.map((effect) => {
      const { metric, change, smallestDetectable, verdict, rounds: known } = effect
      return [
        metricNames[metric],
        middle(duet, 'base', metric),
        middle(duet, 'head', metric),
        known === 0 ? 'unknown' : signed(change),
        signedInterval(effect),
        smallestDetectable === undefined ? 'unknown' : shareBeside(smallestDetectable, effect),
        tolerated(effect),
        String(known),
        verdict,
      ]
    }),
  }
}

function middle(duet: Duet, side: 'base' | 'head', metric: GatedMetric): string {
  const known = sideMedian(duet, side, metric)
  return known === undefined ? 'unknown' : metricFormats[metric](known)
}

function setup(duet: Duet): readonly (readonly [string, string])[] {
  const { topology, path, rate, connections, saturated, seconds, rounds, tolerances } = duet
  const ungated = gatedMetrics.filter((metric) => tolerances[metric] === undefined)
  const batches = [1, 2].map((batch) => rounds.filter((round) => round.batch === batch).length).filter(Boolean)
  return [
    ['Base', sideText(duet.base)],
    ['Head', sideText(duet.head)],
    ['Topology', topology],
    ['Asked for', path],
    [
      'Rounds',
      rounds.length === 0 ? 'none' : `${batches.join(' and, measured again, ')}, both sides freshly started in each`,
    ],
    ['At an equal rate', `${number(rate)} requests per second to each side for ${seconds.offered} s of each round`],
    [
      'Saturated',
      `${plural(connections, 'connection')} to each side for ${seconds.saturated} s of each round, ${saturated === 'together' ? 'both at the same time' : 'one side after the other, because they do not have equally many processes'}`,
    ],
    ...(ungated.length === 0 ? [] : [['Not gated', list(ungated.map((metric) => metricNames[metric]))] as const]),
  ]
}

/** `shop/wsgi.py:application at main (89abcde), nginx 1.26.3-3 (http11) → Gunicorn 23.0.0-1 (gthread)` */
export function sideText({ application = 'the lab’s own application', ref, tiers }: GateSide): string {
  const at = ref === undefined ? '' : ` at ${ref.name} (${ref.commit.slice(0, 7)})`
  return `${application}${at}, ${tiers.map(({ title, version, variant }) => `${title} ${version} (${variant})`).join(' → ')}`
}
