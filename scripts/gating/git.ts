import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { usageError } from '../choices.ts'

const run = promisify(execFile)

/** Longer than this git's answers are not: a list of paths at most. */
const MOST_BYTES = 64e6

/**
 * Nothing of the user's may be changed or run by looking: no lock, no index file of its own beside the repository's, no hook,
 * no question at a terminal.
 */
const CAREFUL = [
  ...['-c', 'core.hooksPath=/dev/null'],
  ...['-c', 'core.fsmonitor=false'],
  ...['-c', 'core.splitIndex=false'],
  ...['-c', 'core.untrackedCache=false'],
]

/** Which repository is meant is told by a folder alone: within a hook of git's these say something else. */
const MISLEADING = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_COMMON_DIR']

/** How git ended, as an error with what it wrote. */
export interface GitFailure {
  readonly stderr: string
}

/** What a git command writes to stdout, without its last line feed. Rejects with a `GitFailure` when it fails. */
export async function git(
  folder: string,
  words: readonly string[],
  signal?: AbortSignal,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const own = Object.entries(process.env).filter(([name]) => !MISLEADING.includes(name))
  const env = {
    ...Object.fromEntries(own),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    ...environment,
  }
  // What is written must be readable for the services' user, whatever the user's umask.
  const argv = ['-c', 'umask 022 && exec git "$@"', 'sh', '-C', folder, ...CAREFUL, ...words]
  const how = { env, maxBuffer: MOST_BYTES, ...(signal ? { signal } : {}) }
  const { stdout } = await run('sh', argv, how).catch((error: Error & { code?: unknown; stderr?: string }) => {
    signal?.throwIfAborted()
    if (error.code === 127) throw usageError('git is not installed.', 'Install it, or name the base with --base-app.')
    throw Object.assign(error, { stderr: error.stderr ?? '' } satisfies GitFailure)
  })
  return stdout.replace(/\n$/, '')
}

/** What git had to say when it failed: the last line of it that is not empty. */
export function saidBy(failure: unknown): string {
  const { stderr = '' } = failure as Partial<GitFailure>
  const lines = stderr.split('\n').filter((line) => line.trim() !== '')
  return (lines.find((line) => line.startsWith('fatal:')) ?? lines.at(-1) ?? 'nothing').replace(/^(fatal|error): /, '')
}
