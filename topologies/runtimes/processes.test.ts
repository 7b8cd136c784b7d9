import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { contextSwitchesOf, processOf, threadTimesOf } from './processes.ts'

test.runIf(process.platform === 'linux')('context switches are those of all threads of all processes', async () => {
  // Two threads that sleep a millisecond at a time: each sleep gives the CPU up.
  const script = `
    const { Worker } = require('node:worker_threads')
    const sleeping = "const room = new Int32Array(new SharedArrayBuffer(4)); for (;;) Atomics.wait(room, 0, 0, 1)"
    for (let i = 0; i < 2; i++) new Worker(sleeping, { eval: true })
    console.log('up')`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  await delay(300)
  const own = [processOf(child.pid!)!]
  const before = contextSwitchesOf(own)
  await delay(500)
  // 1000 sleeps if they are not late; one thread alone could not make more than 500.
  expect(contextSwitchesOf(own) - before).toBeGreaterThan(100)
  expect(contextSwitchesOf([...own, ...own])).toBeGreaterThan(1.9 * before)
})

test.runIf(process.platform === 'linux')('the CPU time of threads is that of the process, much finer', async () => {
  const own = [processOf(process.pid)!]
  const total = (): number => [...threadTimesOf(own).values()].reduce((sum, each) => sum + each, 0)
  const [before, used] = [total(), process.cpuUsage()]
  while (process.cpuUsage(used).user < 30_000);
  const { user, system } = process.cpuUsage(used)
  expect(threadTimesOf(own).size).toBeGreaterThan(1)
  expect(Math.abs(total() - before - (user + system) / 1e6)).toBeLessThan(0.005)
})

test('a process that has ended has none', async () => {
  const child = spawn('true')
  const gone = { ...processOf(process.pid)!, pid: child.pid! }
  await once(child, 'close')
  expect(contextSwitchesOf([gone])).toBe(0)
  expect(threadTimesOf([gone]).size).toBe(0)
})
