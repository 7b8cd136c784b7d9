import { Option, type Command } from 'commander'
import { scratch } from '../../topologies/runtimes/scratch.ts'
import { chosenApplication } from '../application/chosen.ts'
import { withApplication } from '../application/options.ts'
import { usageError } from '../choices.ts'
import { withServers } from '../options.ts'
import { collect, numberBetween } from '../parsers.ts'
import { reportOutcome } from '../run-and-report.ts'
import { folderOf } from '../save.ts'
import { objective } from '../searching/objective.ts'
import { capacityOptions, soughtOf, type CapacityWords } from '../searching/options.ts'
import { performCapacity } from '../searching/perform.ts'

/** `capacity --slo p99=200ms`: the highest rate at which each topology keeps an objective. */
export function capacity(program: Command, signal: AbortSignal): void {
  withApplication(withServers(program.command('capacity')))
    .description('finds the highest rate at which each topology keeps a service level objective')
    .addOption(
      new Option(
        '--slo <limits>',
        'the objective: longest latencies at percentiles (p50, p90, p99, p99.9) and the share of requests that may go wrong (0.1% where it is not said), as in p99=200ms,errors=0.1%',
      ).argParser(objective),
    )
    .addOption(
      new Option('--topology <names>', 'which topologies (comma-separated, repeatable)')
        .argParser(collect)
        .default([], 'all'),
    )
    .addOption(
      new Option('--repeats <n>', 'searches of each topology, with fresh servers each time; one takes about a minute')
        .argParser(numberBetween(1, 100))
        .default(4),
    )
    .addOption(
      new Option('--seed <n>', 'seed of the random order, to repeat a run').argParser(numberBetween(0, 2 ** 31 - 1)),
    )
    .option('--out <folder>', 'where to write the report (default: a new folder below reports/runs)')
    .option('--json', 'print the run as one JSON document on stdout and nothing else')
    .action(async (words: Omit<CapacityWords, 'slo'> & Partial<Pick<CapacityWords, 'slo'>>) => {
      const { slo } = words
      if (slo === undefined)
        throw usageError('Capacity is for an objective.', 'Say which: --slo p99=200ms,errors=0.1%.')
      const options = await capacityOptions({ ...words, slo })
      using room = scratch()
      const application = chosenApplication(words, room, (line) => process.stderr.write(`${line}\n`))
      const folderFor = (run: Parameters<typeof folderOf>[0]): string => folderOf(run, words.out)
      const request = { sought: soughtOf(slo), application, words: process.argv.slice(2), folderFor }
      const outcome = await performCapacity(options, request, signal)
      await reportOutcome(outcome, { json: options.json, ...(words.out === undefined ? {} : { out: words.out }) })
    })
}
