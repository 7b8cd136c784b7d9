import { list, mebibytes, number, plural } from './quantities.ts'
import type { Application, Run } from '../run.ts'
import { networkFact, perRuntime } from './network.ts'

/** The run's circumstances as pairs of term and value, for every report. */
export function facts(run: Run): readonly (readonly [term: string, value: string])[] {
  const { host, placement, runtimeBecause, memoryLimitBytes } = run
  const network = networkFact(run)
  return [
    ['Machine', `${host.cpu}, ${plural(host.cpus, 'CPU')}, ${mebibytes(host.memoryBytes)} memory`],
    ['System', `${host.os}, kernel ${host.kernel}, ${host.architecture}`],
    ['Virtualization', host.virtualization ?? 'none seen'],
    ['CPU governor', host.governor ?? 'not visible'],
    ['CPU pressure before', host.cpuPressure === null ? 'unknown' : `${number(host.cpuPressure)} %`],
    ['CPUs of the services', cpus(placement.services)],
    ...(placement.tiers === undefined ? [] : [['CPUs of each tier', perTier(placement.tiers)] as const]),
    ['CPUs of the generator', cpus(placement.generator)],
    [
      'Workers and threads',
      `${plural(run.workersPerServer, 'worker')} per server, ${plural(run.threadsPerWorker, 'thread')} per worker`,
    ],
    ...(run.application === undefined ? [] : [['Application', applicationText(run.application)] as const]),
    ...(run.plan === undefined
      ? []
      : [
          [
            'Measured',
            `each load in ${plural(run.repeats, 'window')} of ${run.secondsPerMeasurement} s, in turn with all others`,
          ] as const,
        ]),
    ...(run.gate === undefined && run.plan === undefined
      ? [['Profile', `${run.profile}: ${plural(run.repeats, 'repeat')} of ${run.secondsPerMeasurement} s`] as const]
      : []),
    // The sides of a duet are told with their versions where the gate says how it measured.
    ...(run.gate?.duet !== undefined && run.results.length === 0
      ? []
      : [['Servers', perRuntime(run, ({ origin }) => origin) || (run.study?.origin ?? 'none came up')] as const]),
    ...(runtimeBecause === undefined ? [] : [['Runtime', runtimeBecause] as const]),
    ...(network === undefined ? [] : [['Network', network] as const]),
    ...(memoryLimitBytes === undefined
      ? []
      : [['Memory limit', `${mebibytes(memoryLimitBytes)} per container`] as const]),
    ['Lab and Node', `${host.lab}, Node ${host.node}`],
    ['Seed', String(run.seed)],
  ]
}

/** A user's own application, with what was typed about it. */
function applicationText({ name, requirements, statics = [], variables = [] }: Application): string {
  return [
    name,
    ...(requirements === undefined ? [] : [`packages of ${requirements}`]),
    ...statics.map(({ directory, prefix }) => `files of ${directory} below ${prefix}`),
    ...(variables.length === 0 ? [] : [`with ${list(variables)} set`]),
  ].join('; ')
}

const cpus = (numbers: readonly number[]): string => (numbers.length === 0 ? 'not pinned' : list(numbers.map(String)))

const perTier = (tiers: NonNullable<Run['placement']['tiers']>): string =>
  Object.entries(tiers)
    .map(([role, numbers]) => `${role} ${cpus(numbers)}`)
    .join('; ')
