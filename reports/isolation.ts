import { whyUntestable } from './conformance.ts'
import { bringUpCost, workloadCosts, type BringUpCost, type WorkloadCost } from './isolation-cost.ts'
import { resultNames } from './names.ts'
import type { Result, Run, Verdict } from './run.ts'

/** The server of one tier on both runtimes. */
export interface Release extends Pick<Result['tiers'][number], 'role' | 'server' | 'title'> {
  readonly native: string
  readonly docker: string
  readonly same: boolean
}

/** A clause at a hop that came out otherwise in containers. */
export interface Difference {
  readonly native: Verdict
  readonly docker: Verdict
  /** The hop's own server. */
  readonly release: Release
  /** Servers from this hop inwards that have another version: any of them may be all there is to it. */
  readonly otherVersions: readonly Release[]
  /** With the same versions it is unexplained: isolation itself, or chance. */
  readonly mark: 'versions differ' | 'same versions'
}

/** A topology that the run holds natively and in containers, with the same servers in the same variants. */
export interface Isolated {
  readonly name: string
  readonly native: Result
  readonly docker: Result
  readonly releases: readonly Release[]
  /** Clause by clause, from the application outwards. */
  readonly differences: readonly Difference[]
  /** Clauses at a hop that came out alike. */
  readonly agreeing: number
  /** Clauses at a hop whose experiment broke or was blocked on both, which is no agreement. */
  readonly undecided: number
  /** Clauses at a hop that were judged on one runtime only. */
  readonly oneSided: number
  readonly workloads: readonly WorkloadCost[]
  /** Undefined where it never came up on one side: then there is nothing to compare. */
  readonly bringUp: BringUpCost | undefined
}

/** Native against containers. */
export interface Isolation {
  readonly pairs: readonly Isolated[]
  /** Names of the results that have no counterpart with the same servers. */
  readonly alone: readonly string[]
}

/** What isolation changes and costs, topology by topology; undefined for a run without both native and docker. */
export function isolation(run: Run): Isolation | undefined {
  const on = (runtime: string): Result[] => run.results.filter((result) => result.runtime === runtime)
  const [natives, dockers] = [on('native'), on('docker')]
  if (natives.length === 0 || dockers.length === 0) return undefined
  const names = resultNames({ ...run, results: natives })
  const pairs = natives.flatMap((native) => {
    const docker = dockers.find((other) => filling(other) === filling(native))
    return docker === undefined ? [] : [{ name: names.get(native)!, native, docker }]
  })
  const paired = new Set(pairs.flatMap(({ native, docker }) => [native, docker]))
  const alone = [...resultNames(run)].filter(([result]) => !paired.has(result)).map(([, name]) => name)
  return { pairs: pairs.map((pair) => isolated(run, pair)), alone }
}

/** What two results must share to be compared: the topology, and the server and variant of every tier. */
const filling = ({ topology, tiers }: Result): string =>
  [topology, ...tiers.map(({ role, server, variant }) => `${role}=${server}/${variant}`)].join(' ')

function isolated(run: Run, { name, native, docker }: Pick<Isolated, 'name' | 'native' | 'docker'>): Isolated {
  const releases = native.tiers.map(({ role, server, title, version }, index) => {
    const other = docker.tiers[index]!.version
    return { role, server, title, native: version, docker: other, same: isSameVersion(version, other) }
  })
  // What nobody can test is no verdict, so that there is nothing to agree about.
  const tested = ({ verdicts }: Result): readonly Verdict[] =>
    verdicts.filter((verdict) => whyUntestable(verdict) === undefined)
  const others = new Map(tested(docker).map((verdict) => [place(verdict), verdict]))
  const both = tested(native).flatMap((verdict) => {
    const other = others.get(place(verdict))
    return other === undefined ? [] : [[verdict, other] as const]
  })
  const alike = both.filter(([one, other]) => !differ(one, other))
  const differences = both.flatMap(([one, other]) => (differ(one, other) ? [difference(releases, one, other)] : []))
  const undecided = alike.filter(([{ outcome }]) => outcome === 'error' || outcome === 'blocked').length
  const bringUp = bringUpCost(run, native, docker)
  return {
    name,
    native,
    docker,
    releases,
    differences: [...Map.groupBy(differences, ({ native: { clause } }) => clause).values()].flatMap((each) =>
      each.toSorted((one, other) => releases.indexOf(other.release) - releases.indexOf(one.release)),
    ),
    agreeing: alike.length - undecided,
    undecided,
    oneSided: tested(native).length + others.size - 2 * both.length,
    workloads: bringUp === undefined ? [] : workloadCosts(run, native, docker),
    bringUp,
  }
}

const place = ({ clause, role, server }: Verdict): string => `${clause} ${role} ${server}`

/** Whether outcomes differ; of what has no right answer, whether something else was seen. */
const differ = (one: Verdict, other: Verdict): boolean =>
  one.outcome !== other.outcome || (one.outcome === 'observed' && one.because !== other.because)

function difference(releases: readonly Release[], native: Verdict, docker: Verdict): Difference {
  const at = releases.findIndex(({ role, server }) => role === native.role && server === native.server)
  const otherVersions = releases.slice(at).filter(({ same }) => !same)
  const mark = otherVersions.length > 0 ? 'versions differ' : 'same versions'
  return { native, docker, release: releases[at]!, otherVersions, mark }
}

/** A Debian package that was only built again (`+b1`) is the same version; an unknown one equals no other. */
export function isSameVersion(one: string, other: string): boolean {
  const release = (version: string): string => version.replace(/\+b\d+$/, '')
  return one !== '' && release(one) === release(other)
}
