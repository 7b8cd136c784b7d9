import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planFolder, type PlanFolder } from '../exporting/planned-file.ts'

const run = promisify(execFile)
const FORMATS = ['compose', 'native', 'kubernetes', 'procfile']

let plan: PlanFolder
let shop: string
beforeAll(() => {
  plan = planFolder({ name: 'apps/probe.py:application' })
  shop = join(plan.folder, 'shop')
  for (const folder of ['mysite', '.git', '__pycache__', 'node_modules/x', 'public'])
    mkdirSync(join(shop, folder), { recursive: true })
  for (const [name, text] of [
    ...([
      ['mysite/__init__.py', ''],
      ['mysite/wsgi.py', 'application = None\n'],
      ['.env', 'SECRET=1\n'],
    ] as const),
    ...([
      ['.git/config', ''],
      ['__pycache__/x.pyc', ''],
      ['node_modules/x/index.js', ''],
      ['public/site.css', 'a{}\n'],
    ] as const),
    ['requirements.txt', 'flask==3.0\n-r more.txt\n'] as const,
    ['more.txt', 'gunicorn==22.0\n'] as const,
  ])
    writeFileSync(join(shop, name), text)
})
afterAll(() => plan[Symbol.dispose]())

const filesOf = (name: string): readonly string[] =>
  readdirSync(join(plan.folder, name), { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(plan.folder, name, file)).isFile(),
  )
const shopWords = () => [
  ...['--app', `${shop}/mysite/wsgi.py:application`, '--python-path', shop, '--static', `${shop}/public=/public`],
  ...['--requirements', `${shop}/requirements.txt`, '--env', 'SECRET_KEY=s3cret', '--env', 'DEBUG=no'],
]

describe('what is wrong is said in a sentence, before anything is written', () => {
  const cases: readonly (readonly [what: string, words: () => readonly string[], said: RegExp])[] = [
    ['a topology that was not planned', () => ['--topology', 'four-tier'], /no topology "four-tier"[^]*three-tier/],
    [
      'a form that there is not',
      () => ['--format', 'helm'],
      /There is no format "helm"\.\nChoose from: compose, kubernetes, native, procfile\./,
    ],
    ['an application that is gone', () => ['--app', 'gone/wsgi.py:application'], /There is no file .*gone\/wsgi\.py/],
    [
      'packages of the distribution without their names',
      () => ['--app', `${shop}/mysite/wsgi.py:application`, '--python-path', '/usr/lib/python3'],
      /--package python3-flask/,
    ],
    [
      'a server that pip cannot install',
      () => ['--topology', 'daemon-host', '--format', 'procfile'],
      /mod_wsgi cannot be installed by pip alone/,
    ],
    ['a value that no file can hold', () => ['--env', "KEY=it's"], /The value of KEY/],
  ]
  test.each(cases)('%s', async (_, words, said) => {
    const { code, stderr } = await plan.export('wrong', ['--format', 'compose', ...words()])
    expect(stderr).toMatch(said)
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2)
    expect({ code, isThere: existsSync(join(plan.folder, 'wrong')) }).toEqual({ code: 2, isThere: false })
  })

  test('a folder with something in it stays as it is', async () => {
    const { code, stderr } = await plan.export('shop', ['--format', 'compose'])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('shop is not empty.') })
    expect(filesOf('shop')).not.toContain('Dockerfile')
  })

  test('a run without a plan, and a demand that no topology meets', async () => {
    using none = planFolder(undefined, { change: (made) => ({ ...made, plan: undefined }) })
    expect(await none.export('out', ['--format', 'native'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/holds no plan\.\n.*lab -- plan/),
    })
    using impossible = planFolder(undefined, { demand: { p99: 1 } })
    const { code, stderr } = await impossible.export('out', ['--format', 'native'])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('No topology of this plan meets its demand'),
    })
    const named = await impossible.export('out', ['--format', 'native', '--topology', 'app-server'])
    expect(named).toMatchObject({ code: 2, stderr: expect.stringContaining('app-server has no size in this plan') })
  })
})

test.each(FORMATS)(
  '%s: every file says where its figures come from and how to make it again, without secrets',
  async (format) => {
    const { code, stdout, stderr } = await plan.export(format, [
      '--format',
      format,
      '--topology',
      'reverse-proxy',
      ...shopWords(),
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('A file .env was left out')
    const own = filesOf(format).filter((file) => !file.startsWith('app/'))
    expect(own.length).toBeGreaterThan(3)
    for (const file of own) {
      const text = readFileSync(join(plan.folder, format, file), 'utf8')
      const head = text.split('\n').slice(0, 10).join('\n')
      expect(head, file).toMatch(/from run 2026-11-28T08-30-00-4242 \(2026-11-28\)/)
      expect(head, file).toMatch(/99th percentile of at most 200 ms/)
      expect(head, file).toMatch(/with \d+ workers of \d+ threads?; predicted/)
      expect(head, file).toMatch(/MB for each worker/)
      expect(head, file).toMatch(/npm run lab -- export .*--format/)
      // Values are where they are used and nowhere else.
      expect(text.includes('s3cret'), file).toBe(/^(?:app\.env|\.env|secret\.yaml)$/.test(file))
    }
  },
)

test('the application is carried without what is in no deployment, by its package’s name, with all that pip needs', async () => {
  await plan.export('carried', ['--format', 'compose', '--topology', 'reverse-proxy', ...shopWords()])
  const files = filesOf('carried')
  expect(files.filter((file) => file.startsWith('app/')).toSorted()).toEqual([
    'app/more.txt',
    'app/mysite/__init__.py',
    'app/mysite/wsgi.py',
    'app/public/site.css',
    'app/requirements.txt',
  ])
  const text = (file: string) => readFileSync(join(plan.folder, 'carried', file), 'utf8')
  expect(text('docker-compose.yml')).toMatch(/- mysite\.wsgi:application/)
  expect(text('config/proxy/nginx.conf')).toMatch(/location \/public\/ \{\s+alias "\/srv\/app\/public\/";/)
  expect(text('Dockerfile')).toMatch(/pip install --no-cache-dir --target \/srv\/packages -r \/srv\/requirements\.txt/)
  expect(text('requirements.txt')).toContain('-r requirements-1.txt')
  expect(text('requirements-1.txt')).toContain('gunicorn==22.0')
})

test('variables whose values are in no run are to be filled in, and that is said', async () => {
  using secretive = planFolder({ name: 'apps/probe.py:application', variables: ['API_KEY'] })
  const { stdout } = await secretive.export('out', ['--format', 'native'])
  expect(stdout).toContain('The values of API_KEY are not in a run: fill them in')
  expect(readFileSync(join(secretive.folder, 'out', 'app.env'), 'utf8')).toMatch(/# Fill this in:\nAPI_KEY=\n/)
})

test('a platform with a Procfile gets the application’s server alone, with the static files, and is told what is missing', async () => {
  const { stdout } = await plan.export('alone', ['--format', 'procfile', '--topology', 'three-tier', ...shopWords()])
  expect(stdout).toContain('A Procfile brings no Varnish and no nginx.')
  const text = (file: string) => readFileSync(join(plan.folder, 'alone', file), 'utf8')
  expect(text('Procfile')).toMatch(
    /^web: gunicorn --bind 0\.0\.0\.0:\$PORT --chdir \.\/entry .* deployed:application$/m,
  )
  expect(text('entry/deployed.py')).toContain(
    'application.add_files(os.path.join(HERE, "app/public"), prefix="/public/")',
  )
  // The user's own version counts.
  expect(text('requirements.txt')).toContain('whitenoise>=')
  expect(text('requirements.txt')).not.toContain('gunicorn>=')
  const { stdout: others } = await plan.export('default', ['--format', 'procfile'])
  expect(others).toMatch(/^app-server for probe/)
})

test('install.sh only says what it would do, until it is told to', async () => {
  await plan.export('bundle', ['--format', 'native', '--topology', 'three-tier'])
  const script = join(plan.folder, 'bundle', 'install.sh')
  const root = join(plan.folder, 'root')
  const install = (words: readonly string[]) =>
    run(script, words, { env: { ...process.env, DESTDIR: root, PORT: '80' } })
  const { stdout } = await install([])
  expect(stdout).toContain('Nothing was done.')
  expect(existsSync(root)).toBe(false)
  await install(['--really'])
  const installed = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(root, file)).isFile(),
  )
  expect(installed).toContain('srv/probe/app/probe.py')
  const units = installed.filter((file) => file.startsWith('etc/'))
  expect(units.length).toBe(4)
  for (const file of installed.filter((each) => !each.startsWith('srv/probe/app/')))
    expect(readFileSync(join(root, file), 'utf8'), file).not.toMatch(/@[A-Z_]+@/)
  const unit = (role: string) => readFileSync(join(root, `etc/systemd/system/probe-${role}.service`), 'utf8')
  expect(unit('cache')).toMatch(/^ExecStart=\/usr\/sbin\/varnishd .*-a 0\.0\.0\.0:80 /m)
  expect(unit('proxy')).toMatch(/^KillSignal=SIGQUIT$/m)
  expect(unit('app')).toMatch(/^MemoryMax=\d+M\nCPUQuota=\d+%$/m)
  const verify = await run('systemd-analyze', ['verify', '--man=no', ...units.map((file) => join(root, file))]).catch(
    (error: { code?: unknown; stdout?: string; stderr?: string }) => error,
  )
  // A machine without systemd has nobody who could say it.
  if ('code' in verify && verify.code === 'ENOENT') return
  const said = `${verify.stdout}${verify.stderr}`.split('\n').filter((line) => line.includes('probe'))
  // The servers need not be installed here.
  expect(said.filter((line) => !/is not executable: No such file/.test(line))).toEqual([])
})
