import { Argument, type Command } from 'commander'
import { once } from 'node:events'
import { placement } from '../host.ts'
import { chosenTopologies, runtimeChoice, withServers, type ServerWords } from '../options.ts'
import { usageError } from '../choices.ts'
import { runtimesFor } from '../runtime.ts'

interface Words extends ServerWords {
  readonly app: string
}

/** `up TOPOLOGY`: brings it up, prints every hop's URL and stays until Ctrl-C. */
export function up(program: Command, signal: AbortSignal): void {
  withServers(program.command('up'))
    .description('bring a topology up, print every hop’s URL, stay until Ctrl-C')
    .addArgument(new Argument('<topology>'))
    .option('--app <name>', 'the application: a module of apps/', 'pages')
    .action(async (name: string, given: Words) => {
      const [topology, another] = await chosenTopologies([name], given.server)
      if (!topology || another)
        throw usageError(
          'up brings up one topology.',
          'Name exactly one, and one --server for each role: npm run lab -- up three-tier',
        )
      const say = (line: string) => process.stderr.write(`${line}\n`)
      const choice = runtimeChoice(given)
      if (choice.runtimes.length > 1) throw usageError('up brings up one topology.', 'Name one --runtime.')
      const { runtimes, because } = await runtimesFor(choice, [topology], say, signal)
      await using runtime = runtimes[0]!
      say(because ?? `${runtime.name}: ${runtime.title}`)
      const { workers, threads, cpus } = given
      const size = { workers, threads, placement: await placement(cpus), signal }
      await using deployment = await runtime.up(topology, { ...size, application: given.app })
      for (const hop of deployment.target.hops)
        process.stdout.write(`${hop.role.padEnd(6)} ${hop.server.padEnd(10)} ${hop.url}\n`)
      process.stdout.write('Up. Ctrl-C takes it down.\n')
      if (!signal.aborted) await once(signal, 'abort')
      process.stdout.write('Taking it down.\n')
    })
}
