import type { Command } from 'commander'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheDirectory } from '../../topologies/runtimes/cache-directory.ts'
import { sweep } from '../../topologies/runtimes/scratch.ts'

/** `clean`: removes what dead labs left, and on request the private toolchain. */
export function clean(program: Command): void {
  program
    .command('clean')
    .description('end processes and remove folders that dead labs left behind')
    .option('--toolchain', 'remove the private toolchain too; the next run makes it anew')
    .action(async (options: { toolchain?: boolean }) => {
      const swept = await sweep()
      process.stdout.write(
        `Ended ${swept.processes.length} processes, removed ${swept.directories.length} folders of dead labs.\n`,
      )
      if (!options.toolchain) return
      const cache = await cacheDirectory()
      const toolchains = (await readdir(cache)).filter((name) => name.startsWith('toolchain-'))
      for (const name of toolchains) await rm(join(cache, name), { recursive: true, force: true })
      process.stdout.write(`Removed ${toolchains.length} toolchains from ${cache}.\n`)
    })
}
