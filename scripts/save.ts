import { access, constants, mkdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Reporter } from '../reports/reporters/index.ts'
import type { Run } from '../reports/run.ts'
import { LabError } from '../topologies/runtimes/lab-error.ts'
import { ROOT } from './catalogue.ts'

/** Paths that a user types are relative to where `npm` was called, not to the checkout. */
export const userPath = (path: string): string => resolve(process.env['INIT_CWD'] ?? process.cwd(), path)

/** The folder a run is written to. */
export const folderOf = (run: Run, out?: string): string =>
  out ? userPath(out) : join(ROOT, 'reports', 'runs', run.id)

/** Writes what is known so far. A reader never sees half a file: it is written beside and renamed. */
export async function save(run: Run, folder: string): Promise<void> {
  await writing(folder, async () => {
    await mkdir(folder, { recursive: true })
    await writeWhole(join(folder, 'run.json'), `${JSON.stringify(run, null, 1)}\n`)
  })
}

/** Refuses a folder that cannot be written, before an hour is spent on what could not be saved. */
export async function refuseUnwritable(folder: string): Promise<void> {
  await writing(folder, async () => {
    let existing = folder
    while (!(await stat(existing).catch(() => null))) existing = dirname(existing)
    if (!(await stat(existing)).isDirectory()) throw new Error(`${existing} is not a folder.`)
    await access(existing, constants.W_OK)
  })
}

/** Renders a run with every reporter into the folder and returns the files' names. */
export async function report(run: Run, folder: string, reporters: readonly Reporter[]): Promise<readonly string[]> {
  const rendered = await Promise.all(reporters.map((reporter) => reporter.render(run)))
  const artifacts = rendered.flat()
  await writing(folder, async () => {
    await mkdir(folder, { recursive: true })
    for (const artifact of artifacts) await writeWhole(join(folder, artifact.name), artifact.content)
  })
  return artifacts.map((artifact) => artifact.name)
}

/** Makes `latest` beside the folder point to it. */
export async function markLatest(folder: string): Promise<void> {
  const link = join(dirname(folder), 'latest')
  const fresh = `${link}.${process.pid}`
  await rm(fresh, { force: true })
  await symlink(basename(folder), fresh)
  await rename(fresh, link)
}

/** Writes a file so that no reader sees half of it: beside, then renamed. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const beside = `${path}.${process.pid}.part`
  try {
    await writeFile(beside, content)
    await rename(beside, path)
  } finally {
    await rm(beside, { force: true })
  }
}

async function writing(folder: string, write: () => Promise<void>): Promise<void> {
  await write().catch((cause: unknown) => {
    throw new LabError(
      `The report cannot be written to ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Free some space, or name another folder with --out.',
      { cause },
    )
  })
}
