import { Command, Option } from 'commander'
import { scratch } from '../../topologies/runtimes/scratch.ts'
import { chosenApplication } from '../application/chosen.ts'
import { withApplication } from '../application/options.ts'
import { usageError } from '../choices.ts'
import type { GrowingRun } from '../growing-run.ts'
import { withRun } from '../options.ts'
import { numberBetween } from '../parsers.ts'
import { conclude } from '../planning/conclude.ts'
import type { DemandWords } from '../planning/demand.ts'
import { cost, duration, growth, hitRatio, machineMemory, peak, rps } from '../planning/demand-words.ts'
import { replanned } from '../planning/from.ts'
import { planOptions, type PlanWords } from '../planning/options.ts'
import { performPlan } from '../planning/perform.ts'
import { folderOf, save } from '../save.ts'

/** Options that mean the same as for a run. */
const AS_FOR_A_RUN = [
  ...['topology', 'server', 'workers', 'threads', 'cpus', 'runtime', 'toolchain', 'base', 'network'],
  ...['out', 'json', 'seed'],
]

/** What a plan is for; the rest of the options is about measuring. */
const DEMAND = ['rps', 'p99', 'peak', 'growth', 'years', 'hitRatio', 'cores', 'memory', 'cost', 'spare'] as const
const WITHOUT_MEASURING: readonly string[] = [...DEMAND, 'from', 'out', 'json']

/** Fewer rounds than this show nothing, and more take hours. */
const [FEWEST_ROUNDS, MOST_ROUNDS] = [2, 200]

/** `plan`: how many machines, workers and how much memory each topology needs for a demand. */
export function plan(program: Command, signal: AbortSignal): void {
  const command = program
    .command('plan')
    .description(
      'measure each topology and plan what it needs for your traffic: machines, workers, memory, cost.\n' +
        'Exit code 0: there is a plan; 4: no topology meets the demand, or the plan is not to be trusted.',
    )
    .allowExcessArguments(false)
    .addOption(option('--rps <n>', 'requests per second that are expected, on average over the busy hours', rps))
    .addOption(option('--p99 <time>', 'the longest that 99 of 100 requests may take, as in 200ms or 0.2s', duration))
    .addOption(option('--peak <factor>', 'the peak, for each request on average, as in 3x (default: 1x)', peak))
    .addOption(option('--growth <percent>', 'growth of the traffic, as in 30%/y (default: none)', growth))
    .addOption(option('--years <n>', 'how far ahead is planned (default: 1)', numberBetween(0, 20, false)))
    .addOption(
      option(
        '--hit-ratio <share>',
        'of what a cache may keep, the share that it answers, 0 to 1 (default: 0)',
        hitRatio,
      ),
    )
    .addOption(option('--cores <n>', 'cores of one machine (default: as here)', numberBetween(1, 1024)))
    .addOption(option('--memory <size>', 'memory of one machine, as in 4G (default: as here)', machineMemory))
    .addOption(option('--cost <prices>', 'prices a month, as in core=20,gb=3 (default: none)', cost))
    .addOption(option('--spare <n>', 'machines that may fail at the peak (default: 0)', numberBetween(0, 100)))
    .addOption(option('--from <run.json>', 'plan again with what this run measured, for another demand'))
  withApplication(command)
  for (const shared of withRun(new Command()).options)
    if (AS_FOR_A_RUN.includes(shared.name())) command.addOption(shared)
  command
    .addOption(
      option(
        '--rounds <n>',
        'how often every load is measured (default: 16, fewer where answers take long)',
        numberBetween(FEWEST_ROUNDS, MOST_ROUNDS),
      ),
    )
    .addOption(
      option(
        '--seconds <n>',
        'length of each window (default: 0.3, more where answers take long)',
        numberBetween(0.1, 60, false),
      ),
    )
    .action(async (words: PlanWords) => {
      const typed = process.argv.slice(2)
      const demand = demandWords(words)
      if (words.from !== undefined) {
        refuseMeasuring(command)
        const run = await replanned(words.from, demand, typed)
        await save(run, folderOf(run, words.out))
        await conclude({ run, failures: [] }, words)
        return
      }
      using room = scratch()
      const options = await planOptions(words)
      const application = chosenApplication(words, room, (line) => void process.stderr.write(`${line}\n`))
      const asked = { demand, application, words: typed, folderFor: (run: GrowingRun) => folderOf(run, words.out) }
      await conclude(await performPlan(options, asked, signal), words)
    })
}

const option = (flags: string, description: string, parser?: (text: string) => unknown): Option => {
  const made = new Option(flags, description)
  return parser ? made.argParser(parser) : made
}

/** What of the words says what the plan is for. */
const demandWords = (words: PlanWords): DemandWords =>
  Object.fromEntries(DEMAND.flatMap((key) => (words[key] === undefined ? [] : [[key, words[key]]])))

/** Words without effect would look as if something had been measured. */
function refuseMeasuring(command: Command): void {
  const unused = command.options.find(
    (each) =>
      command.getOptionValueSource(each.attributeName()) === 'cli' && !WITHOUT_MEASURING.includes(each.attributeName()),
  )
  if (unused)
    throw usageError(
      `${unused.long} is about measuring, and with --from nothing is measured.`,
      'Leave one of them out.',
    )
}
