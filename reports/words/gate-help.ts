import { fewestRounds, isWorse, type Effect } from '../gate.ts'
import type { Duet } from '../run.ts'
import { median, studentQuantile } from '../statistics.ts'
import { metricNames, share, shareBeside, signed, tolerated } from './gate-figures.ts'
import { list, number, plural } from './quantities.ts'

/** What others took of the machine, in CPUs, from which it is said that a quieter one would help. */
const LOUD_CPUS = 0.1
/** The same for the generator's waiting for a CPU, as a share of the round. */
const LOUD_DELAY = 0.05
/** With this many times the rounds a gate takes so long that nobody will wait for it. */
const MANY_TIMES = 10

/** What would let the metrics that are inconclusive be judged, each as a sentence; empty when none is. */
export function helpOf(duet: Duet, effects: readonly Effect[]): readonly string[] {
  const open = effects.filter(({ verdict }) => verdict === 'inconclusive')
  if (open.length === 0) return []
  return [...moreRounds(duet, open), ...quieter(duet), ...moreRequests(open), ...onTime(open), ...wider(open)]
}

/** Nobody waits for more rounds than these, so the search for how many would do ends here. */
const MOST_ROUNDS = 2000

/**
 * How many rounds a metric takes, in all batches together; undefined where none are known to be enough. What is detectable,
 * and the interval, fall with the square root of the rounds, and a little faster where they are few (Student's t). An
 * estimate: it takes the change and the spread that were seen for the true ones, so half of such gates need more.
 */
export function roundsNeeded(effect: Effect): number | undefined {
  const { metric, change, interval, tolerance, rounds, why } = effect
  if (interval === undefined || rounds < 2 || why === 'late') return undefined
  const worse = isWorse(metric, 1) ? 1 : -1
  // Towards the worse, as `effectOf` reckons.
  const [limit, mean] = [Math.abs(Math.log(1 + worse * tolerance)), worse * Math.log(1 + change)]
  const half = Math.log((1 + interval.high) / (1 + interval.low)) / 2
  const deviation = (half / studentQuantile(rounds - 1, 0.99)) * Math.sqrt(rounds)
  // A change within the tolerance needs an interval that ends before it, a larger one an interval that leaves out none.
  const room = mean < limit ? limit - mean : mean
  const isEnough = (count: number): boolean => {
    const [error, sure] = [deviation / Math.sqrt(count), studentQuantile(count - 1, 0.99)]
    return sure * error < room && (mean >= limit || (sure + studentQuantile(count - 1, 0.9)) * error <= limit)
  }
  for (let count = rounds; count <= MOST_ROUNDS; count += 1) if (isEnough(count)) return count
  return undefined
}

function moreRounds({ rounds }: Duet, open: readonly Effect[]): readonly string[] {
  const asked = Math.max(...[1, 2].map((batch) => rounds.filter((round) => round.batch === batch).length))
  const batches = new Set(rounds.map(({ batch }) => batch)).size
  const few = open.filter(({ why }) => why === 'too-few').length > 0 && asked < fewestRounds
  if (few) return [`At least ${fewestRounds} rounds in a batch (--rounds): this gate has ${asked}.`]
  const needed = open.flatMap((effect) => {
    if (effect.why === 'late' || effect.why === 'too-few') return []
    const all = roundsNeeded(effect)
    return [{ name: metricNames[effect.metric], rounds: all === undefined ? Infinity : Math.ceil(all / batches) }]
  })
  const within = needed.filter((each) => each.rounds <= asked * MANY_TIMES)
  const beyond = needed.filter((each) => each.rounds > asked * MANY_TIMES)
  const most = Math.max(0, ...within.map((each) => each.rounds))
  const names = list(within.map(({ name }) => name))
  return [
    ...(most > asked
      ? [
          `More rounds: about ${most} in a batch instead of ${asked} (--rounds ${most}) for ${names}, if change and spread stay what they were. The smallest detectable change falls with the square root of the rounds.`,
        ]
      : []),
    ...(most > 0 && most <= asked ? [`The same gate once more: as many rounds as it had may decide ${names}.`] : []),
    ...(beyond.length > 0
      ? [
          `More rounds alone will hardly decide ${list(beyond.map(({ name, rounds: count }) => `${name} (${count === Infinity ? 'no number of rounds that anyone waits for' : `about ${count} in a batch`})`))}.`,
        ]
      : []),
  ]
}

function quieter({ rounds: counted, disturbed = [] }: Duet): readonly string[] {
  const middle = (values: readonly (number | null)[]): number => {
    const known = values.filter((value) => value !== null)
    return known.length === 0 ? 0 : median(known)
  }
  const rounds = [...counted, ...disturbed]
  const others = middle(rounds.map(({ foreignCpu }) => foreignCpu))
  const waited = middle(rounds.map(({ generatorDelay }) => generatorDelay))
  return [
    ...(others >= LOUD_CPUS ? [`A quieter machine: others used ${number(others)} CPUs in the median round.`] : []),
    ...(waited >= LOUD_DELAY
      ? [`A machine with a CPU more: the generator waited for one in ${share(waited)} of the median round.`]
      : []),
  ]
}

function moreRequests(open: readonly Effect[]): readonly string[] {
  const isLatency = ({ metric }: Effect): boolean => metric === 'p99' || metric === 'p50'
  const slow = open.filter((effect) => isLatency(effect) && effect.why !== 'late')
  const unread = open.filter(({ metric, rounds }) => metric === 'memory' && rounds === 0)
  return [
    ...(slow.length > 0
      ? [
          `More requests in each round (--seconds, or --rate where the servers bear it) for ${list(slow.map(({ metric }) => metricNames[metric]))}.`,
        ]
      : []),
    ...(unread.length > 0
      ? [
          'Memory could not be read of any round: gate it where PSS can be read, or leave it out (--tolerance memory=off).',
        ]
      : []),
  ]
}

const onTime = (open: readonly Effect[]): readonly string[] =>
  open.some(({ why }) => why === 'late')
    ? ['A generator that keeps its schedule: a lower --rate, or a machine with more CPUs or less else to do.']
    : []

/** Tolerances under which the same figures would have passed. */
function wider(open: readonly Effect[]): readonly string[] {
  const options = open.flatMap(({ metric, interval, smallestDetectable, why }) => {
    if (interval === undefined || smallestDetectable === undefined || why === 'late' || why === 'too-few') return []
    const worst = isWorse(metric, 1) ? Math.max(0, interval.high) : Math.max(0, -interval.low)
    const wanted = Math.floor(Math.max(worst, smallestDetectable) * 100) + 1
    return metric === 'throughput' && wanted >= 100 ? [] : [`--tolerance ${metric}=${wanted}`]
  })
  return options.length === 0 ? [] : [`A larger tolerance, if such a change may pass: ${list(options)}.`]
}

/** Why a metric is inconclusive, in the words after its name. */
export function openBecause(effect: Effect): string {
  const { why, rounds, batches, smallestDetectable, change } = effect
  const limit = tolerated(effect)
  switch (why) {
    case 'too-few':
      return `${plural(rounds, 'round')} of it ${rounds === 1 ? 'is' : 'are'} too few, and ${fewestRounds} of each batch are needed`
    case 'late':
      return 'the generator sent its requests so late that latencies hold more of its delays than of the servers’'
    case 'unconfirmed':
      return batches.length < 2
        ? `its change of ${signed(change)} is more than the ${limit} tolerated, and it was not measured again`
        : `its change was more than the ${limit} tolerated in all rounds together, and the two batches alone do not both show that: ${list(batches.map(signed))}`
    case 'noisy':
      return `this gate tells no change smaller than ${shareBeside(smallestDetectable ?? 0, effect)} from none, and ${limit} are tolerated`
    default:
      return `a change for the worse of more than the ${limit} tolerated is neither shown nor excluded`
  }
}
