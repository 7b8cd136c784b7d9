import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { archive } from '../topologies/runtimes/archive.ts'
import { cacheDirectory } from '../topologies/runtimes/cache-directory.ts'

const run = promisify(execFile)

/**
 * The folder of Python packages of the machine's own distribution with all they need, for tests that want an application nobody wrote
 * for the lab. They are unpacked once, into the lab's cache.
 */
export async function distributionPackages(name: string): Promise<string> {
  const from = await archive()
  const root = join(await cacheDirectory(), `packages-${from.id}-${name}`)
  const folder = join(root, 'usr/lib/python3/dist-packages')
  if (existsSync(folder)) return folder
  const work = `${root}.${process.pid}`
  try {
    await mkdir(join(work, 'root'), { recursive: true, mode: 0o755 })
    const apt = await from.apt(join(work, 'apt'))
    // Python itself is the toolchain's.
    const modules = (await apt.closure([name])).filter((each) => /^python3-(?!minimal$|distutils$|lib2to3$)/.test(each))
    for (const file of await apt.download(modules))
      if (basename(file).endsWith('.deb')) await run('dpkg-deb', ['-x', file, join(work, 'root')])
    await rm(root, { recursive: true, force: true })
    await rename(join(work, 'root'), root)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return folder
}
