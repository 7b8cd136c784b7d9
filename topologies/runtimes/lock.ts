import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { LabError } from './lab-error.ts'

/**
 * Waits until this process alone holds the lock under which it prepares something. The kernel releases it when the process ends,
 * however it ends.
 */
export async function lock(
  file: string,
  what: string,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<AsyncDisposable> {
  const holder = spawn('flock', [file, 'sh', '-c', 'echo held; cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    ...(signal ? { signal } : {}),
  })
  const waiting = setTimeout(() => say(`waiting for another lab that is preparing ${what}`), 1000)
  const [first] = (await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')]).catch((error: unknown) => {
    signal?.throwIfAborted()
    return [error]
  })) as [unknown]
  clearTimeout(waiting)
  if (!Buffer.isBuffer(first))
    throw new LabError(`The lock ${file} cannot be taken.`, 'Check that the folder can be written.')
  holder.on('error', () => {})
  return {
    [Symbol.asyncDispose]: async () => {
      holder.stdin.end()
      if (holder.exitCode === null && holder.signalCode === null) await once(holder, 'exit')
    },
  }
}
