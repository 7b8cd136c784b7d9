import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { answering, sampleRepository, type SampleRepository } from './sample-repository.ts'
import { isDifferent, sidesOf, type SideWords } from './sides.ts'

const NOTHING: SideWords = {
  ...{ topology: [], server: [], baseServer: [], config: [], baseConfig: [] },
  ...{ pythonPath: [], basePythonPath: [], env: [], static: [] },
}

let directory: string
let repository: SampleRepository
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'room-'))
  chmodSync(directory, 0o755)
  repository = sampleRepository()
  repository.write('shop/wsgi.py', answering('200 OK'))
  repository.write('src/stock.py', 'then = True')
  repository.write('nginx.conf', 'proxy_buffering on;\n')
  repository.git('add', '.')
  repository.git('commit', '--quiet', '-m', 'one')
  repository.write('nginx.conf', '# Now.\nproxy_buffering off;\n')
  vi.stubEnv('INIT_CWD', repository.folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  for (const folder of [directory, dirname(repository.folder)]) rmSync(folder, { recursive: true, force: true })
})

/** Each with a room of its own. */
function sides(words: Partial<SideWords>) {
  const own = mkdtempSync(join(directory, 'gate-'))
  chmodSync(own, 0o755)
  return sidesOf({ ...NOTHING, ...words }, { directory: own, bytecode: join(own, 'bytecode') })
}
const APP = { app: 'shop/wsgi.py:application' }

test('at a git ref the base is the same project as it was then, and shares what is no part of it', async () => {
  mkdirSync(join(repository.folder, '.venv'), { mode: 0o755 })
  const { base, head, tree } = await sides({
    ...APP,
    base: 'main',
    pythonPath: ['src', '.venv'],
    env: ['SHOP=open'],
    topology: ['reverse-proxy'],
    config: ['proxy=nginx.conf'],
  })
  const at = (folder: string, name: string) => join(folder, name)
  expect(head.environment).toMatchObject({
    SHOP: 'open',
    LAB_APP: `${at(repository.folder, 'shop/wsgi.py')}:application`,
    LAB_APP_PATH: `${at(repository.folder, 'src')}:${at(repository.folder, '.venv')}`,
  })
  expect(base.environment).toMatchObject({
    SHOP: 'open',
    LAB_APP: `${at(tree!.folder, 'shop/wsgi.py')}:application`,
    LAB_APP_PATH: `${at(tree!.folder, 'src')}:${at(repository.folder, '.venv')}`,
  })
  expect([base.lines, head.lines]).toEqual([
    { proxy: ['proxy_buffering on;'] },
    { proxy: ['# Now.\nproxy_buffering off;'] },
  ])
  expect([base.says, head.says]).toEqual([
    { application: APP.app, ref: { name: 'main', commit: repository.git('rev-parse', 'main') } },
    { application: APP.app },
  ])
  expect(readFileSync(at(tree!.folder, 'src/stock.py'), 'utf8')).toBe('then = True')
})

test('an application that was in another file then is named with --base-app, and is taken from the ref', async () => {
  repository.git('mv', 'shop/wsgi.py', 'shop/main.py')
  const now = { app: 'shop/main.py:application', base: 'main' }
  await expect(sides(now)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/There is no shop\/main\.py in main\.\n.*--base-app FILE:callable/),
  })
  const { base, tree } = await sides({ ...now, baseApp: 'shop/wsgi.py:application' })
  expect(base.environment['LAB_APP']).toBe(`${join(tree!.folder, 'shop/wsgi.py')}:application`)
  expect(base.says.application).toBe('shop/wsgi.py:application')
})

test('without a ref the base is another application, other packages, another server, or other lines', async () => {
  repository.write('old.py', answering('200 OK'))
  repository.write('gunicorn.conf', '# Options\n\n--keep-alive 5\n--threads 8\n')
  mkdirSync(join(repository.folder, 'older'), { mode: 0o755 })
  const { base, head, tree } = await sides({
    ...APP,
    baseApp: 'old.py:application',
    basePythonPath: ['older'],
    server: ['app=gunicorn/sync', 'proxy=nginx'],
    baseServer: ['app=gunicorn/gevent'],
    topology: ['reverse-proxy'],
    config: ['app=gunicorn.conf', 'proxy=nginx.conf'],
    baseConfig: ['proxy=/dev/null'],
  })
  expect(tree).toBeUndefined()
  expect(base.environment['LAB_APP']).toBe(`${join(repository.folder, 'old.py')}:application`)
  expect(base.environment['LAB_APP_PATH']).toBe(join(repository.folder, 'older'))
  const filled = [base, head].map(({ topology }) =>
    topology.tiers.map(({ server, variant }) => `${server.name}/${variant}`),
  )
  expect(filled).toEqual([
    ['nginx/http11', 'gunicorn/gevent'],
    ['nginx/http11', 'gunicorn/sync'],
  ])
  // On a command line each line is an option; a file of configuration is kept whole.
  const app = ['--keep-alive 5', '--threads 8']
  expect([base.lines, head.lines]).toEqual([
    { app, proxy: [] },
    { app, proxy: ['# Now.\nproxy_buffering off;'] },
  ])
})

test('lines of Varnish’s that belong together stay together', async () => {
  const text = 'sub vcl_recv {\n  unset req.http.Cookie;\n}\n\nsub vcl_hit {\n}'
  repository.write('shop.vcl', `${text}\n`)
  const { head } = await sides({ topology: ['three-tier'], config: ['cache=shop.vcl'], baseServer: ['app=waitress'] })
  expect(head.lines).toEqual({ cache: [text] })
})

test('where no application is named it is the lab’s own', async () => {
  const { base, head } = await sides({ baseServer: ['app=waitress'] })
  for (const { application, environment, says } of [base, head])
    expect({ application, environment, says }).toEqual({ application: 'pages', environment: {}, says: {} })
})

test('what makes the sides differ is told from what does not', () => {
  expect(
    [{}, APP, { config: ['proxy=nginx.conf'] }, { server: ['app=waitress'] }].map((words) =>
      isDifferent({ ...NOTHING, ...words }),
    ),
  ).toEqual([false, false, false, false])
  const all = [
    { base: 'main' },
    { baseApp: 'a' },
    { baseServer: ['a'] },
    { baseConfig: ['a'] },
    { basePythonPath: ['a'] },
  ]
  expect(all.map((words) => isDifferent({ ...NOTHING, ...words }))).toEqual(all.map(() => true))
})

describe('what cannot be had is a usage error', () => {
  const proxied = { topology: ['reverse-proxy'], base: 'main', ...APP }
  test.each<[string, Partial<SideWords>, RegExp]>([
    [
      'a configuration that was not there then',
      { ...proxied, config: ['proxy=new.conf'] },
      /no new\.conf in main\.\n.*\/dev\/null for nothing/,
    ],
    [
      'a role that the topology does not have',
      { config: ['cache=nginx.conf'] },
      /No server of app-server has the role "cache"\.\nChoose from: app/,
    ],
    ['a file that is not there', { config: ['app=none.conf'] }, /none\.conf cannot be read: ENOENT/],
    ['a folder instead of a file', { config: ['app=shop'] }, /shop cannot be read: EISDIR/],
    ['words that name no file', { config: ['nginx.conf'] }, /Write --config role=FILE/],
    [
      'lines for a server that takes none',
      { server: ['app=waitress'], config: ['app=nginx.conf'] },
      /waitress takes no lines/,
    ],
    ['two servers for one role', { server: ['app=waitress', 'app=uwsgi'] }, /one --server for each role/],
    ['two topologies', { topology: ['app-server', 'three-tier'] }, /about one topology/],
    [
      'a variable that the lab sets',
      { ...APP, env: ['PYTHONPATH=src'] },
      /PYTHONPATH is set by the lab[^]*--python-path/,
    ],
    [
      'a base outside the repository',
      { ...APP, base: 'main', baseApp: '/etc/passwd:application' },
      /is not in the repository/,
    ],
  ])('%s', async (_, words, said) => {
    repository.write('new.conf', 'proxy_buffering off;')
    await expect(sides(words)).rejects.toMatchObject({ exitCode: 2, message: expect.stringMatching(said) })
  })
})
