import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ROOT } from './catalogue.ts'

/** A checkout with one package of its own, so that installing is real but needs no network. */
let checkout: string

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'boot-'))
  for (const folder of ['scripts', 'local']) mkdirSync(join(checkout, folder))
  copyFileSync(join(ROOT, 'scripts/boot.mjs'), join(checkout, 'scripts/boot.mjs'))
  writeFileSync(join(checkout, 'local/package.json'), '{"name":"local","version":"1.0.0"}')
  const devDependencies = { local: 'file:local' }
  writeFileSync(join(checkout, 'package.json'), JSON.stringify({ name: 'checkout', version: '1.0.0', devDependencies }))
  const packages = {
    '': { name: 'checkout', version: '1.0.0', devDependencies },
    local: { version: '1.0.0', dev: true },
    'node_modules/local': { resolved: 'local', link: true },
  }
  writeFileSync(
    join(checkout, 'package-lock.json'),
    JSON.stringify({ name: 'checkout', version: '1.0.0', lockfileVersion: 3, packages }),
  )
})
afterEach(() => rmSync(checkout, { recursive: true, force: true }))

interface Ended {
  readonly code: number | string | null
  readonly stdout: string
  readonly stderr: string
}

function boot(entry: string, { env = {}, words = [] as readonly string[] } = {}): Promise<Ended> {
  writeFileSync(join(checkout, 'entry.ts'), entry)
  return new Promise((resolve) => {
    const how = { cwd: checkout, env: { ...process.env, ...env } }
    execFile(process.execPath, ['scripts/boot.mjs', 'entry.ts', ...words], how, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? null) : 0, stdout, stderr }),
    )
  })
}

describe('the first run', () => {
  test('installs the packages, says so on stderr, and runs TypeScript with its arguments', async () => {
    const ran = await boot('const words: string[] = process.argv.slice(2); console.log(JSON.stringify(words))', {
      words: ['a b', '--x'],
    })
    expect(ran).toMatchObject({ code: 0, stdout: '["a b","--x"]\n' })
    expect(ran.stderr).toContain('first run here')
    expect(existsSync(join(checkout, 'node_modules/local/package.json'))).toBe(true)
    expect((await boot('console.log(1)')).stderr).toBe('')
  })

  test('installs development packages whatever npm and NODE_ENV were told', async () => {
    const env = { NODE_ENV: 'production', npm_config_omit: 'dev', npm_config_ignore_scripts: 'true' }
    expect((await boot('', { env })).code).toBe(0)
    expect(existsSync(join(checkout, 'node_modules/local/package.json'))).toBe(true)
  })

  test('two at once: one installs, the other waits, both succeed', async () => {
    const [one, other] = await Promise.all([boot('console.log("ran")'), boot('console.log("ran")')])
    expect([one.code, other.code, one.stdout, other.stdout]).toEqual([0, 0, 'ran\n', 'ran\n'])
    expect([one.stderr, other.stderr].filter((text) => text.includes('first run here'))).toHaveLength(1)
    expect(existsSync(join(checkout, '.boot-lock'))).toBe(false)
  })

  test('the lock of a killed one does not stop it', async () => {
    const dead = spawn('true')
    await once(dead, 'exit')
    mkdirSync(join(checkout, '.boot-lock'))
    writeFileSync(join(checkout, '.boot-lock/owner'), String(dead.pid))
    expect((await boot('')).code).toBe(0)
  })

  test('that cannot install says what to do, with exit code 3, and installs next time', async () => {
    const lock = readFileSync(join(checkout, 'package-lock.json'), 'utf8')
    writeFileSync(join(checkout, 'package-lock.json'), '{}')
    const ran = await boot('')
    expect(ran.code).toBe(3)
    expect(ran.stderr).toMatch(/npm could not install[^]*Check the network/)
    writeFileSync(join(checkout, 'package-lock.json'), lock)
    expect((await boot('')).code).toBe(0)
  })
})

describe('the entry', () => {
  test('decides the exit code', async () => {
    expect((await boot('process.exit(7)')).code).toBe(7)
  })

  test('gets the signals, and its death by one becomes 128 + its number', async () => {
    await boot('')
    writeFileSync(join(checkout, 'entry.ts'), 'setInterval(() => {}, 1000); console.log("up")')
    const child = spawn(process.execPath, ['scripts/boot.mjs', 'entry.ts'], { cwd: checkout })
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([128 + 15, null])
  })
})

test('the lockfile holds every platform’s packages and no registry’s address', () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { resolved?: string; optionalDependencies?: Record<string, string> }>
  }
  const missing = Object.values(packages)
    .flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
    .filter((name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)))
  // npm leaves these out on purpose: they are optional and installed by a script, which the lab does not run.
  expect(missing.filter((name) => !['cpu-features', 'nan'].includes(name))).toEqual([])
  expect(Object.values(packages).filter((entry) => entry.resolved?.startsWith('http'))).toEqual([])
})
