import type { Command } from 'commander'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheDirectory } from '../../topologies/runtimes/cache-directory.ts'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import { sweep } from '../../topologies/runtimes/scratch.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)

/** `clean`: removes what dead labs left, and on request what is kept to be used again. */
export function clean(program: Command): void {
  program
    .command('clean')
    .description('end processes, remove folders, containers and networks that dead labs left behind')
    .option(
      '--toolchain',
      'remove the private toolchain and packages that pip installed too; the next run makes them anew',
    )
    .option('--images', 'remove the images of servers too; the next run builds them anew')
    .action(async (options: { toolchain?: boolean; images?: boolean }) => {
      const swept = await sweep()
      say(`Ended ${swept.processes.length} processes, removed ${swept.directories.length} folders of dead labs.`)
      await cleanEngine(options.images ?? false)
      if (!options.toolchain) return
      const cache = await cacheDirectory()
      const kept = (await readdir(cache)).filter((name) => /^(?:toolchain|packages|pip)-/.test(name))
      for (const name of kept) await rm(join(cache, name), { recursive: true, force: true })
      const toolchains = kept.filter((name) => name.startsWith('toolchain-')).length
      const others = kept.length - toolchains
      say(`Removed ${toolchains} toolchains${others > 0 ? ` and ${others} folders of packages` : ''} from ${cache}.`)
    })
}

async function cleanEngine(withImages: boolean): Promise<void> {
  const [{ engine }, { removeImages, sweepContainers }] = await Promise.all([
    import('../../topologies/runtimes/containers/engine.ts'),
    import('../../topologies/runtimes/containers/sweep.ts'),
  ])
  const found = await engine().catch((error: unknown) => {
    // Most machines have none, and then there is nothing to clean.
    if (error instanceof LabError && !withImages) return undefined
    throw error
  })
  if (!found) return
  const { containers, networks } = await sweepContainers(found.docker)
  say(`Removed ${containers} containers and ${networks} networks of dead labs.`)
  if (withImages) say(`Removed ${await removeImages(found.docker)} images of servers.`)
}
