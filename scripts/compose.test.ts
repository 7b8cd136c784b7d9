import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { freePort } from '../topologies/runtimes/ready.ts'
import { ROOT, topologies } from './catalogue.ts'
import { COMPOSE_FILE, composeFile } from './compose.ts'
import { whyNoCompose } from './tested-engine.ts'

const run = promisify(execFile)
/** The compose command with this checkout's file; the classic builder, because not everybody has another. */
const compose = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  run('docker', ['compose', '--file', COMPOSE_FILE, '--project-name', 'gateway-lab-test', ...words], {
    cwd: ROOT,
    env: { ...process.env, DOCKER_BUILDKIT: '0', ...env },
  })

const why = await whyNoCompose('docker-compose.yml')

test('docker-compose.yml is what the topologies give', async () => {
  expect(readFileSync(COMPOSE_FILE, 'utf8')).toBe(composeFile(await topologies()))
})

test('drift is said, with what to do, and fails the check', async () => {
  const check = (file: string) => run(process.execPath, ['scripts/compose.ts', '--check', file], { cwd: ROOT })
  await check(COMPOSE_FILE)
  const folder = mkdtempSync(join(tmpdir(), 'compose-'))
  const file = join(folder, 'docker-compose.yml')
  writeFileSync(file, readFileSync(COMPOSE_FILE, 'utf8').replace('SIGQUIT', 'SIGKILL'))
  await expect(check(file)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('npm run compose') })
  rmSync(folder, { recursive: true })
})

test.skipIf(why)(
  `docker compose brings three-tier up, and it conforms as far as can be seen from outside${why ? ` (skipped: ${why})` : ''}`,
  { timeout: 300_000 },
  async () => {
    const port = await freePort('127.0.0.1')
    const env = { LAB_PORT: String(port), LAB_APP: 'probe' }
    const profile = ['--profile', 'three-tier']
    try {
      await compose([...profile, 'up', '--detach', '--build', '--wait'], env)
      const url = `http://127.0.0.1:${port}/`
      expect((await fetch(url)).status).toBe(200)
      const { stdout } = await run(
        process.execPath,
        ['scripts/lab.ts', 'conform', '--url', url, '--role', 'cache', '--json'],
        { cwd: ROOT },
      )
      const verdicts = JSON.parse(stdout) as readonly { clause: string; outcome: string; because?: string }[]
      expect(verdicts.filter(({ outcome }) => outcome === 'error')).toEqual([])
      expect(verdicts.filter(({ outcome }) => outcome === 'pass').length).toBeGreaterThan(15)
    } finally {
      await compose([...profile, 'down', '--volumes', '--timeout', '10'], env)
    }
  },
)
