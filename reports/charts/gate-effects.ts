import { effectsOf, isWorse, type Effect, type GateVerdict } from '../gate.ts'
import type { Duet, GateRound } from '../run.ts'
import { changeOf, tolerated } from '../words/gate-figures.ts'

/** A metric of a gate as a row of the picture. Places are changes for the worse, in tolerances: 1 is what is just tolerated. */
export interface EffectRow {
  /** The change in words, with its interval and tolerance. */
  readonly text: string
  readonly verdict: GateVerdict
  readonly at: number | null
  /** Ends of the 99 % interval; null where there is none. */
  readonly low: number | null
  readonly high: number | null
  /** Every round that has it on both sides. */
  readonly rounds: readonly { readonly batch: 1 | 2; readonly at: number }[]
}

/** Effects of a gate on one axis, as data. */
export interface EffectChart {
  readonly rows: readonly EffectRow[]
  /** Ends of the axis. What lies beyond is drawn at the end, as an arrow. */
  readonly low: number
  readonly high: number
}

/** Beyond this many tolerances the axis would press everything else flat. */
const MOST = 5

/**
 * What a duet says of its metrics as a picture; undefined where no metric is gated. In tolerances, because 20 % of p99 and 2 %
 * of CPU would not go on one axis in percent.
 */
export function effectChart(duet: Duet): EffectChart | undefined {
  const rows = effectsOf(duet).map((effect) => rowOf(effect, duet.rounds))
  if (rows.length === 0) return undefined
  const places = rows.flatMap(({ at, low, high, rounds }) => [at, low, high, ...rounds.map((round) => round.at)])
  const known = places.filter((place) => place !== null)
  return {
    rows,
    low: Math.max(-MOST, Math.floor(Math.min(-1, ...known) * 2) / 2),
    high: Math.min(MOST, Math.ceil(Math.max(1.5, ...known) * 2) / 2),
  }
}

function rowOf(effect: Effect, rounds: readonly GateRound[]): EffectRow {
  const { metric, change, interval, tolerance, verdict } = effect
  const worse = isWorse(metric, 1) ? 1 : -1
  const place = (fraction: number): number => (worse * fraction) / tolerance
  const ends = interval === undefined ? [] : [place(interval.low), place(interval.high)]
  const text = changeOf(effect)
  return {
    text: `${text.charAt(0).toUpperCase()}${text.slice(1)}; tolerated: ${tolerated(effect)}`,
    verdict,
    at: effect.rounds === 0 ? null : place(change),
    low: ends.length === 0 ? null : Math.min(...ends),
    high: ends.length === 0 ? null : Math.max(...ends),
    rounds: rounds.flatMap(({ batch, base, head }) => {
      const [before, after] = [base[metric], head[metric]]
      return before === null || after === null || before <= 0 || after <= 0
        ? []
        : [{ batch, at: place(after / before - 1) }]
    }),
  }
}
