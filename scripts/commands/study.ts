import { Option, type Command } from 'commander'
import { choose, usageError } from '../choices.ts'
import { runtimeChoice, withRuntime, type RuntimeWords } from '../options.ts'
import { collect, numberBetween } from '../parsers.ts'
import { reportOutcome } from '../run-and-report.ts'
import { folderOf } from '../save.ts'
import { interpreterStudy } from '../studies/interpreter.ts'
import { performStudy } from '../studies/perform.ts'
import { STUDY_PROFILES, type StudyProfileName } from '../studies/profiles.ts'

interface Words extends RuntimeWords {
  readonly profile: StudyProfileName
  readonly part: readonly string[]
  readonly seed?: number
  readonly out?: string
  readonly json?: boolean
}

/** Studies by name. */
const STUDIES = [{ name: 'interpreter', configurations: interpreterStudy }] as const

/** `study interpreter`: measures what decides between the architectures, and writes a report of it. */
export function study(program: Command, signal: AbortSignal): void {
  withRuntime(program.command('study'))
    .description(
      'interpreter: what Python interpreters weigh, what threads and processes do, what clients do to workers',
    )
    .argument('[name]', 'interpreter')
    .addOption(
      new Option('--profile <name>', profiles())
        .choices(Object.keys(STUDY_PROFILES))
        .default('quick')
        .env('LAB_PROFILE'),
    )
    .addOption(
      new Option('--part <names>', 'only these: memory, scaling, cost, clients').argParser(collect).default([], 'all'),
    )
    .addOption(
      new Option('--seed <n>', 'seed of the random order, to repeat a study').argParser(numberBetween(0, 2 ** 31 - 1)),
    )
    .option('--out <folder>', 'where to write the report (default: a new folder below reports/runs)')
    .option('--json', 'print the run as one JSON document on stdout and nothing else')
    .action(async (name: string | undefined, words: Words) => {
      if (name === undefined)
        throw usageError('A study needs a name.', `Choose from: ${STUDIES.map((each) => each.name).join(', ')}.`)
      const [chosen] = choose('study', STUDIES, [name])
      const profile = STUDY_PROFILES[words.profile]
      const all = await chosen!.configurations(profile.sizes)
      const parts = [...new Set(all.map(({ part }) => part))].map((part) => ({ name: part }))
      const wanted = choose('part', parts, words.part).map((part) => part.name)
      const runtime = runtimeChoice(words)
      if (runtime.runtimes.length > 1) throw usageError('A study is made on one runtime.', 'Name one --runtime.')
      const options = {
        configurations: all.filter(({ part }) => wanted.includes(part)),
        profileName: words.profile,
        profile,
        runtime,
        seed: words.seed ?? Math.floor(Math.random() * 2 ** 31),
        ...(words.out === undefined ? {} : { out: words.out }),
        json: words.json ?? false,
      }
      const outcome = await performStudy(options, process.argv.slice(2), (run) => folderOf(run, words.out), signal)
      await reportOutcome(outcome, options)
    })
}

const profiles = () =>
  `how much to do:\n${Object.entries(STUDY_PROFILES)
    .map(([name, profile]) => `  ${name}: ${profile.says}`)
    .join('\n')}\n`
