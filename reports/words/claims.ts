import { candidates, runtimesOf } from '../names.ts'
import { falseAlarms, fewestForBootstrap, fewestRepeats, smallestDifference } from '../statistics.ts'
import { list, plural } from './quantities.ts'
import type { Run } from '../run.ts'

/** What the run's number of repeats allows to claim, and what not. */
export function claims(run: Run): readonly string[] {
  const { repeats } = run
  const [, many] = candidates(run)
  if (repeats < fewestRepeats) return [`${few(run)} A ranking needs ${fewestRepeats} valid repeats.`]
  const several = runtimesOf(run)
  return [
    `${repeats} repeats per workload, interleaved over the ${many} in random order. Every figure is the median of the repeats with its 95 % interval: ${kind(repeats)}. In simulation such intervals hold the true median in 95 to 98 % of cases.`,
    `Ratios are medians over pairs of the same repeat, which were measured within the same minute, with their 99 % interval: the ratio of a second run like this one lies in it in at least 93 of 100 cases.`,
    `Two ${many} are told apart when that interval does not hold 1, their own intervals do not overlap, and the ratio is at least ${Math.round((smallestDifference - 1) * 100)} % away from 1; otherwise they share a place. Two equal ${many} look apart in fewer than 1 of ${1 / falseAlarms} comparisons, if repeats are independent of each other.`,
    ...(several.length > 1
      ? [
          `${many.replace(/^./, (first) => first.toUpperCase())} are ranked among those on the same runtime (${list(several)}), and told apart only there.`,
        ]
      : []),
    ...(startedOnce(run)
      ? [
          'Not every repeat had servers of its own start: what changes from one start to the next, 1 to 2 %, is not in the intervals.',
        ]
      : []),
  ]
}

const kind = (repeats: number): string =>
  repeats >= fewestForBootstrap
    ? 'a bootstrap interval with expanded percentiles'
    : 'Student’s, on a scale of logarithms, because there are too few to bootstrap'

function few({ repeats, results }: Run): string {
  const within = results.some(({ measurements }) => measurements.some((one) => one.within !== undefined))
  const interval =
    repeats !== 1
      ? ' The intervals of two repeats are very wide.'
      : within
        ? ' Intervals come from parts of the window: they hold what changes within seconds, not what changes from one repeat to the next.'
        : ' A single repeat has no interval.'
  return `${plural(repeats, 'repeat')} per workload: values are shown, nothing is ranked.${repeats === 0 ? '' : interval}`
}

const startedOnce = ({ repeats, results }: Run): boolean =>
  results.some(({ bringUpSeconds, measurements }) => measurements.length > 0 && bringUpSeconds.length < repeats)
