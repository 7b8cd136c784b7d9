import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * The generator's process in a container, where no parent can talk to it directly: its order comes from the
 * environment (LAB_ORDER, JSON), what it has to tell goes to stdout, one JSON document a line.
 */

const child = fork(fileURLToPath(new URL('./generate.ts', import.meta.url)), {
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
})
child.on('message', (progress) => process.stdout.write(`${JSON.stringify(progress)}\n`))
// Setting it, not exiting: stdout is a pipe and may still hold the recording.
child.on('close', (code) => (process.exitCode = code ?? 1))
child.send(JSON.parse(process.env['LAB_ORDER'] ?? 'null') as object)
