import { InvalidArgumentError, Option, type Command } from 'commander'
import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Verdict } from '../../reports/run.ts'
import { startedOrigin, type Origin } from '../../suites/judging/origin.ts'
import { judgeAll } from '../../suites/judging/judge.ts'
import { SETTINGS, type Setting, type Target } from '../../topologies/index.ts'
import type { Role } from '../../topologies/servers/index.ts'
import { eventsIn } from '../../topologies/runtimes/events.ts'
import { EXIT, LabError } from '../../topologies/runtimes/lab-error.ts'
import { suites } from '../catalogue.ts'
import { choose, chooseClauses, usageError } from '../choices.ts'
import { checkedUrl } from '../loopback.ts'
import { userPath } from '../save.ts'

interface Words {
  readonly url: string
  readonly role: Role
  readonly origin?: string
  readonly events?: readonly string[]
  readonly log?: readonly string[]
  readonly also: ReadonlyMap<Setting, URL>
  readonly clause?: readonly string[]
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
      '--origin <host:port>',
      'judge a proxy or cache (--role) alone: the lab listens there as the server that it passes requests to',
    )
    .option(
      '--events <file...>',
      'the file that the gateway was given as LAB_EVENTS, for clauses about what the application saw',
    )
    .option('--log <file...>', 'what the gateway logs to, for clauses about what it reports')
    .addOption(
      new Option(
        '--also <setting=url>',
        `the gateway once more, set otherwise (repeatable): ${SETTINGS.join(', ')} (see apps/probe.py)`,
      )
        .argParser(otherSetting)
        .default(new Map(), 'none'),
    )
    .option('--suite <names...>', 'which suites (default: all)')
    .option('--clause <ids...>', 'which clauses of them (default: all)')
    .option('--json', 'print an array of {clause, level, outcome, because} and nothing else')
    .option('--allow-remote', 'judge a gateway on another machine')
    .action(async (words: Words) => {
      const url = checkedUrl(words.url, words.allowRemote ?? false)
      const chosen = chooseClauses(choose('suite', await suites(), words.suite ?? []), words.clause ?? [])
      await using origin = await originOf(words)
      const target = origin ? { ...(await targetOf(words, url)), origin } : await targetOf(words, url)
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
          words.origin === undefined
            ? 'Mount apps/probe.py (callable "application") in the gateway at the root of that URL.'
            : `Let what answers there pass requests to ${words.origin}.`,
          { exitCode: EXIT.environment },
        )
      }
    })
}

/** The lab's own origin where the words want one; its address must be one of this machine. */
async function originOf({ origin, role, allowRemote }: Words): Promise<Origin | undefined> {
  if (origin === undefined) return undefined
  if (role === 'app')
    throw usageError(
      '--origin is for what stands in front of an application.',
      'Add --role proxy, or --role cache for what stores responses.',
    )
  const { hostname, port } = checkedUrl(`http://${origin}`, allowRemote ?? false)
  return await startedOrigin(hostname.replace(/^\[|\]$/g, ''), Number(port || 80)).catch((error: Error) => {
    throw new LabError(`The lab cannot listen at ${origin}: ${error.message}.`, 'Choose a free port of this machine.')
  })
}

/** What the words say of a gateway: where it is, and what of its inside can be looked at. */
async function targetOf({ role, events, log, also, allowRemote = false }: Words, url: URL): Promise<Target> {
  const logs = log && (await logsIn(log.map(userPath)))
  const at = (where: URL): Target => ({
    hops: [{ role, server: 'gateway', url: where, ...(logs ? { logs } : {}) }],
    ...(seen ? { events: seen } : {}),
  })
  const seen = events && (await eventLog(events.map(userPath)))
  const others = new Map([...also].map(([setting, other]) => [setting, at(checkedUrl(other.href, allowRemote))]))
  const redeployed = async (setting: Setting): Promise<Target | undefined> => others.get(setting)
  return { ...at(url), ...(others.size > 0 ? { redeployed } : {}) }
}

/** `mounted=http://127.0.0.1:8001/lab/`, for commander. */
function otherSetting(text: string, before: ReadonlyMap<Setting, URL>): ReadonlyMap<Setting, URL> {
  const [, name = '', url = ''] = /^([\w-]+)=(.+)$/.exec(text) ?? []
  const setting = SETTINGS.find((each) => each === name)
  if (!setting || !URL.canParse(url))
    throw new InvalidArgumentError(`Write setting=URL; settings are ${SETTINGS.join(', ')}.`)
  return new Map([...before, [setting, new URL(url)]])
}

/** Reads all of the gateway's logs; a file that is not there is a typing error. */
async function logsIn(files: readonly string[]): Promise<() => Promise<string>> {
  const read = async (): Promise<string> => (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n')
  await read().catch((error: Error) => {
    throw usageError(`The log cannot be read: ${error.message}.`, 'Name the file that the gateway writes to.')
  })
  return read
}

/** The event logs, which may appear with the first request; but a typing error should not look like silence. */
async function eventLog(files: readonly string[]): Promise<NonNullable<Target['events']>> {
  for (const file of files) {
    const there = await stat(file).catch(() => stat(dirname(file)).catch(() => null))
    if (!there)
      throw usageError(
        `There is no file ${file}, nor its folder.`,
        'Name the file that the gateway has in its environment as LAB_EVENTS.',
      )
  }
  const logs = files.map(eventsIn)
  return async (nonce) => (await Promise.all(logs.map((read) => read(nonce)))).flat()
}

const line = ({ clause, level, outcome, because }: Verdict) =>
  `${outcome.padEnd(12)} ${level.padEnd(10)} ${clause}${because ? `\n             ${because}` : ''}\n`

function tally(verdicts: readonly Verdict[]): string {
  const counts = Map.groupBy(verdicts, (verdict) => verdict.outcome)
  return [...counts].map(([outcome, of]) => `${of.length} ${outcome}`).join(', ')
}
