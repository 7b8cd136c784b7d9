import { Option, type Command } from 'commander'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Verdict } from '../../reports/run.ts'
import { judgeAll } from '../../suites/judging/judge.ts'
import type { Target } from '../../topologies/index.ts'
import type { Role } from '../../topologies/servers/index.ts'
import { eventsIn } from '../../topologies/runtimes/events.ts'
import { EXIT, LabError } from '../../topologies/runtimes/lab-error.ts'
import { suites } from '../catalogue.ts'
import { choose, usageError } from '../choices.ts'
import { checkedUrl } from '../loopback.ts'
import { userPath } from '../save.ts'

interface Words {
  readonly url: string
  readonly role: Role
  readonly events?: string
  readonly suite?: readonly string[]
  readonly json?: boolean
  readonly allowRemote?: boolean
}

/** `conform --url URL`: judges a gateway that already runs, with `apps/probe.py` mounted in it. */
export function conform(program: Command, signal: AbortSignal): void {
  program
    .command('conform')
    .description('judge a gateway that already runs, with apps/probe.py mounted in it')
    .requiredOption('--url <url>', 'where the probe answers')
    .addOption(
      new Option('--role <role>', 'what answers there: the application’s server, or what stands in front of it')
        .choices(['app', 'proxy', 'cache', 'balancer'])
        .default('app'),
    )
    .option(
      '--events <file>',
      'the file that the gateway was given as LAB_EVENTS, for clauses about what the application saw',
    )
    .option('--suite <names...>', 'which suites (default: all)')
    .option('--json', 'print an array of {clause, level, outcome, because} and nothing else')
    .option('--allow-remote', 'judge a gateway on another machine')
    .action(async (words: Words) => {
      const url = checkedUrl(words.url, words.allowRemote ?? false)
      const chosen = choose('suite', await suites(), words.suite ?? [])
      const target: Target = {
        hops: [{ role: words.role, server: 'gateway', url }],
        ...(words.events === undefined ? {} : { events: await eventLog(userPath(words.events)) }),
      }
      const say = words.json ? () => {} : (verdict: Verdict) => process.stdout.write(line(verdict))
      const verdicts = await judgeAll(chosen, target, signal, { onVerdict: say })
      if (words.json) {
        const rows = verdicts.map(({ clause, level, outcome, because }) => ({
          clause,
          level,
          outcome,
          ...(because ? { because } : {}),
        }))
        process.stdout.write(`${JSON.stringify(rows, null, 1)}\n`)
      } else {
        process.stdout.write(`\n${tally(verdicts)}\n`)
      }
      if (
        verdicts.length > 0 &&
        verdicts.every((verdict) => verdict.outcome === 'error' || verdict.outcome === 'inapplicable')
      ) {
        throw new LabError(
          `Nothing could be judged at ${url}: ${verdicts.find((verdict) => verdict.outcome === 'error')?.because ?? ''}`,
          'Mount apps/probe.py (callable "application") in the gateway at the root of that URL.',
          { exitCode: EXIT.environment },
        )
      }
    })
}

/** The event log, which may appear with the first request; but a typing error should not look like silence. */
async function eventLog(file: string): Promise<NonNullable<Target['events']>> {
  const folder = await stat(file).catch(() => stat(dirname(file)).catch(() => null))
  if (!folder)
    throw usageError(
      `There is no file ${file}, nor its folder.`,
      'Name the file that the gateway has in its environment as LAB_EVENTS.',
    )
  return eventsIn(file)
}

const line = ({ clause, level, outcome, because }: Verdict) =>
  `${outcome.padEnd(12)} ${level.padEnd(10)} ${clause}${because ? `\n             ${because}` : ''}\n`

function tally(verdicts: readonly Verdict[]): string {
  const counts = Map.groupBy(verdicts, (verdict) => verdict.outcome)
  return [...counts].map(([outcome, of]) => `${of.length} ${outcome}`).join(', ')
}
