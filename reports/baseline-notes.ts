import { isDecided, keyOf, placesOf, type Pair } from './baseline-pairs.ts'
import { allNames } from './names.ts'
import type { Host, Result, Run, Verdict } from './run.ts'
import { list, plural } from './words/quantities.ts'

/** Observations that differ and are told one by one; the rest is counted. */
const MOST_OBSERVATIONS = 10

/** What differs between a run and its baseline beside verdicts, each as a sentence: who compares must know it. */
export function notesOf(run: Run, baseline: Run, pairs: readonly Pair[]): readonly string[] {
  return [
    ...(baseline.finishedAt === undefined ? ['The baseline was cut short, so it may lack verdicts.'] : []),
    ...labNotes(run, baseline),
    ...machineNotes(run.host, baseline.host),
    ...settingNotes(run, baseline),
    ...new Set(pairs.flatMap(pairNotes)),
    ...resultNotes(run, baseline, pairs),
    ...newNotes(pairs),
    ...observationNotes(pairs),
    ...(hasMeasurements(baseline)
      ? ['Measurements of the baseline are not compared: they come from another time, maybe from another machine.']
      : []),
  ]
}

function labNotes(run: Run, baseline: Run): readonly string[] {
  const nameOf = ({ host, commit }: Run): string => `${host.lab}${commit === null ? '' : ` (${commit})`}`
  return nameOf(run) === nameOf(baseline)
    ? []
    : [`The lab is ${nameOf(run)}, the baseline was made by ${nameOf(baseline)}; clauses themselves may have changed.`]
}

function machineNotes(now: Host, before: Host): readonly string[] {
  const facts = (host: Host): Readonly<Record<string, string>> => ({
    CPU: host.cpu,
    CPUs: String(host.cpus),
    architecture: host.architecture,
    memory: `${Math.round(host.memoryBytes / 1024 ** 3)} GiB`,
    'operating system': host.os,
    kernel: host.kernel,
  })
  const [is, was] = [facts(now), facts(before)]
  const differing = Object.keys(is).filter((name) => is[name] !== was[name])
  if (differing.length === 0) return []
  return [
    `The machine is another one than the baseline’s: ${differing.map((name) => `${name} ${is[name]} (was ${was[name]})`).join(', ')}.`,
  ]
}

function settingNotes(run: Run, baseline: Run): readonly string[] {
  const settings = [
    ['worker', run.workersPerServer, baseline.workersPerServer],
    ['thread', run.threadsPerWorker, baseline.threadsPerWorker],
  ] as const
  return settings.flatMap(([what, is, was]) =>
    is === was
      ? []
      : [`Servers had ${plural(is, what)}${what === 'thread' ? ' per worker' : ''}, in the baseline ${was}.`],
  )
}

function pairNotes({ name, now, before }: Pair): readonly string[] {
  const tiers = now.tiers.map((tier) => [tier, before.tiers.find(({ role }) => role === tier.role)!] as const)
  return [
    ...tiers.flatMap(([tier, old]) => [
      ...(tier.version === old.version
        ? []
        : [`${tier.title} is ${tier.version || 'of unknown version'}, in the baseline ${old.version || 'unknown'}.`]),
      ...(tier.variant === old.variant
        ? []
        : [`${name} has ${tier.server}/${tier.variant}, in the baseline ${old.server}/${old.variant}.`]),
    ]),
    ...different(`${name} was judged with the runtime`, now.runtime, before.runtime),
    ...different(`${name} was judged on the network`, now.network, before.network),
    ...different('Servers come from the', now.origin, before.origin),
  ]
}

const different = (what: string, is: string, was: string): readonly string[] =>
  is === was ? [] : [`${what} ${is || 'unknown'}, in the baseline ${was || 'unknown'}.`]

/** Results that only one of the two has, or that nobody can tell which other to compare with. */
function resultNotes(run: Run, baseline: Run, pairs: readonly Pair[]): readonly string[] {
  const [now, before] = [allNames(run), allNames(baseline)]
  const isJudged = ([{ verdicts }]: readonly [Result, string]): boolean => verdicts.length > 0
  const left = [...now].filter(isJudged).filter(([result]) => pairs.every((pair) => pair.now !== result))
  const right = [...before].filter(isJudged).filter(([result]) => pairs.every((pair) => pair.before !== result))
  const named = (all: readonly (readonly [Result, string])[]): string =>
    list(all.map(([result, name]) => (name.includes('alone') ? name : `${name} (${placesOf(result).split(': ')[1]})`)))
  return [
    ...(left.length > 0 ? [`Compared with nothing, because the baseline has nothing like it: ${named(left)}.`] : []),
    ...(right.length > 0 ? [`Only in the baseline, and not judged now: ${named(right)}.`] : []),
  ]
}

/** Rules that the baseline has not decided and that are kept now: it would hold nobody to them. */
function newNotes(pairs: readonly Pair[]): readonly string[] {
  const kept = matched(pairs).filter(([was, is]) => is.outcome === 'pass' && (!was || !isDecided(was.outcome)))
  const count = new Set(kept.map(([, { clause }]) => clause)).size
  return count === 0
    ? []
    : [`${plural(count, 'rule')} that the baseline has not decided ${count === 1 ? 'is' : 'are'} kept now.`]
}

/** What has no right answer, or was left open by a rule, and was seen otherwise. */
function observationNotes(pairs: readonly Pair[]): readonly string[] {
  const shown = ({ outcome, because }: Verdict): string =>
    outcome === 'pass' ? 'kept' : `${outcome === 'observed' ? '' : `${outcome}: `}${because ?? 'nothing'}`
  const differing = matched(pairs).flatMap(([was, is]) =>
    was &&
    [was, is].some(({ outcome }) => outcome === 'observed') &&
    [was, is].every(({ outcome }) => outcome !== 'fail') &&
    isDecided(was.outcome) &&
    shown(was) !== shown(is)
      ? [`Seen otherwise at ${is.server}: ${is.clause}: ${shown(is)}; in the baseline: ${shown(was)}.`]
      : [],
  )
  const all = [...new Set(differing)]
  const more = all.length - MOST_OBSERVATIONS
  return [
    ...all.slice(0, MOST_OBSERVATIONS),
    ...(more > 0 ? [`${plural(more, 'more observation')} ${more === 1 ? 'differs' : 'differ'}.`] : []),
  ]
}

/** The run's verdicts, each with the baseline's where there is one. */
const matched = (pairs: readonly Pair[]): readonly (readonly [Verdict | undefined, Verdict])[] =>
  pairs.flatMap(({ now, before }) => {
    const old = new Map(before.verdicts.map((verdict) => [keyOf(verdict), verdict]))
    return now.verdicts.map((verdict) => [old.get(keyOf(verdict)), verdict] as const)
  })

const hasMeasurements = ({ results, study }: Run): boolean =>
  study !== undefined || results.some(({ measurements, sweep = [] }) => measurements.length > 0 || sweep.length > 0)
