import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { cacheDirectory } from '../../topologies/runtimes/cache-directory.ts'
import type { PythonOutcome, Runtime } from '../../topologies/runtimes/index.ts'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import { lock } from '../../topologies/runtimes/lock.ts'
import { SERVICE_USER } from '../../topologies/runtimes/service-user.ts'
import { pipSettings } from './pip-settings.ts'
import { requirementsIn } from './requirements-file.ts'

/** Longest time for pip: a package may have to be compiled. */
const PIP_MS = 900_000
const LOOK_MS = 30_000
/** How much of what pip wrote is shown. */
const PIP_LINES = 8

/**
 * A folder with what a requirements file names, installed for the Python of a runtime. It is kept in the lab's cache, by what the
 * file says and by what that Python is; pip writes beside it, so that half a folder is never used.
 */
export async function packagesOf(
  file: string,
  runtime: Runtime,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<string> {
  const texts = requirementsIn(file)
  const python = await interpreterOf(runtime, signal)
  const digest = createHash('sha256')
    .update(JSON.stringify([texts, python]))
    .digest('hex')
  const cache = await cacheDirectory()
  const folder = join(cache, `packages-${digest.slice(0, 16)}`)
  if (existsSync(folder)) return folder
  await using _lock = await lock(join(cache, 'packages.lock'), `the packages of ${basename(file)}`, say, signal)
  // Another lab may have installed them while this one waited.
  if (existsSync(folder)) return folder
  const work = `${folder}.installing`
  rmSync(work, { recursive: true, force: true })
  try {
    say(`installing the packages of ${basename(file)} with pip`)
    await install(file, texts, work, runtime, say, signal)
    readable(join(work, 'packages'))
    renameSync(join(work, 'packages'), folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return folder
}

async function install(
  file: string,
  texts: Readonly<Record<string, string>>,
  work: string,
  runtime: Runtime,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  for (const folder of [work, join(work, 'packages'), join(work, 'home')]) mkdirSync(folder, { mode: 0o755 })
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(work, name), text)
  const { environment, folders } = pipSettings(work)
  owned(work)
  const outcome = await runtime.pip(
    {
      argv: [
        'install',
        ...['--no-input', '--no-cache-dir', '--no-compile', '--disable-pip-version-check'],
        ...['--target', join(work, 'packages'), '--requirement', join(work, '0.txt')],
      ],
      environment: { ...environment, HOME: join(work, 'home'), TMPDIR: join(work, 'home') },
      ...{ folders, writable: [work], limit: PIP_MS },
      ...(signal ? { signal } : {}),
    },
    say,
  )
  if (outcome.ending !== 'exit code 0') throw failed(file, outcome)
}

function failed(file: string, { stdout, stderr, isLate }: PythonOutcome): LabError {
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-PIP_LINES)
  const why = isLate ? ` within ${PIP_MS / 60_000} minutes` : ''
  return new LabError(
    `pip cannot install the packages of ${file}${why}:\n${said.join('\n').replace(/^/gm, '  ')}`,
    'Mend what it says, or install them yourself for the same Python and name their folder with --python-path.',
  )
}

/** Which Python a runtime has, as far as packages depend on it. */
async function interpreterOf(runtime: Runtime, signal?: AbortSignal): Promise<string> {
  const look = { argv: ['mounting/interpreter.py'] as const, limit: LOOK_MS, ...(signal ? { signal } : {}) }
  const { stdout, stderr, ending } = await runtime.python(look)
  if (stdout.trim() !== '') return stdout.trim()
  throw new LabError(`Python ended without a word (${ending}).`, `The end of what it wrote:\n${stderr}`)
}

/** For pip, which runs as the services' user. */
function owned(folder: string): void {
  if (!SERVICE_USER) return
  for (const path of [folder, ...below(folder)]) chownSync(path, SERVICE_USER.uid, SERVICE_USER.gid)
}

/** What was installed belongs to the lab and can be read by everybody, whatever the umask. */
function readable(folder: string): void {
  for (const path of [folder, ...below(folder)]) {
    if (SERVICE_USER) lchownSync(path, 0, 0)
    const found = lstatSync(path)
    if (!found.isSymbolicLink()) chmodSync(path, found.isDirectory() || (found.mode & 0o100) !== 0 ? 0o755 : 0o644)
  }
}

const below = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
