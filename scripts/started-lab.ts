import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { mentions, pids } from '../topologies/runtimes/processes.ts'
import { ROOT } from './catalogue.ts'

/** How a command of the lab's ended. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** `npm run lab -- WORDS`, as a user types it, to its end; `prefix` is what stands before it, as `setpriv` does. */
export function endedLab(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
  prefix: readonly string[] = [],
): Promise<Ended> {
  const [program, ...args] = [...prefix, process.execPath, 'scripts/boot.mjs', 'scripts/lab.ts', ...words]
  return new Promise((resolve) => {
    const how = { cwd: ROOT, env: { ...process.env, NO_COLOR: '1', ...env }, maxBuffer: 64e6 }
    execFile(program!, args, how, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    )
  })
}

/** A lab started for a test as a user starts it, told apart by its own temporary folder. */
export function startLab(temporary: string, words: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['scripts/boot.mjs', 'scripts/lab.ts', ...words], {
    cwd: ROOT,
    // A group of its own, as a terminal gives it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: `${temporary}/`, NO_COLOR: '1' },
  })
}

/** Starts a short run of reverse-proxy and waits until it has said the word. */
export async function runUntil(temporary: string, word: string, words: readonly string[]): Promise<ChildProcess> {
  const small = ['--topology', 'reverse-proxy', '--profile', 'smoke', '--suite', 'pep3333-call']
  const child = startLab(temporary, [...small, '--out', join(temporary, 'report'), ...words])
  let said = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (said.includes(word)) resolve()
      })
    }
    child.once('exit', () => reject(new Error(`the lab ended before it said "${word}":\n${said}`)))
  })
  return child
}

/** Processes of the lab under test: all of them have its temporary folder in their environment. */
export const processesLeft = (temporary: string): readonly number[] =>
  pids().filter((pid) => pid !== process.pid && mentions(pid, temporary))
