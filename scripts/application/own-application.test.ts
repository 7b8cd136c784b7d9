import { rmSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scratch, type Scratch } from '../../topologies/runtimes/scratch.ts'
import type { Runtime } from '../../topologies/runtimes/index.ts'
import type { Topology } from '../../topologies/index.ts'
import { topologies } from '../catalogue.ts'
import { distributionPackages } from '../distribution-packages.ts'
import { sampleRepository, type SampleRepository } from '../gating/sample-repository.ts'
import { chosenTopologies } from '../options.ts'
import { nativeRuntime } from '../runtime.ts'
import { endedLab } from '../started-lab.ts'
import { answerAll } from './answered.ts'
import { chosenApplication } from './chosen.ts'
import type { ApplicationWords } from './index.ts'
import { readyOn } from './ready.ts'

/** An application as Flask's own documentation begins one, in a package of its own, with a folder of files beside it. */
const FLASK = `import os
from flask import Flask, request, render_template
from .stock import shelf

app = Flask(__name__, static_folder=None)

@app.get("/shelf/<int:number>")
def show(number):
    return render_template("shelf.html", books=shelf(number), sort=request.args.get("sort", ""))

@app.get("/health")
def health():
    return os.environ["SHOP"]
`

let room: Scratch
let project: SampleRepository
let runtime: Runtime
let all: readonly Topology[]
let flask: string
beforeAll(async () => {
  all = await topologies()
  ;[runtime, flask] = await Promise.all([nativeRuntime(all), distributionPackages('python3-flask')])
  room = scratch()
  project = sampleRepository()
  project.write('shop/__init__.py', '')
  project.write('shop/web.py', FLASK)
  project.write('shop/stock.py', 'def shelf(number):\n    return ["%d-%d" % (number, each) for each in range(3)]\n')
  project.write(
    'shop/templates/shelf.html',
    '<p class="{{ sort }}">{% for book in books %}<i>{{ book }}</i>{% endfor %}</p>',
  )
  project.write('public files/shop.css', 'p { color: red }\n')
  project.write('public files/fonts/a b.txt', 'a font\n')
  project.write('public files/special/only.txt', 'hidden by the longer prefix\n')
  project.write('special/only.txt', 'special\n')
  project.write('secret.txt', 'secret\n')
  utimesSync(join(project.folder, 'public files/shop.css'), 1_600_000_000, 1_600_000_000)
}, 400_000)
afterAll(async () => {
  await runtime[Symbol.asyncDispose]()
  room[Symbol.dispose]()
  rmSync(dirname(project.folder), { recursive: true })
})

const NOTHING = { static: [], path: [], pythonPath: [], env: [] }
const at = (name: string): string => join(project.folder, name)
const words = (more: Partial<ApplicationWords> = {}): ApplicationWords => ({
  ...NOTHING,
  app: `${at('shop/web.py')}:app`,
  static: [`${at('public files')}=/static`, `${at('special')}=/static/special/`],
  path: ['/shelf/7?sort=up', '/health', '/static/shop.css'],
  pythonPath: [flask],
  env: ['SHOP=open'],
  ...more,
})

describe('a Flask application of the distribution’s packages', () => {
  test.each<readonly [string, ...string[]]>([
    ['app-server', 'app=gunicorn'],
    ['app-server', 'app=waitress'],
    ['app-server', 'app=uwsgi'],
    ['daemon-host', 'app=mod-wsgi'],
    ['reverse-proxy', 'proxy=nginx'],
    ['reverse-proxy', 'proxy=apache'],
    ['three-tier', 'cache=varnish'],
  ])(
    'answers in %s with %s, and its files are at the same paths as everywhere',
    async (name, ...choices) => {
      const chosen = chosenApplication(words(), room, () => {})
      const up = await readyOn(runtime, chosen, () => {})
      const [topology] = await chosenTopologies([name], choices)
      await using deployment = await runtime.up(topology!, { ...up, workers: 2, threads: 2 })
      await answerAll(deployment, chosen.requests, AbortSignal.timeout(30_000))
      const origin = deployment.target.hops[0].url
      const get = async (path: string, init: RequestInit = {}) => {
        const response = await fetch(new URL(path, origin), { headers: { connection: 'close' }, ...init })
        return { status: response.status, headers: response.headers, body: await response.text() }
      }
      expect((await get('/shelf/7?sort=up')).body).toBe('<p class="up"><i>7-0</i><i>7-1</i><i>7-2</i></p>')
      expect((await get('/health')).body).toBe('open')

      const css = await get('/static/shop.css')
      expect([css.status, css.body]).toEqual([200, 'p { color: red }\n'])
      expect(css.headers.get('content-type')).toMatch(/^text\/css/)
      expect(css.headers.get('cache-control')).toBe('max-age=3600')
      const changed = css.headers.get('last-modified')!
      expect(changed).toBe('Sun, 13 Sep 2020 12:26:40 GMT')
      const again = { headers: { 'if-modified-since': changed, connection: 'close' } }
      expect((await get('/static/shop.css', again)).status).toBe(304)
      const head = await get('/static/shop.css', { method: 'HEAD' })
      expect([head.status, head.headers.get('content-length'), head.body]).toEqual([200, '17', ''])
      expect((await get('/static/fonts/a%20b.txt')).body).toBe('a font\n')
      expect((await get('/static/special/only.txt')).body).toBe('special\n')

      for (const path of [
        '/static/gone.css',
        '/static/..%2Fsecret.txt',
        '/static/fonts/..%2F..%2Fsecret.txt',
        '/static/x%00',
      ])
        expect((await get(path)).status, path).toBeGreaterThanOrEqual(400)
      for (const path of ['/static', '/static/', '/static/fonts'])
        expect((await get(path)).body, path).not.toContain('font')
    },
    20_000,
  )

  test('that answers one of the paths wrongly is found out, with what it said', async () => {
    project.write(
      'shop/broken.py',
      `${FLASK}\n@app.get("/broken")\ndef broken():\n    raise RuntimeError("sold out")\n`,
    )
    const broken = { app: `${at('shop/broken.py')}:app` }
    const [appServer] = all.filter(({ name }) => name === 'app-server')
    const ready = await readyOn(
      runtime,
      chosenApplication(words(broken), room, () => {}),
      () => {},
    )
    await using deployment = await runtime.up(appServer!, { ...ready, workers: 1, threads: 2 })
    const ask = async (path: string): Promise<void> =>
      answerAll(
        deployment,
        chosenApplication(words({ ...broken, path: [path] }), room, () => {}).requests,
        AbortSignal.timeout(30_000),
      )
    await expect(ask('/broken')).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/^GET \/broken is answered with 500[^]*RuntimeError: sold out/),
    })
    await expect(ask('/gone')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^GET \/gone is answered with 404[^\n]*\.\n.*--path/),
    })
  }, 20_000)
})

describe('bad input is answered in a sentence, before any server is started', () => {
  const app = () => ['--app', `${at('shop/web.py')}:app`]
  const own = () => [...app(), '--python-path', flask, '--env', 'SHOP=open']
  const run = (...more: readonly string[]) => [...more, '--runtime', 'native', '--topology', 'app-server']
  test.concurrent.each<readonly [string, () => readonly string[], number, RegExp]>([
    [
      'a module that is missing',
      () => run(...app()),
      3,
      /ModuleNotFoundError: No module named 'flask'[^]*--python-path/,
    ],
    [
      'a callable that is none',
      () => run('--app', `${at('shop/stock.py')}:__name__`),
      2,
      /is of type str and cannot be called\./,
    ],
    [
      'one that takes something else',
      () => run('--app', `${at('shop/stock.py')}:shelf`),
      2,
      /takes \(number\), a WSGI application takes/,
    ],
    ['a path that it does not have', () => run(...own(), '--path', '/gone'), 2, /^GET \/gone is answered with 404/m],
    ['a path that is none', () => run(...own(), '--path', 'gone'), 2, /^"gone" is not a path\./],
    [
      'a path without an application',
      () => run('--path', '/time'),
      2,
      /^--path is about an application of yours\.\nAdd --app/,
    ],
    [
      'files without an application',
      () => run('--static', '/srv=/static'),
      2,
      /^--static is about an application of yours\./,
    ],
    [
      'files without a prefix',
      () => run(...own(), '--static', at('public files')),
      2,
      /does not name static files\.\n.*FOLDER=\/prefix/,
    ],
    [
      'files that hide everything',
      () => run(...own(), '--static', `${at('public files')}=/`),
      2,
      /would leave nothing for your application/,
    ],
    [
      'a prefix that leads elsewhere',
      () => run(...own(), '--static', `${at('public files')}=/a/../b`),
      2,
      /is not a prefix of paths\./,
    ],
    [
      'a folder that is not there',
      () => run(...own(), '--static', `${at('none')}=/static`),
      2,
      /^There is no folder .*none\./,
    ],
    ['a recording that is not there', () => run(...own(), '--har', at('none.har')), 2, /none\.har cannot be read/],
    [
      'requirements that are not there',
      () => run(...own(), '--requirements', at('none.txt')),
      2,
      /^The requirements cannot be read/,
    ],
    [
      'a workload of the lab’s',
      () => run(...own(), '--workload', 'page'),
      2,
      /^--workload is about the lab’s own applications\./,
    ],
    ['nothing that is measured', () => run(...own(), '--no-load'), 2, /^--app is about load/],
  ])(
    '%s',
    async (_, typed, code, sentence) => {
      const ended = await endedLab([...typed(), '--out', join(room.directory, 'report')])
      expect(ended.stderr).toMatch(sentence)
      expect(ended.stderr).not.toContain('The lab itself is at fault')
      expect(ended.code).toBe(code)
    },
    60_000,
  )
})

test('folders of a project are not written to', () => {
  expect(Object.keys(project.state()).filter((name) => name.includes('__pycache__'))).toEqual([])
})
