import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Progress } from './generate.ts'

/**
 * The generator's process in a container, where no parent can talk to it directly: its order comes from the
 * environment (LAB_ORDER, JSON), what it has to tell goes to stdout, one JSON document a line.
 */

const child = fork(fileURLToPath(new URL('./generate.ts', import.meta.url)), {
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
})
child.on('message', (progress: Progress) => {
  process.stdout.write(`${JSON.stringify(progress)}\n`)
  // There is no other order: it may end.
  if (progress.kind === 'recordings' || progress.kind === 'failure') child.disconnect()
})
// Setting it, not exiting: stdout is a pipe and may still hold the recording.
child.on('close', (code) => (process.exitCode = code ?? 1))
child.send(JSON.parse(process.env['LAB_ORDER'] ?? 'null') as object)
