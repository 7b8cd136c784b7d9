import { EXIT, LabError } from '../../topologies/runtimes/lab-error.ts'
import type { Runtime } from '../../topologies/runtimes/index.ts'
import { endOf } from '../../topologies/runtimes/service.ts'
import type { Mounted } from './index.ts'

/** What `apps/mounting/check.py` says. */
type Said =
  | { readonly files: readonly string[] }
  | { readonly refused: { readonly kind: string; readonly happened: string; readonly todo: string } }

/** Longest time for an application to be loaded. */
const LOADING_MS = 60_000

/**
 * Loads a user's application in a process of its own, before any server is started: what is wrong with it is told in its own words,
 * after `whose`. The files of all modules that were loaded with it.
 */
export async function loaded(
  runtime: Pick<Runtime, 'python'>,
  { environment, folders, writable }: Mounted,
  signal: AbortSignal | undefined,
  whose = '',
): Promise<readonly string[]> {
  const { stdout, stderr, ending, isLate } = await runtime.python({
    argv: ['mounting/check.py'],
    environment,
    ...(folders ? { folders } : {}),
    ...(writable ? { writable } : {}),
    limit: LOADING_MS,
    ...(signal ? { signal } : {}),
  })
  if (stdout === '') {
    const why = isLate ? `was not loaded within ${LOADING_MS / 1000} s` : `ended its process (${ending})`
    throw new LabError(`${whose}The application ${why}.`, `The end of what it wrote:\n${endOf(stderr)}`)
  }
  const said = JSON.parse(stdout) as Said
  if ('files' in said) return said.files
  const { kind, happened, todo } = said.refused
  throw new LabError(`${whose}${happened}`, todo, { exitCode: kind === 'usage' ? EXIT.usage : EXIT.environment })
}
