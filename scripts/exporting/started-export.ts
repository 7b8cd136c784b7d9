import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { SERVICE_USER } from '../../topologies/runtimes/service-user.ts'
import { statusOf } from '../../topologies/runtimes/ready.ts'
import type { Toolchain } from '../../topologies/runtimes/toolchain.ts'

const READY_MS = 30_000
const STOP_MS = 15_000

/** An export that was started as its README says, by an ordinary user. */
export interface StartedExport extends AsyncDisposable {
  readonly url: string
  /** Asks it to stop, and how it ended: `code 0`. */
  stop(): Promise<string>
}

/** Starts a command of an export with the lab's toolchain, and waits until it answers on that port of 127.0.0.1. */
export async function startedExport(
  folder: string,
  command: readonly string[],
  port: number,
  { root, triplet, environment }: Toolchain,
  variables: Readonly<Record<string, string>> = {},
): Promise<StartedExport> {
  // The kernel ends it with this process.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', ...command], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...SERVICE_USER,
    env: {
      ...{ PATH: '/usr/bin:/bin', HOME: '/tmp', LANG: 'C.UTF-8', PORT: String(port), ROOT: root, TRIPLET: triplet },
      ...environment,
      ...variables,
    },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (said += String(part)))
  const ended = once(child, 'exit')
  const stop = async (): Promise<string> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    const isOver = await Promise.race([ended.then(() => true), sleep(STOP_MS, false)])
    if (!isOver && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    return isOver ? (child.signalCode ?? `code ${child.exitCode}`) : 'killed'
  }
  const deadline = performance.now() + READY_MS
  while (((await statusOf({ host: '127.0.0.1', port }, 1000)) ?? 500) >= 500) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await stop()
      throw new Error(`${command.join(' ')} does not answer:\n${said}`)
    }
    await sleep(50)
  }
  return { url: `http://127.0.0.1:${port}/`, stop, [Symbol.asyncDispose]: async () => void (await stop()) }
}
