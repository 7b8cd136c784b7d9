import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LabError } from './lab-error.ts'
import { osRelease } from './os-release.ts'

const run = promisify(execFile)

/** The machine's own Debian or Ubuntu archive, asked through an apt state apart from the machine's. */
export interface Archive {
  /** `debian-12` or `ubuntu-24.04`. */
  readonly id: string
  readonly title: string
  /** Debian's name of the architecture: `amd64`. */
  readonly architecture: string
  /** Multiarch name: `x86_64-linux-gnu`. */
  readonly triplet: string
  /** Fetches the package lists into a folder and answers questions about them. */
  apt(directory: string, signal?: AbortSignal): Promise<Apt>
}

/** apt with lists, cache and package state of its own: the machine's are neither read nor touched. */
export interface Apt {
  /** The packages and everything they need, as if nothing were installed. */
  closure(packages: readonly string[]): Promise<readonly string[]>
  /** Absolute paths of the downloaded package files. */
  download(packages: readonly string[]): Promise<readonly string[]>
}

const TRIPLETS: Readonly<Record<string, string>> = { amd64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }

/** The archive of this machine, or a clear refusal where there is none. */
export async function archive(): Promise<Archive> {
  const id = osRelease('ID')
  const dpkg = await run('dpkg', ['--print-architecture']).catch(() => null)
  if (!dpkg || !['debian', 'ubuntu'].includes(id)) {
    throw new LabError(
      `This machine (${osRelease('PRETTY_NAME') || process.platform}) is neither Debian nor Ubuntu, whose packages the native runtime uses.`,
      'Run the lab on Debian or Ubuntu, or in a container of one.',
    )
  }
  const architecture = dpkg.stdout.trim()
  const triplet = TRIPLETS[architecture]
  if (!triplet) {
    throw new LabError(`The lab does not know the architecture ${architecture}.`, 'Run it on amd64 or arm64.')
  }
  return {
    id: `${id}-${osRelease('VERSION_ID')}`,
    title: osRelease('PRETTY_NAME'),
    architecture,
    triplet,
    apt: (directory, signal) => apt(directory, osRelease('VERSION_CODENAME'), signal),
  }
}

async function apt(directory: string, codename: string, signal?: AbortSignal): Promise<Apt> {
  for (const folder of ['lists/partial', 'cache/archives/partial', 'sources', 'debs']) {
    await mkdir(join(directory, folder), { recursive: true })
  }
  await writeFile(join(directory, 'status'), '')
  await writeFile(join(directory, 'sources', 'archive.sources'), await sources(codename))
  await writeFile(join(directory, 'apt.conf'), await configuration(directory))
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', APT_CONFIG: join(directory, 'apt.conf') }
  const call = (program: string, words: readonly string[], cwd = directory) =>
    run(program, words, { env, cwd, maxBuffer: 64e6, ...(signal ? { signal } : {}) })

  // It exits with 0 even when nothing could be fetched; what it says then matters if a package is not found below.
  const updated = await call('apt-get', ['update']).catch((error: Error & { stderr?: string }) => error)
  signal?.throwIfAborted()
  return {
    closure: async (packages) => {
      const words = ['install', '--simulate', '--no-install-recommends', ...packages]
      const plan = await call('apt-get', words).catch((cause: unknown) => {
        signal?.throwIfAborted()
        const unreachable = /^[WE]: .*$/m.exec(updated.stderr ?? '')?.[0]
        throw new LabError(
          `The machine's package archive gave no answer to use: ${unreachable ?? lastLines(cause)}`,
          'Check the network and the sources in /etc/apt, then run the same command again.',
          { cause },
        )
      })
      return [...plan.stdout.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]!)
    },
    download: async (packages) => {
      const debs = join(directory, 'debs')
      await call('apt-get', ['download', ...packages], debs).catch((cause) => {
        signal?.throwIfAborted()
        throw new LabError(
          `Packages could not be downloaded: ${lastLines(cause)}`,
          'Check the network and the free disk space, then run the same command again.',
          { cause },
        )
      })
      return (await readdir(debs)).filter((name) => name.endsWith('.deb')).map((name) => join(debs, name))
    },
  }
}

/**
 * The machine's sources that belong to its own release. Others (a vendor's repository) could be unreachable, or
 * offer servers that the report would take for the distribution's.
 */
async function sources(codename: string): Promise<string> {
  const files = ['/etc/apt/sources.list']
  for (const name of await readdir('/etc/apt/sources.list.d').catch(() => [])) {
    if (/\.(list|sources)$/.test(name)) files.push(`/etc/apt/sources.list.d/${name}`)
  }
  const stanzas: string[] = []
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '')
    stanzas.push(...(file.endsWith('.sources') ? text.split(/\n\s*\n/) : text.split('\n').map(asStanza)))
  }
  const own = stanzas.filter((stanza) => {
    const suites = /^Suites:\s*(.+)$/im.exec(stanza)?.[1]?.split(/\s+/) ?? []
    const ofRelease = suites.every((suite) => suite.split(/[-/]/)[0] === codename)
    return suites.length > 0 && ofRelease && /^Components:.*\bmain\b/im.test(stanza) && !/^Enabled:\s*no/im.test(stanza)
  })
  if (own.length === 0) {
    throw new LabError(
      `No package source for ${codename} is set up on this machine.`,
      'Add the distribution’s own archive to /etc/apt, or use --toolchain system.',
    )
  }
  return own.map((stanza) => `${stanza.trim()}\n`).join('\n')
}

/** A line of `sources.list` in the newer notation; empty when it is a comment or names source packages. */
function asStanza(line: string): string {
  const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line.trim())
  if (!match) return ''
  const signedBy = /signed-by=(\S+)/.exec(match[1] ?? '')?.[1]
  return [
    'Types: deb',
    `URIs: ${match[2]}`,
    `Suites: ${match[3]}`,
    `Components: ${match[4]}`,
    ...(signedBy ? [`Signed-By: ${signedBy}`] : []),
  ].join('\n')
}

/**
 * How to fetch (proxies, certificates) is the machine's own business and kept; everything else is not, above all
 * the hooks that clean up the machine's caches after an update.
 */
async function configuration(directory: string): Promise<string> {
  const { stdout } = await run('apt-config', ['dump'])
  const fetching = stdout.split('\n').filter((line) => line.startsWith('Acquire::'))
  return `${fetching.join('\n')}
Dir::Etc::parts "/dev/null";
Dir::Etc::main "/dev/null";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "${directory}/sources";
Dir::State "${directory}";
Dir::State::lists "${directory}/lists";
Dir::State::status "${directory}/status";
Dir::Cache "${directory}/cache";
Debug::NoLocking "true";
APT::Sandbox::User "";
APT::Get::List-Cleanup "false";
Acquire::Languages "none";
Acquire::Retries "3";
`
}

function lastLines(error: unknown): string {
  const text = error instanceof Error ? ((error as Error & { stderr?: string }).stderr ?? error.message) : String(error)
  return text.trim().split('\n').slice(-3).join(' ')
}
