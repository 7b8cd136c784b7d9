import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT, LabError } from '../../topologies/runtimes/lab-error.ts'
import { runPython } from '../../topologies/runtimes/python-process.ts'
import { endOf } from '../../topologies/runtimes/service.ts'
import type { Toolchain } from '../../topologies/runtimes/toolchain.ts'
import type { Side } from './side.ts'
import type { Sides } from './sides.ts'

/** What `apps/mounting/check.py` says. */
type Said =
  | { readonly files: readonly string[] }
  | { readonly refused: { readonly kind: string; readonly happened: string; readonly todo: string } }

/** Longest time for an application to be loaded. */
const LOADING_MS = 60_000

/**
 * Loads the applications of both sides, each in a process of its own, before any server is started: what is wrong with one is
 * told in its own words. `apps` is where the services' user can read the lab's applications.
 */
export async function loadBoth(
  { base, head, tree }: Sides,
  toolchain: Toolchain,
  apps: string,
  signal: AbortSignal,
): Promise<void> {
  if (!('LAB_APP' in head.environment)) return
  await load('head', head, toolchain, apps, signal)
  const files = await load('base', base, toolchain, apps, signal)
  if (!tree) return
  // Of an environment's packages both sides may use the same: they are no part of the project.
  const foreign = files.map(real).find((file) => tree.isOfHead(file))
  if (foreign !== undefined)
    throw new LabError(
      `The base would run a part of the head: it loads ${foreign}, which is not from ${tree.ref.name}.`,
      'Name the folder of the project’s own modules with --python-path, before one in which it is installed as editable.',
    )
}

/** Loads one side's application; the files of all modules that were loaded with it. */
async function load(
  name: 'base' | 'head',
  { environment }: Side,
  toolchain: Toolchain,
  apps: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { stdout, stderr, ending, isLate } = await runPython({
    python: `${toolchain.root}/usr/bin/python3`,
    argv: [join(apps, 'mounting', 'check.py')],
    apps,
    environment: { ...environment, ...toolchain.environment },
    limit: LOADING_MS,
    signal,
  })
  if (stdout === '') {
    const why = isLate ? `was not loaded within ${LOADING_MS / 1000} s` : `ended its process (${ending})`
    throw new LabError(`The ${name}’s application ${why}.`, `The end of what it wrote:\n${endOf(stderr)}`)
  }
  const said = JSON.parse(stdout) as Said
  if ('files' in said) return said.files
  const { kind, happened, todo } = said.refused
  throw new LabError(`The ${name}: ${happened}`, todo, { exitCode: kind === 'usage' ? EXIT.usage : EXIT.environment })
}

function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    // A module of an archive, or one that was never a file.
    return path
  }
}
