import { Argument, type Command } from 'commander'
import { once } from 'node:events'
import { scratch } from '../../topologies/runtimes/scratch.ts'
import { chosenApplication } from '../application/chosen.ts'
import type { ApplicationWords } from '../application/index.ts'
import { withOwnApplication } from '../application/options.ts'
import { readyOn } from '../application/ready.ts'
import { placement } from '../host.ts'
import { chosenTopologies, runtimeChoice, withServers, type ServerWords } from '../options.ts'
import { usageError } from '../choices.ts'
import { runtimesFor } from '../runtime.ts'

type Words = ServerWords & Omit<ApplicationWords, 'path' | 'har'>

/** A module of apps/ as `--app` may name it: a user's own application is a file and a callable. */
const MODULE = /^\w+$/

/** `up TOPOLOGY`: brings it up, prints every hop's URL and stays until Ctrl-C. */
export function up(program: Command, signal: AbortSignal): void {
  withOwnApplication(withServers(program.command('up')))
    .description('bring a topology up, print every hop’s URL, stay until Ctrl-C')
    .addArgument(new Argument('<topology>'))
    .action(async (name: string, given: Words) => {
      using room = scratch()
      const [topology, another] = await chosenTopologies([name], given.server)
      if (!topology || another)
        throw usageError(
          'up brings up one topology.',
          'Name exactly one, and one --server for each role: npm run lab -- up three-tier',
        )
      const say = (line: string) => void process.stderr.write(`${line}\n`)
      const { app, ...rest } = given
      const module = app !== undefined && MODULE.test(app) ? app : undefined
      const application = chosenApplication(
        { ...rest, ...(app === undefined || module ? {} : { app }), path: [] },
        room,
        say,
      )
      const choice = runtimeChoice(given)
      if (choice.runtimes.length > 1) throw usageError('up brings up one topology.', 'Name one --runtime.')
      const { runtimes, because } = await runtimesFor(choice, [topology], say, signal)
      await using runtime = runtimes[0]!
      say(because ?? `${runtime.name}: ${runtime.title}`)
      const { workers, threads, cpus } = given
      const size = { workers, threads, placement: await placement(cpus), signal }
      await using deployment = await runtime.up(topology, {
        ...(module ? { application: module } : await readyOn(runtime, application, say, signal)),
        ...size,
      })
      for (const hop of deployment.target.hops)
        process.stdout.write(`${hop.role.padEnd(6)} ${hop.server.padEnd(10)} ${hop.url}\n`)
      process.stdout.write('Up. Ctrl-C takes it down.\n')
      if (!signal.aborted) await once(signal, 'abort')
      process.stdout.write('Taking it down.\n')
    })
}
