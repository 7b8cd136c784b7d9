import { realpathSync } from 'node:fs'
import type { Runtime } from '../../topologies/runtimes/index.ts'
import { LabError } from '../../topologies/runtimes/lab-error.ts'
import { loaded } from '../application/loading.ts'
import { withPackages } from '../application/mounted.ts'
import { packagesOf } from '../application/packages.ts'
import type { Side } from './side.ts'
import type { Sides } from './sides.ts'

/**
 * Installs what the applications of both sides require and loads them, each in a process of its own, before any server is started:
 * what is wrong with one is told in its own words. The sides with their packages.
 */
export async function loadBoth(
  sides: Sides,
  runtime: Runtime,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Sides> {
  const { tree } = sides
  if (sides.head.application !== 'mounted') return sides
  const whole = async (side: Side): Promise<Side> =>
    side.requirements === undefined
      ? side
      : { ...side, ...withPackages(side, await packagesOf(side.requirements, runtime, say, signal)) }
  const [head, base] = [await whole(sides.head), await whole(sides.base)]
  await loaded(runtime, head, signal, 'The head: ')
  const files = await loaded(runtime, base, signal, 'The base: ')
  // Of an environment's packages both sides may use the same: they are no part of the project.
  const foreign = tree && files.map(real).find((file) => tree.isOfHead(file))
  if (foreign !== undefined)
    throw new LabError(
      `The base would run a part of the head: it loads ${foreign}, which is not from ${tree!.ref.name}.`,
      'Name the folder of the project’s own modules with --python-path, before one in which it is installed as editable.',
    )
  return { ...sides, base, head }
}

function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    // A module of an archive, or one that was never a file.
    return path
  }
}
