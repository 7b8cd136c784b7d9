import { Argument, type Command } from 'commander'
import { once } from 'node:events'
import { placement } from '../host.ts'
import { chosenTopologies, withServers } from '../options.ts'
import { usageError } from '../choices.ts'
import { runtimeWith, toolchainFor } from '../runtime.ts'

interface Words {
  readonly server: readonly string[]
  readonly toolchain: 'private' | 'system'
  readonly workers: number
  readonly threads: number
  readonly cpus: number
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
        throw usageError('up brings up one topology.', 'Name exactly one: npm run lab -- up three-tier')
      const say = (line: string) => process.stderr.write(`${line}\n`)
      await using runtime = await runtimeWith(await toolchainFor(given.toolchain, [topology], say, signal))
      await using deployment = await runtime.up(topology, {
        ...given,
        application: given.app,
        placement: await placement(given.cpus),
        signal,
      })
      for (const hop of deployment.target.hops)
        process.stdout.write(`${hop.role.padEnd(6)} ${hop.server.padEnd(10)} ${hop.url}\n`)
      process.stdout.write('Up. Ctrl-C takes it down.\n')
      if (!signal.aborted) await once(signal, 'abort')
      process.stdout.write('Taking it down.\n')
    })
}
