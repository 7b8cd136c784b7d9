import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { processOf, usageOf } from '../../topologies/runtimes/processes.ts'
import { SERVICE_USER } from '../../topologies/runtimes/service-user.ts'
import type { Toolchain } from '../../topologies/runtimes/toolchain.ts'

/** Says that it is up, then waits to be ended; it ends by itself should nobody do so. */
const SLEEPS = 'import time; print("up", flush=True); time.sleep(60)'

/** PSS of a toolchain's Python that only sleeps, in bytes; null where it cannot be read. It is started as services are. */
export async function interpreterPss({ root, environment }: Toolchain): Promise<number | null> {
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', `${root}/usr/bin/python3`, '-c', SLEEPS], {
    cwd: '/',
    stdio: ['ignore', 'pipe', 'ignore'],
    ...SERVICE_USER,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', PYTHONDONTWRITEBYTECODE: '1', ...environment },
  })
  const gone = once(child, 'close').catch(() => {})
  try {
    await Promise.race([once(child.stdout, 'data'), gone])
    const running = child.pid === undefined ? undefined : processOf(child.pid)
    return running ? (await usageOf([running], 'memory', SERVICE_USER)).pssBytes : null
  } finally {
    child.kill('SIGKILL')
    await gone
  }
}
