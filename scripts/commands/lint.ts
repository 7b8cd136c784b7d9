import { Option, type Command } from 'commander'
import { join } from 'node:path'
import { lintBehindServer } from '../../suites/linting/behind-server.ts'
import { findings } from '../../suites/linting/findings.ts'
import { lintInProcess } from '../../suites/linting/in-process.ts'
import { lintEnvironment, type Linted, type Place } from '../../suites/linting/index.ts'
import type { Topology } from '../../topologies/index.ts'
import { applicationsFor } from '../../topologies/runtimes/applications.ts'
import { EXIT } from '../../topologies/runtimes/lab-error.ts'
import { native } from '../../topologies/runtimes/native.ts'
import { scratch } from '../../topologies/runtimes/scratch.ts'
import type { Toolchain } from '../../topologies/runtimes/toolchain.ts'
import { upstream } from '../../topologies/runtimes/versions.ts'
import { ROOT, servers, topologies } from '../catalogue.ts'
import { parseServerChoice, usageError } from '../choices.ts'
import { renderLint } from '../lint-report.ts'
import { linted, type LintWords } from '../linted.ts'
import { chosenTopologies } from '../options.ts'
import { toolchainFor } from '../runtime.ts'

interface Words extends LintWords {
  readonly server: readonly string[]
  readonly servers: boolean
  readonly json?: boolean
}

const APPS = join(ROOT, 'apps')
const collect = (value: string, before: readonly string[]) => [...before, value]

/** `lint --app FILE:callable`: which of the application's rules a user's own application breaks. */
export function lint(program: Command, signal: AbortSignal): void {
  program
    .command('lint')
    .description(
      'say which rules of PEP 3333 your own application breaks: in process and behind real servers.\n' +
        'It is sent GET, HEAD, POST (a form of two fields) and OPTIONS, and clients that go away.\n' +
        'Exit code 1 when a rule is broken; advice alone is 0.',
    )
    .allowExcessArguments(false)
    .requiredOption('--app <file:callable>', 'your application, as in --app shop/wsgi.py:application')
    .addOption(new Option('--path <path>', 'ask for this path (repeatable)').argParser(collect).default([], '/'))
    .addOption(
      new Option('--server <app=name[/variant]>', 'behind this server (repeatable)')
        .argParser(collect)
        .default([], 'app=gunicorn/gthread and app=waitress'),
    )
    .option('--no-servers', 'only in process')
    .addOption(
      new Option('--python-path <folder>', 'put this folder on Python’s module path (repeatable)')
        .argParser(collect)
        .default([], 'the application’s own'),
    )
    .addOption(
      new Option(
        '--env <name=value>',
        'give this variable to the application, which sees nothing of yours (repeatable)',
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--json', 'print an array of {rule, level, outcome, seen} and nothing else')
    .action(async (words: Words) => {
      const what = linted(words)
      const hosts = words.servers ? await hostsFor(words.server) : []
      const say = (line: string) => process.stderr.write(`${line}\n`)
      const toolchain = await toolchainFor('private', await topologies(), say, signal)
      const places = await lintEverywhere(what, hosts, toolchain, signal)
      const found = findings(places)
      process.stdout.write(words.json ? `${JSON.stringify(found, null, 1)}\n` : renderLint(places, found))
      if (found.some(({ outcome }) => outcome === 'broken')) process.exitCode = EXIT.breach
    })
}

/** A topology with one tier for each server: the application's server alone. */
export async function hostsFor(choices: readonly string[]): Promise<readonly Topology[]> {
  const all = await servers()
  const [alone] = (await topologies()).filter(({ name }) => name === 'app-server')
  const wanted = choices.length > 0 ? choices : ['app=gunicorn/gthread', 'app=waitress']
  const hosts: Topology[] = []
  for (const choice of wanted.flatMap((words) => words.split(','))) {
    const { server } = parseServerChoice(choice, all)
    if (server.role !== 'app')
      throw usageError(
        `${server.title} does not call applications.`,
        'Choose a server for the role app, as in --server app=uwsgi.',
      )
    hosts.push(...(await chosenTopologies([alone!.excludes?.[server.name] ?? alone!.name], [choice])))
  }
  return hosts
}

/** In process first: an application that cannot be had is found there, before a server is started. */
export async function lintEverywhere(
  what: Linted,
  hosts: readonly Topology[],
  toolchain: Toolchain,
  signal: AbortSignal,
): Promise<readonly Place[]> {
  using room = scratch()
  const python = { python: `${toolchain.root}/usr/bin/python3`, env: toolchain.environment }
  const inProcess = await lintInProcess(what, python, applicationsFor(room, APPS), signal)
  const places: Place[] = [inProcess]
  await using runtime = await native(toolchain, APPS)
  for (const topology of hosts) {
    const size = { workers: 2, threads: 4, signal }
    await using deployment = await runtime.up(topology, {
      ...size,
      application: 'lint',
      environment: lintEnvironment(what),
    })
    const { server, variant } = topology.tiers.at(-1)!
    const where = `behind ${server.title} ${upstream(deployment.services.at(-1)!.version)} (${variant})`
    places.push(await lintBehindServer(deployment.target, where, what.paths, inProcess.answered, signal))
  }
  return places
}
