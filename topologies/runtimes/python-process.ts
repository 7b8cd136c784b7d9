import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import type { PythonOutcome } from './index.ts'
import { SERVICE_USER } from './service-user.ts'

/** A Python script of the lab's that looks at a user's application. */
export interface PythonScript {
  /** Absolute path of the interpreter. */
  readonly python: string
  /** The script and its arguments. */
  readonly argv: readonly [string, ...string[]]
  /** The lab's applications, where the services' user can read them: its working folder and its home. */
  readonly apps: string
  readonly environment: Readonly<Record<string, string>>
  /** Milliseconds after which it is ended by force. */
  readonly limit: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs a script as the services' user, so that what cannot be read is found there, and root runs nobody's application. Rejects
 * when it was aborted, never for what the script did.
 */
export async function runPython(script: PythonScript): Promise<PythonOutcome> {
  const { python, argv, apps, environment, signal } = script
  const limit = AbortSignal.timeout(script.limit)
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', python, ...argv], {
    cwd: apps,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.any([limit, ...(signal ? [signal] : [])]),
    killSignal: 'SIGKILL',
    ...SERVICE_USER,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', HOME: apps, ...environment },
  })
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, killer) => resolve(killer ? `signal ${killer}` : `exit code ${code}`))
  })
  const [stdout, stderr, ending] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  signal?.throwIfAborted()
  return { stdout, stderr, ending, isLate: limit.aborted }
}
