import { chmodSync, existsSync, mkdirSync, realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative } from 'node:path'
import type { GateSide } from '../../reports/run.ts'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import { usageError } from '../choices.ts'
import { git, saidBy } from './git.ts'

/** The files of a user's project as they are at a git ref, in a folder of the lab's. */
export interface WorkingTree {
  readonly ref: NonNullable<GateSide['ref']>
  /** Where they are. */
  readonly folder: string
  /** The user's own working tree. */
  readonly toplevel: string
  /** Where a path of the user's is in the tree, whether it exists there or not; undefined when it is outside the repository. */
  at(path: string): string | undefined
  /** Whether a file, by its path without links, is one of the project's in the user's own working tree. */
  isOfHead(file: string): boolean
}

/**
 * Writes the files of a ref into a new folder in `room`. The repository is the one of the user's file `near`; nothing in it is
 * changed: git has worktrees of its own, but registers them, and would keep those of a lab that was killed.
 */
export async function workingTree(
  name: string,
  near: string,
  room: string,
  signal?: AbortSignal,
): Promise<WorkingTree> {
  const toplevel = await toplevelOf(dirname(near), signal)
  const commit = await commitOf(toplevel, name, signal)
  const folder = join(room, 'base')
  mkdirSync(folder)
  chmodSync(folder, 0o755)
  const index = { GIT_INDEX_FILE: join(room, 'index') }
  try {
    await git(toplevel, ['read-tree', commit], signal, index)
    await git(toplevel, ['checkout-index', '--all', '--quiet', `--prefix=${folder}/`], signal, index)
  } catch (cause) {
    if (cause instanceof LabError) throw cause
    signal?.throwIfAborted()
    throw new LabError(
      `The files of ${name} cannot be written: ${saidBy(cause)}.`,
      'Free some space there, or set TMPDIR to another folder.',
      { cause },
    )
  }
  const ofHead = new Set((await git(toplevel, ['ls-files', '-z'], signal)).split('\0'))
  return {
    ref: { name, commit },
    folder,
    toplevel,
    at: (path) => {
      const inside = relative(toplevel, resolved(path))
      return inside === '..' || inside.startsWith('../') || isAbsolute(inside) ? undefined : join(folder, inside)
    },
    isOfHead: (file) => ofHead.has(relative(toplevel, file)),
  }
}

async function toplevelOf(folder: string, signal?: AbortSignal): Promise<string> {
  try {
    return await git(folder, ['rev-parse', '--show-toplevel'], signal)
  } catch (cause) {
    if (cause instanceof LabError) throw cause
    signal?.throwIfAborted()
    const said = saidBy(cause)
    throw said.startsWith('not a git repository')
      ? usageError(
          `${folder} is not in a git repository.`,
          'Name the base with --base-app FILE:callable instead of --base.',
        )
      : usageError(`git cannot tell the repository of ${folder}: ${said}.`, 'Let git answer there: git status.')
  }
}

async function commitOf(toplevel: string, name: string, signal?: AbortSignal): Promise<string> {
  try {
    // What begins with a hyphen is no ref; git would take it for an option.
    if (name === '' || name.startsWith('-')) throw new Error('no ref')
    return await git(toplevel, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`], signal)
  } catch (cause) {
    if (cause instanceof LabError) throw cause
    signal?.throwIfAborted()
    const isShallow = (await git(toplevel, ['rev-parse', '--is-shallow-repository'], signal)) === 'true'
    throw usageError(
      `There is no commit "${name}" in ${toplevel}.`,
      isShallow
        ? 'The clone is shallow: fetch the rest with git fetch --unshallow (GitHub’s checkout: fetch-depth: 0).'
        : 'Name a branch, a tag or a commit that is there, after git fetch if need be.',
    )
  }
}

/** A path with links in its folders followed, as git names them; what does not exist stays as it was typed. */
function resolved(path: string): string {
  if (path === dirname(path)) return path
  const folder = dirname(path)
  // Not the last part: in a repository a link is a file of its own.
  return join(existsSync(folder) ? realpathSync(folder) : resolved(folder), basename(path))
}
