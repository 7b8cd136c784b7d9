import { createHash } from 'node:crypto'
import { access, mkdir, readdir, readFile, rename, rm, statfs, symlink, writeFile } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { archive, type Archive } from './archive.ts'
import { cacheDirectory } from './cache-directory.ts'
import { LabError } from './lab-error.ts'
import { lock } from './lock.ts'
import { APPLICATION_PACKAGES } from './applications.ts'
import { parseVersions, upstream, versionIn } from './versions.ts'
import type { Server } from '../servers/index.ts'

const run = promisify(execFile)

/** Where the servers' programs come from. */
export interface Toolchain {
  readonly name: 'private' | 'system'
  /** One line for reports: origin, release, Python version. */
  readonly title: string
  /** Prefix of every path of the distribution; empty for the system's own. */
  readonly root: string
  readonly triplet: string
  /** What a program of this toolchain needs in its environment. */
  readonly environment: Readonly<Record<string, string>>
  /** Version of an installed package, as the distribution writes it. */
  version(packageName: string): string
}

/** Changes when the way a toolchain is made changes, so that old ones are made anew. */
const RECIPE = 2
/** Measured on Debian 12: 104 MB of packages and 500 MB unpacked, both there at once. */
const SPACE_BYTES = 900e6

/** Name of the folder that holds the toolchain for these packages on this machine. */
function toolchainName(from: Archive, packages: readonly string[]): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([RECIPE, packages]))
    .digest('hex')
    .slice(0, 12)
  return `toolchain-${from.id}-${from.architecture}-${digest}`
}

/**
 * The private toolchain: the servers from the machine's own Debian or Ubuntu archive, unpacked below the cache
 * folder. Needs no root, installs nothing and is shared by all labs of a user; made on first use.
 */
export async function privateToolchain(
  servers: readonly Server[],
  say: (line: string) => void = () => {},
  signal?: AbortSignal,
): Promise<Toolchain> {
  const from = await archive()
  const packages = [...new Set([...APPLICATION_PACKAGES, ...servers.flatMap((server) => server.packages)])].sort()
  const cache = await cacheDirectory()
  const root = join(cache, toolchainName(from, packages))
  const manifest = join(root, 'packages.json')
  if (!(await exists(manifest))) {
    await using _lock = await lock(join(cache, 'toolchain.lock'), 'the servers', say, signal)
    // Another lab may have made it while this one waited.
    if (!(await exists(manifest))) await build(from, packages, root, say, signal)
  }
  const versions = JSON.parse(await readFile(manifest, 'utf8')) as Record<string, string>
  const libraries = [`${root}/usr/lib/${from.triplet}`, `${root}/lib/${from.triplet}`, `${root}/usr/lib`]
  return {
    name: 'private',
    title: `private toolchain from ${from.title}, Python ${upstream(versionIn(versions, 'python3'))}`,
    root,
    triplet: from.triplet,
    environment: {
      LD_LIBRARY_PATH: [...libraries, `${root}/usr/lib/${from.triplet}/varnish`].join(':'),
      PYTHONHOME: `${root}/usr`,
    },
    version: (name) => versionIn(versions, name),
  }
}

/** The programs that are installed on the machine; the ones missing are named with the command that installs them. */
export async function systemToolchain(servers: readonly Server[]): Promise<Toolchain> {
  const missing: Server[] = []
  for (const server of servers) if (!(await exists(server.program))) missing.push(server)
  if (missing.length > 0) {
    throw new LabError(
      `Not installed on this machine: ${missing.map((server) => server.title).join(', ')}.`,
      `Install with: apt-get install --no-install-recommends ${[...missing.flatMap((server) => server.packages), ...APPLICATION_PACKAGES].join(' ')}; or leave --toolchain system out.`,
    )
  }
  const names = [...new Set(servers.map((server) => server.versionOf)), 'python3.*']
  const query = await run('dpkg-query', ['-W', '-f', '${Package} ${Version}\n', ...names]).catch(
    (error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }),
  )
  const versions = parseVersions(query.stdout)
  const from = await archive()
  return {
    name: 'system',
    title: `installed packages of ${from.title}, Python ${upstream(versionIn(versions, 'python3'))}`,
    root: '',
    triplet: from.triplet,
    environment: {},
    version: (name) => versionIn(versions, name),
  }
}

async function build(
  from: Archive,
  packages: readonly string[],
  root: string,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const cache = join(root, '..')
  const space = await statfs(cache)
  if (space.bavail * space.bsize < SPACE_BYTES) {
    throw new LabError(
      `The servers need ${SPACE_BYTES / 1e6} MB below ${cache}, and ${Math.floor((space.bavail * space.bsize) / 1e6)} MB are free.`,
      'Free some space, or set XDG_CACHE_HOME to a folder on a larger disk.',
    )
  }
  const work = `${root}.building`
  await rm(work, { recursive: true, force: true })
  try {
    say(`fetching the package lists of ${from.title}`)
    await mkdir(join(work, 'root'), { recursive: true, mode: 0o755 })
    const apt = await from.apt(join(work, 'apt'), signal)
    const closure = await apt.closure(packages)
    say(`downloading ${closure.length} packages`)
    const files = await apt.download(closure)
    say(`unpacking ${files.length} packages`)
    for (const file of files) {
      // The machine's own C library serves: the same release, and a second one would not fit its loader.
      if (basename(file).startsWith('libc6_')) continue
      await run('dpkg-deb', ['-x', file, join(work, 'root')], signal ? { signal } : {})
    }
    await linkPlugin(join(work, 'root'))
    say('compiling Python modules')
    await compile(join(work, 'root'), from)
    const versions = Object.fromEntries(files.map((file) => versionOf(basename(file))))
    await writeFile(join(work, 'root', 'packages.json'), JSON.stringify(versions, null, 2))
    await rename(join(work, 'root'), root)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** uWSGI's plugin for the distribution's Python under the name that its package's script gives it: unpacking runs no scripts. */
async function linkPlugin(root: string): Promise<void> {
  const folder = join(root, 'usr', 'lib', 'uwsgi', 'plugins')
  const plugin = (await readdir(folder).catch(() => [])).find((name) => /^python3\d+_plugin\.so$/.test(name))
  if (plugin) await symlink(plugin, join(folder, 'python3_plugin.so'))
}

/** Bytecode, which packages make when they are installed: without it every start of a server would compile. */
async function compile(root: string, from: Archive): Promise<void> {
  await run(
    `${root}/usr/bin/python3`,
    ['-m', 'compileall', '-q', '-j', '0', '--invalidation-mode', 'unchecked-hash', `${root}/usr/lib`],
    {
      env: {
        PATH: '/usr/bin:/bin',
        PYTHONHOME: `${root}/usr`,
        LD_LIBRARY_PATH: `${root}/usr/lib/${from.triplet}:${root}/lib/${from.triplet}`,
      },
    },
  ).catch(() => {
    // Some packages ship files for other Python versions, which do not compile; the rest is compiled all the same.
  })
}

/** `gunicorn_20.1.0-6+deb12u1_all.deb` to name and version; apt writes `:` as `%3a`. */
function versionOf(file: string): [string, string] {
  const [name = '', version = ''] = file.split('_')
  return [name, decodeURIComponent(version).replace(/^\d+:/, '')]
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
