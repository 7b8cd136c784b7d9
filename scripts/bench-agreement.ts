import { Command, Option } from 'commander'
import type { Run } from '../reports/run.ts'
import { EXIT, LabError } from '../topologies/runtimes/lab-error.ts'
import { agreement, type Check } from './agreement.ts'
import { interruption } from './interrupt.ts'
import { runOptions, withRuntime, type RuntimeWords } from './options.ts'
import { collect, numberBetween } from './parsers.ts'
import { performRun } from './run.ts'
import { folderOf } from './save.ts'

/**
 * Whether two runs of the same comparison on the same machine agree: how often the interval that one run gives for a ratio
 * of two topologies holds the ratio that the other one found. Both ways, for every workload and every measure.
 */

interface Words extends RuntimeWords {
  readonly topology: readonly string[]
  readonly runs: number
  readonly repeats: number
  readonly seconds: number
}

/** Intervals that must hold the other run's ratio, as a share of all. */
const ENOUGH = 0.9

const program = withRuntime(new Command('npm run bench:agreement --'))
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT.ok : EXIT.usage))
  .addOption(new Option('--topology <names>', 'which topologies').argParser(collect).default([], 'all'))
  .addOption(new Option('--runs <n>', 'how many runs are compared').argParser(numberBetween(2, 20)).default(2))
  .addOption(new Option('--repeats <n>', 'repeats of each run').argParser(numberBetween(3, 100)).default(8))
  .addOption(new Option('--seconds <n>', 'each window').argParser(numberBetween(0.2, 600, false)).default(2))
  .parse()
const { runs: count, ...words } = program.opts<Words>()
const signal = interruption()
const runs: Run[] = []
try {
  for (let index = 1; index <= count; index++) {
    const options = await runOptions({
      ...words,
      ...{ server: [], suite: [], clause: [], workload: ['time', 'page', 'static'], profile: 'quick' },
      ...{ workers: 2, threads: 4, cpus: 1, conformance: false, load: true, json: false },
    })
    console.log(`Run ${index} of ${count}`)
    const { run, failures } = await performRun(options, ['bench:agreement'], (made) => folderOf(made), signal)
    if (failures.length > 0) throw failures[0]
    runs.push(run)
  }
} catch (error) {
  if (!(error instanceof LabError)) throw error
  console.error(error.message)
  process.exit(error.exitCode)
}

const { checks, unknown, invalid, measurements } = agreement(runs)
const held = checks.filter(({ holds }) => holds).length
const share = held / checks.length
const number = (value: number): string => value.toFixed(3)
const row = ({ about, said, other }: Check): string =>
  `  ${about}: ${number(said.ratio)} (${number(said.low)} to ${number(said.high)}), elsewhere ${number(other)}`
console.log(`${invalid} of ${measurements} measurements are not valid and were left out.`)
if (unknown > 0) console.log(`${unknown} intervals could not be made: too few valid repeats.`)
if (checks.length === 0) {
  console.error('Nothing can be said: repeat more often (--repeats), on a quieter machine.')
  process.exit(EXIT.inconclusive)
}
console.log(`${held} of ${checks.length} intervals (${(100 * share).toFixed(1)} %) hold the other run’s ratio.`)
if (held < checks.length)
  console.log(['Those that do not:', ...checks.filter(({ holds }) => !holds).map(row)].join('\n'))
process.exit(share < ENOUGH ? EXIT.breach : EXIT.ok)
