import { execFile } from 'node:child_process'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { archive } from './archive.ts'
import { cacheDirectory } from './cache-directory.ts'
import { LabError } from './lab-error.ts'
import { lock } from './lock.ts'

const run = promisify(execFile)

/** The package that holds the distribution's pip as a wheel, which Python runs as it is. */
export const PIP_PACKAGE = 'python3-pip-whl'
/** Where that package puts it. */
export const WHEELS = '/usr/share/python-wheels'

/** Absolute path of the machine's own release of pip, for Python to run; fetched when it is first asked for. */
export async function pip(say: (line: string) => void, signal?: AbortSignal): Promise<string> {
  const from = await archive()
  const cache = await cacheDirectory()
  const root = join(cache, `pip-${from.id}`)
  const found = await wheelIn(root)
  if (found) return found
  await using _lock = await lock(join(cache, 'pip.lock'), 'pip', say, signal)
  const ofAnother = await wheelIn(root)
  if (ofAnother) return ofAnother
  const work = `${root}.fetching`
  await rm(work, { recursive: true, force: true })
  try {
    say('fetching pip')
    await mkdir(join(work, 'root'), { recursive: true, mode: 0o755 })
    const [file] = await (await from.apt(join(work, 'apt'), signal)).download([PIP_PACKAGE])
    await run('dpkg-deb', ['-x', file!, join(work, 'root')], signal ? { signal } : {})
    await rm(root, { recursive: true, force: true })
    await rename(join(work, 'root'), root)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  const wheel = await wheelIn(root)
  if (wheel) return wheel
  throw new LabError(
    `The package ${PIP_PACKAGE} holds no pip.`,
    'Name a folder of packages with --python-path instead.',
  )
}

async function wheelIn(root: string): Promise<string | undefined> {
  const folder = join(root, WHEELS)
  const name = (await readdir(folder).catch(() => [])).find((each) => /^pip-.*\.whl$/.test(each))
  return name && join(folder, name, 'pip')
}
