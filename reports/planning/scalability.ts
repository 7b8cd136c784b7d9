import { levenbergMarquardt } from 'ml-levenberg-marquardt'
import { resampled } from '../resampling.ts'
import type { LoadRound } from '../run.ts'
import { expandedBounds } from './expanded.ts'
import type { ScalabilityFit } from './planned.ts'
import { averageOf, calmRounds } from './points.ts'

/** Throughput at a number of requests in hand. */
export interface Throughput {
  readonly load: number
  readonly throughput: number
}

/** Of the Universal Scalability Law. */
export interface Coefficients {
  readonly lambda: number
  readonly sigma: number
  readonly kappa: number
}

/** Three coefficients need more points than three, or any curve would fit. */
const FEWEST = 4
/** The law is not asked for loads beyond this many times the greatest measured one. */
const BEYOND = 2
/** Nor where resampling the rounds moves what it says by more than this, up or down, as a fraction. */
const WIDEST = 0.25
const RESAMPLES = 200

/** Throughput at a load: X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)) (Gunther 2007, "Guerrilla Capacity Planning"). */
export const scaled = ({ lambda, sigma, kappa }: Coefficients, load: number): number =>
  (lambda * load) / (1 + sigma * (load - 1) + kappa * load * (load - 1))

/** Least squares by Levenberg and Marquardt, none of the coefficients below zero; `start` is where the search begins. */
export function leastSquares(points: readonly Throughput[], start?: Coefficients): Coefficients {
  const [x, y] = [points.map(({ load }) => load), points.map(({ throughput }) => throughput)]
  // In the unit of the throughput of one request, so that steps and tolerances suit any application.
  const unit = Math.max(...points.map(({ load, throughput }) => throughput / load))
  const { parameterValues } = levenbergMarquardt(
    { x, y: y.map((each) => each / unit) },
    ([lambda, sigma, kappa]) =>
      (load: number) =>
        scaled({ lambda: lambda!, sigma: sigma!, kappa: kappa! }, load),
    {
      initialValues: start ? [start.lambda / unit, start.sigma, start.kappa] : [1, 0.1, 0.001],
      minValues: [0, 0, 0],
      gradientDifference: [1e-4, 1e-5, 1e-7],
      centralDifference: true,
      errorTolerance: 1e-12,
      maxIterations: start ? 30 : 300,
    },
  )
  const [lambda, sigma, kappa] = parameterValues as [number, number, number]
  return { lambda: lambda * unit, sigma, kappa }
}

/**
 * Fits the law to measured loads, with intervals from drawing their rounds anew; undefined with fewer than four loads. It is a
 * second opinion that knows nothing of servers, and it refuses to speak where the measurements do not carry it.
 */
export function scalabilityOf(
  measured: readonly { readonly load: number; readonly rounds: readonly LoadRound[] }[],
  seed: number,
): ScalabilityFit | undefined {
  if (measured.length < FEWEST) return undefined
  const loads = measured.map(({ load }) => load)
  const pointsOf = (groups: readonly (readonly LoadRound[])[]): readonly Throughput[] =>
    groups.map((rounds, at) => ({ load: loads[at]!, throughput: averageOf(rounds).throughput }))
  const groups = measured.map(({ rounds }) => calmRounds(rounds))
  const fit = leastSquares(pointsOf(groups))
  const others: Coefficients[] = []
  // The resamples are kept as a whole: the three coefficients of one belong together.
  const fewest = Math.min(...groups.map(({ length }) => length))
  if (fewest > 1) {
    resampled(groups, (drawn) => others.push(leastSquares(pointsOf(drawn), fit)), { seed, rounds: RESAMPLES })
  }
  const estimate = (of: (each: Coefficients) => number): ScalabilityFit['lambda'] => ({
    value: of(fit),
    within: expandedBounds(others.map(of), fewest),
  })
  return {
    lambda: estimate(({ lambda }) => lambda),
    sigma: estimate(({ sigma }) => sigma),
    kappa: estimate(({ kappa }) => kappa),
    throughput: (load) => {
      if (load > BEYOND * Math.max(...loads)) return undefined
      const value = scaled(fit, load)
      const within = expandedBounds(
        others.map((each) => scaled(each, load)),
        fewest,
      )
      if (within && within.low >= value * (1 - WIDEST) && within.high <= value * (1 + WIDEST)) return value
      return undefined
    },
  }
}
