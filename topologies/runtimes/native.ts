import { join } from 'node:path'
import { applicationsFor } from './applications.ts'
import { bringUp, onLoopback } from './bring-up.ts'
import type { Chain } from '../index.ts'
import { cpusOf, type Deployment, type PythonOutcome, type PythonWork, type Runtime, type UpOptions } from './index.ts'
import { startProcess } from './native-process.ts'
import { pip } from './pip.ts'
import { runPython } from './python-process.ts'
import { redeployable } from './redeployable.ts'
import { scratch, sweep } from './scratch.ts'
import type { Toolchain } from './toolchain.ts'

/** Topologies as processes of this machine. `apps` is the folder of the applications under test. */
export async function native(toolchain: Toolchain, apps: string): Promise<Runtime> {
  await sweep()
  const room = scratch()
  const applications = applicationsFor(room, apps)
  let deployments = 0
  async function up(chain: Chain, options: UpOptions): Promise<Deployment> {
    const directory = join(room.directory, `${++deployments}-${chain.name}`)
    // In the application server's folder, which its user may write to.
    const events = join(directory, 'app', 'events.jsonl')
    return bringUp(
      {
        ...onLoopback,
        runtime: 'native',
        origin: toolchain.title,
        root: toolchain.root,
        triplet: toolchain.triplet,
        applications: { here: applications, there: applications },
        events: { here: events, there: events },
        directory: (role) => join(directory, role),
        version: (server) => toolchain.version(server.versionOf),
        start: async ({ server }, launch, site, environment) =>
          startProcess(launch, site, {
            room,
            cpus: cpusOf(options.placement, server.role),
            environment: { ...environment, ...toolchain.environment },
            abrupt: options.abrupt ?? false,
          }),
      },
      chain,
      options,
    )
  }
  const run = async ({ argv, environment, ...rest }: PythonWork): Promise<PythonOutcome> =>
    runPython({
      python: `${toolchain.root}/usr/bin/python3`,
      argv,
      apps: applications,
      environment: { ...environment, ...toolchain.environment },
      ...rest,
    })
  return {
    name: 'native',
    title: toolchain.title,
    up: redeployable(up),
    python: async (work) => run({ ...work, argv: [join(applications, work.argv[0]), ...work.argv.slice(1)] }),
    pip: async (work, say) => run({ ...work, argv: [await pip(say, work.signal), ...work.argv] }),
    alone: (tier, origin, options) => up({ name: 'alone', tiers: [tier] }, { ...options, origin }),
    [Symbol.asyncDispose]: async () => room[Symbol.dispose](),
  }
}
