import type { Answer, Ranked, Ranking, Standing, Unranked } from '../answer.ts'
import { throughput } from '../measures.ts'
import { candidates } from '../names.ts'
import { perSecond, plural, shortList, times } from './quantities.ts'
import type { Run } from '../run.ts'
import { compare, falseAlarms, fewestRepeats, smallestDifference } from '../statistics.ts'
import { intervalText, limitInShort, limitText, ratioIntervalText } from './wording.ts'

/** What every report says first about a workload, in words. */
export interface Advice {
  /** Whether exactly one topology stands apart from all others of the run. */
  readonly decided: boolean
  readonly choose: string
  /** Where it is decided: how much more it answers than the next, `1.23× (1.16 – 1.32×) as much as app-server`. */
  readonly margin?: string
  readonly why: string
  readonly sure: string
  readonly limit: string
  /** One sentence about the measures that did not decide. */
  readonly also: string
}

type Reason = Pick<Advice, 'decided' | 'choose' | 'margin' | 'why' | 'sure'>

/** Puts an answer into words. No winner is named while a measured topology could not be ranked: it might be better. */
export function advise(run: Run, answer: Answer): Advice {
  const { standings, leaders } = answer.throughput
  const ranked = standings.filter((standing) => standing.kind === 'ranked')
  const unranked = standings.filter((standing) => standing.kind === 'unranked')
  const reason = ((): Reason => {
    if (ranked.length + unranked.length === 0) return nothing(run)
    if (unranked.length > 0) return undecided(run, ranked, unranked)
    if (ranked.length === 1) return alone(run, ranked[0]!, answer.rankings)
    return leaders.length === 1 ? winner(run, ranked) : tie(leaders, ranked)
  })()
  const missing = standings.filter(({ kind }) => kind === 'missing')
  const without = missing.length > 0 && ranked.length + unranked.length > 0 ? ` ${unmeasured(missing)}` : ''
  const concerned = unranked.length > 0 ? unranked : leaders
  return { ...reason, why: reason.why + without, limit: limits(answer, concerned), also: others(answer) }
}

const nothing = (run: Run): Reason => ({
  decided: false,
  choose: 'Not measured',
  why: `No ${candidates(run)[0]} was measured with this workload.`,
  sure: 'No measurement, no answer.',
})

function alone(run: Run, only: Ranked, rankings: readonly Ranking[]): Reason {
  const others = rankings.slice(1).flatMap(({ measure, standings }) => {
    const own = standings.find(({ name }) => name === only.name)
    return own?.kind === 'ranked'
      ? [`${measure.title} ${measure.format(own.middle)} (${intervalText(own.interval, measure.format)})`]
      : []
  })
  return {
    decided: false,
    choose: `${only.name}, nothing to compare`,
    why: `${perSecond(only.middle)} (${intervalText(only.interval, perSecond)}).${others.length > 0 ? ` ${others.join(', ')}.` : ''}`,
    sure: `${plural(only.values.size, 'repeat')} of one ${candidates(run)[0]}.`,
  }
}

function winner(run: Run, ranked: readonly Ranked[]): Reason {
  const [first, next] = ranked as [Ranked, Ranked]
  // Told apart, so there is a ratio.
  const ratio = compare(first.values, next.values, run.seed).ratio!
  const margin = `${times(ratio.ratio)} (${ratioIntervalText(ratio)}) as much as ${next.name}`
  return {
    decided: true,
    choose: first.name,
    margin,
    why: `${margin}: ${figure(first)} against ${figure(next)}.`,
    sure: `Intervals do not overlap in ${repeats(ranked)}. Equal ${candidates(run)[1]} would look so in fewer than 1 of ${1 / falseAlarms} comparisons.`,
  }
}

function tie(leaders: readonly Ranked[], ranked: readonly Ranked[]): Reason {
  const next = ranked.find(({ place }) => place > 1)
  return {
    decided: false,
    choose: `${shortList(
      leaders.map(({ name }) => name),
      'or',
    )}: not told apart`,
    why: `${shortList(leaders.map(shown))}.${next === undefined ? '' : ` Behind: ${shown(next)}.`}`,
    sure: `In ${repeats(ranked)} their intervals overlap, or their ratio’s holds 1 or is less than ${Math.round((smallestDifference - 1) * 100)} % from it.`,
  }
}

function undecided(run: Run, ranked: readonly Ranked[], unranked: readonly Unranked[]): Reason {
  const bound = unranked.filter(({ atLeast }) => atLeast !== undefined)
  const others = unranked.filter(({ atLeast }) => atLeast === undefined)
  const few = others.every(({ valid, repeats }) => valid === repeats)
  const unable =
    ranked.length > 0 ? `${shortList(others.map(({ name }) => name))} could not be ranked` : 'nothing could be ranked'
  const lower = shortList(bound.map(({ name, atLeast }) => `${name} ≥ ${perSecond(atLeast!)}`))
  const reasons = [...Map.groupBy(others, ({ because }) => because.replace(/[\d.]+/g, '0')).values()].map(
    (alike) => `Not ranked: ${shortList(alike.map(shown))}: ${alike[0]!.because}.`,
  )
  const best = ranked.toSorted((a, b) => a.place - b.place)
  return {
    decided: false,
    choose:
      bound.length > 0
        ? `Undecided: ${shortList(
            bound.map(({ name }) => name),
            'and',
            3,
          )} outran the generator`
        : few && ranked.length === 0
          ? 'Undecided: too few repeats'
          : `Undecided: ${unable}`,
    why: [
      ...(bound.length > 0 ? [`${lower}: the generator was the bottleneck.`] : []),
      ...reasons,
      ...(best.length > 0 ? [`Ranked: ${shortList(best.map(shown))}.`] : []),
    ].join(' '),
    sure:
      bound.length > 0
        ? 'Lower bounds: what is not valid is compared with nothing.'
        : `A ranking needs ${fewestRepeats} valid repeats of every ${candidates(run)[0]}.`,
  }
}

const figure = ({ middle, interval }: Ranked | Unranked): string =>
  `${perSecond(middle)} (${intervalText(interval, perSecond)})`

const shown = (standing: Ranked | Unranked): string => `${standing.name} at ${figure(standing)}`

function repeats(ranked: readonly Ranked[]): string {
  const counts = ranked.map(({ values }) => values.size)
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)]
  return fewest === most ? plural(fewest, 'repeat') : `${fewest} to ${plural(most, 'valid repeat')}`
}

function unmeasured(missing: readonly Standing[]): string {
  return `Not measured: ${shortList(missing.map(({ name }) => name))}.`
}

function limits({ limits: known }: Answer, concerned: readonly Standing[]): string {
  const found = concerned.map(({ name }) => ({ name, limit: known.get(name) ?? { kind: 'unknown' as const } }))
  const texts = new Set(found.map(({ limit }) => limitText(limit)))
  if (texts.size === 0) return 'Nothing was measured'
  if (texts.size === 1) return [...texts][0]!.replace(/^./, (first) => first.toUpperCase())
  const groups = Map.groupBy(found, ({ limit }) => limitInShort(limit))
  return [...groups].map(([text, of]) => `${shortList(of.map(({ name }) => name))}: ${text}`).join('; ')
}

function others({ rankings }: Answer): string {
  const titles = {
    throughput: '',
    cpu: 'Least CPU per request',
    p50: 'Lowest p50',
    p90: 'Lowest p90',
    p99: 'Lowest p99',
    memory: 'Least memory',
  }
  const sentence = ({ measure, leaders, standings, complete }: Ranking): string => {
    if (!complete || standings.filter(({ kind }) => kind === 'ranked').length < 2) return ''
    return `${titles[measure.name]}: ${shortList(
      leaders.map(({ name }) => name),
      'or',
    )}.`
  }
  return rankings
    .filter(({ measure }) => measure !== throughput)
    .map(sentence)
    .filter(Boolean)
    .join(' ')
}
