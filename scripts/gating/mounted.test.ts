import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { scratch, type Scratch } from '../../topologies/runtimes/scratch.ts'
import type { Runtime } from '../../topologies/runtimes/index.ts'
import { native } from '../../topologies/runtimes/native.ts'
import type { Toolchain } from '../../topologies/runtimes/toolchain.ts'
import { ROOT, topologies } from '../catalogue.ts'
import { placement } from '../host.ts'
import { toolchainFor } from '../runtime.ts'
import { loadBoth } from './loaded.ts'
import { answering, sampleRepository, type SampleRepository } from './sample-repository.ts'
import { sidesOf, type SideWords } from './sides.ts'
import { tryBoth } from './tried.ts'

const APPS = join(ROOT, 'apps')
const signal = AbortSignal.timeout(300_000)
let toolchain: Toolchain
let runtime: Runtime
let room: Scratch
let repository: SampleRepository
beforeAll(async () => {
  toolchain = await toolchainFor('private', await topologies(), () => {})
  runtime = await native(toolchain, APPS)
}, 400_000)
afterAll(() => runtime[Symbol.asyncDispose]())
beforeEach(() => {
  room = scratch()
  mkdirSync(join(room.directory, 'bytecode'))
  chmodSync(join(room.directory, 'bytecode'), 0o777)
  repository = sampleRepository()
})
afterEach(() => {
  room[Symbol.dispose]()
  rmSync(dirname(repository.folder), { recursive: true })
})

const sides = (words: Partial<SideWords>) => {
  const nothing = {
    topology: [],
    server: [],
    baseServer: [],
    config: [],
    baseConfig: [],
    pythonPath: [],
    basePythonPath: [],
    static: [],
  }
  const app = `${join(repository.folder, 'app.py')}:application`
  const own = { directory: room.directory, bytecode: join(room.directory, 'bytecode') }
  return sidesOf({ ...nothing, env: [], app, ...words }, own)
}

test.each([
  ['app-server', 'app=gunicorn/sync', 'app=gunicorn/gthread'],
  ['app-server', 'app=gunicorn/gevent', 'app=waitress'],
  ['app-server', 'app=uwsgi', 'app=wsgiref'],
  ['app-server', 'app=cheroot', 'app=uwsgi'],
  ['daemon-host', 'app=mod-wsgi', 'app=mod-wsgi'],
  ['three-tier', 'app=gunicorn', 'app=waitress'],
])('in %s an application of the user’s answers behind %s and %s', async (topology, server, other) => {
  // Not through the lab's own answer to whether the server is up, nor without its variable and its package.
  repository.write('packages/shop.py', 'import os\nstatus = os.environ["SHOP"]\n')
  repository.write('app.py', answering('200 OK', 'import shop\nassert shop.status == "open"'))
  const both = await sides({
    ...{ topology: [topology], server: [server], baseServer: [other], env: ['SHOP=open'] },
    pythonPath: [join(repository.folder, 'packages')],
  })
  const options = { path: '/shelf?page=2', workers: 2, threads: 2, placement: await placement(), signal }
  await expect(tryBoth(runtime, both, options)).resolves.toBeUndefined()
})

test('bytecode beside a project’s files is not looked at, on either side, and none is written there', async () => {
  const file = repository.write('shop.py', 'price = 1\n')
  repository.write('app.py', answering('200 OK', 'import shop\nassert shop.price == 1, "old bytecode"'))
  repository.git('add', '.')
  repository.git('commit', '--quiet', '-m', 'one')
  // Bytecode of something else, which Python is told never to compare with its file.
  const other = repository.write('other.py', 'price = 2\n')
  const compile = `import importlib.util as u, py_compile as p; p.compile(${JSON.stringify(other)}, cfile=u.cache_from_source(${JSON.stringify(file)}), invalidation_mode=p.PycInvalidationMode.UNCHECKED_HASH)`
  execFileSync(`${toolchain.root}/usr/bin/python3`, ['-c', compile], { env: toolchain.environment })
  const before = repository.state()
  const both = await sides({ base: 'main' })
  await loadBoth(both, runtime, () => {}, signal)
  expect(repository.state()).toEqual(before)
  const written = readdirSync(join(room.directory, 'bytecode'), { recursive: true, encoding: 'utf8' })
  expect(written.filter((name) => /\/shop\.[^/]*\.pyc$/.test(name))).toHaveLength(2)
})
