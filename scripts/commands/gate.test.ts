import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Run } from '../../reports/run.ts'
import { answering, sampleRepository, type SampleRepository } from '../gating/sample-repository.ts'
import { endedLab, processesLeft, startLab } from '../started-lab.ts'

let temporary: string
let repository: SampleRepository
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'gate-'))
  chmodSync(temporary, 0o755)
  repository = sampleRepository()
  repository.write('app.py', answering('200 OK'))
  commit()
})
afterEach(() => {
  for (const folder of [temporary, dirname(repository.folder)]) rmSync(folder, { recursive: true, force: true })
})

function commit(): void {
  repository.git('add', '.')
  repository.git('commit', '--quiet', '-m', 'one')
}

const gate = (words: readonly string[], prefix: readonly string[] = []) =>
  endedLab(['gate', ...words], { INIT_CWD: repository.folder, TMPDIR: `${temporary}/` }, prefix)

/** What no gate may leave: processes, folders, and anything in the repository. */
const left = () => ({
  processes: processesLeft(temporary),
  folders: readdirSync(temporary).filter((name) => name.startsWith('gateway-lab-')),
  worktrees: repository.git('worktree', 'list').split('\n').length,
})
const NOTHING = { processes: [], folders: [], worktrees: 1 }

const APP = ['--app', 'app.py:application']
const BASE = [...APP, '--base', 'main']
const SHORT = ['--rounds', '3', '--seconds', '0.2']

/** Makes what the base is at the ref main, and the head something that works. */
function committed(text: string): void {
  repository.write('app.py', text)
  commit()
  repository.write('app.py', answering('200 OK'))
}

/** An environment of packages in the project, in which the project itself is installed as editable. */
function editable(): void {
  repository.write('.gitignore', '.venv\n')
  repository.write('src/shop.py', 'price = 1\n')
  repository.write('app.py', answering('200 OK', 'import shop'))
  commit()
  repository.write('.venv/site-packages/shop.pth', join(repository.folder, 'src'))
  chmodSync(join(repository.folder, '.venv/site-packages'), 0o755)
}

const RAISING = answering('200 OK').replace(
  '    start_response',
  '    raise RuntimeError("sold out")\n    start_response',
)

describe('bad input: one clear message, its exit code, and nothing left behind', () => {
  test.each<[string, readonly string[], number, RegExp, (() => void)?]>([
    ['nothing differs', APP, 2, /Nothing differs[^]*--base REF[^]*--baseline RUN\.json/],
    ['a ref without an application', ['--base', 'main'], 2, /--base is about an application of yours\.\nAdd --app/],
    ['an unknown ref', [...APP, '--base', 'nope'], 2, /There is no commit "nope"/],
    ['no repository', ['--app', '/etc/hostname:application', '--base', 'main'], 2, /\/etc is not in a git repository/],
    ['no such file', ['--app', 'none.py:application', '--base', 'main'], 2, /There is no file .*none\.py/],
    [
      'no such file then',
      ['--app', 'new.py:application', '--base', 'main'],
      2,
      /There is no new\.py in main/,
      () => void repository.write('new.py', answering('200 OK')),
    ],
    [
      'no callable',
      ['--app', 'app.py:app', '--base', 'main'],
      2,
      /The head: .*app\.py has no app\.\nCallables there: application/,
    ],
    [
      'no callable then',
      BASE,
      2,
      /The base: .*app\.py has no application\.\nThere is no callable/,
      () => committed(''),
    ],
    [
      'an application that raises at import',
      BASE,
      3,
      /The base: .*cannot be imported:[^]*ZeroDivisionError/,
      () => committed('1 / 0'),
    ],
    [
      'one that needs a module',
      BASE,
      3,
      /The base: [^]*ModuleNotFoundError[^]*--python-path/,
      () => committed('import no_such_module'),
    ],
    [
      'one that ends its process',
      BASE,
      3,
      /The base: The application ended its process \(exit code 9\)/,
      () => committed('import os\nos._exit(9)'),
    ],
    [
      'one that answers 500',
      BASE,
      3,
      /The base: GET \/ is answered with 500[^]*end of its log/,
      () => committed(answering('500 Broken')),
    ],
    [
      'one that raises',
      BASE,
      3,
      /The base: GET \/ is answered with 500[^]*RuntimeError: sold out/,
      () => committed(RAISING),
    ],
    [
      'one that has no such page',
      BASE,
      2,
      /The base: GET \/ is answered with 404 Not Found\.\n.*--path/,
      () => committed(answering('404 Not Found')),
    ],
    [
      'one that answers otherwise',
      BASE,
      3,
      /base answers GET \/ with 302, the head with 200[^]*--path/,
      () => committed(answering('302 Found')),
    ],
    [
      'a base that runs the head',
      [...BASE, '--python-path', '.venv/site-packages'],
      3,
      /would run a part of the head: it loads .*project\/src\/shop\.py, which is not from main\.\n.*--python-path/,
      editable,
    ],
    [
      'a base that does not start',
      [...APP, '--base-config', 'app=bad'],
      3,
      /The base: Gunicorn \(app\) ended[^]*end of its log[^]*no-such-option/,
      () => void repository.write('bad', '--no-such-option'),
    ],
    [
      'a configuration that is wrong',
      ['--topology', 'reverse-proxy', '--config', 'proxy=bad', '--base-config', 'proxy=/dev/null'],
      3,
      /The head: nginx \(proxy\) ended[^]*unknown directive "frobnicate"/,
      () => void repository.write('bad', 'frobnicate on;'),
    ],
    ['no baseline', ['--baseline', 'none.json'], 2, /There is no baseline .*none\.json/],
    [
      'a baseline of another schema',
      ['--baseline', 'old.json'],
      2,
      /old\.json has the schema lab\.run\/0/,
      () => void repository.write('old.json', '{"schema":"lab.run/0"}'),
    ],
    ['a baseline to write and a base', [...BASE, '--baseline', 'b.json', '--update'], 2, /--update only judges/],
    ['a baseline to write nowhere', ['--update'], 2, /--update needs the file/],
    ['an application that is not measured', [...APP, '--baseline', 'b.json'], 2, /--app is about measuring/],
    ['clauses that are not compared', [...BASE, '--clause', 'call.positional-args'], 2, /Add --baseline RUN\.json/],
    ['a tolerance of nothing', [...BASE, '--tolerance', 'speed=1'], 2, /metrics are cpu, throughput, p50, p99, memory/],
    ['a path of another host', [...BASE, '--path', '//192.0.2.1/'], 2, /is not a path/],
    ['a folder that cannot be written', [...BASE, '--out', 'app.py'], 3, /cannot be written to .*app\.py/],
  ])('%s', async (_, words, exit, said, before = () => {}) => {
    before()
    const state = repository.state()
    const { code, stderr } = await gate(words)
    expect(stderr).toMatch(said)
    expect(stderr).not.toMatch(/at fault|^\s+at /m)
    expect(code).toBe(exit)
    expect(left()).toEqual(NOTHING)
    expect(repository.state()).toEqual(state)
  })

  test('one CPU', async () => {
    const { code, stderr } = await gate(BASE, ['taskset', '-c', '0'])
    expect(stderr).toMatch(/^A gate needs two CPUs, .*\nRun it on a machine/m)
    expect(code).toBe(3)
    expect(left()).toEqual(NOTHING)
  })
})

test('the same project at a git ref is measured; every report is written, the repository is as it was', async () => {
  editable()
  const state = repository.state()
  const out = join(temporary, 'report')
  const { code, stdout, stderr } = await gate([
    ...[...BASE, '--python-path', 'src', '--python-path', '.venv/site-packages'],
    ...[...SHORT, '--json', '--out', out, '--history', join(temporary, 'history.jsonl')],
  ])
  expect(stderr).toBe('')
  const run = Run.parse(JSON.parse(stdout))
  // Rounds so short decide nothing, which is not what is looked at.
  expect([0, 4]).toContain(code)
  expect(run.gate!.duet).toMatchObject({
    topology: 'app-server',
    path: '/',
    base: { application: 'app.py:application', ref: { name: 'main', commit: repository.git('rev-parse', 'main') } },
    head: { application: 'app.py:application' },
  })
  expect(run.gate!.duet!.rounds.length).toBeGreaterThanOrEqual(3)
  expect(Run.parse(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')))).toEqual(run)
  expect(readdirSync(out)).toEqual(expect.arrayContaining(['report.html', 'report.md', 'junit.xml', 'summary.md']))
  expect(readFileSync(join(temporary, 'history.jsonl'), 'utf8').split('\n')).toHaveLength(2)
  expect(left()).toEqual(NOTHING)
  expect(repository.state()).toEqual(state)
}, 110_000)

test('a baseline is written, and verdicts are compared with it', async () => {
  const judged = ['--baseline', 'baseline.json', '--clause', 'call.positional-args']
  const written = await gate([...judged, '--update', '--out', join(temporary, 'written')])
  expect(written).toMatchObject({ code: 0, stdout: expect.stringContaining(join(repository.folder, 'baseline.json')) })
  const { code, stdout } = await gate([...judged, '--json', '--out', join(temporary, 'compared')])
  expect(Run.parse(JSON.parse(stdout)).gate).toMatchObject({ conformance: { changes: [] } })
  expect(code).toBe(0)
})

describe('a gate that is ended', () => {
  /** Starts a gate and waits until `done` says so. */
  async function gateUntil(done: (said: string) => boolean): Promise<ChildProcess> {
    const app = ['--app', join(repository.folder, 'app.py:application'), '--base', 'main']
    const child = startLab(temporary, ['gate', ...app, '--seconds', '5', '--out', join(temporary, 'report')])
    let said = ''
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text))
    const until = () => {
      expect(child.exitCode, said).toBeNull()
      expect(done(said)).toBe(true)
    }
    await expect.poll(until, { timeout: 50_000, interval: 20 }).toBeUndefined()
    return child
  }
  const saying = (word: string) => (said: string) => said.includes(word)
  /** A filter of git's that never comes to its end. */
  const inGit = () => {
    repository.git('config', 'filter.slow.smudge', 'sleep 100; cat')
    repository.write('.gitattributes', 'slow.txt filter=slow\n')
    repository.write('slow.txt', 'slow')
    commit()
  }
  const isInGit = () => left().folders.some((name) => readdirSync(join(temporary, name)).includes('base'))
  const MOMENTS: readonly [string, (said: string) => boolean, (() => void)?][] = [
    ['while git writes the base', isInGit, inGit],
    ['while the sides are tried', saying('Bring each side up alone')],
    ['while they are measured', saying('Measure both sides')],
    ['after a round', saying('round 1 of')],
  ]

  test.each(MOMENTS)('by Ctrl-C %s: exit code 130, nothing is left', async (_, done, before) => {
    before?.()
    const child = await gateUntil(done)
    const ended = once(child, 'exit')
    process.kill(-child.pid!, 'SIGINT')
    expect(await ended).toEqual([130, null])
    expect(left()).toEqual(NOTHING)
  })

  test.each(MOMENTS)('by SIGKILL %s: the next lab removes what is left', async (_, done, before) => {
    before?.()
    const state = repository.state()
    const child = await gateUntil(done)
    const ended = once(child, 'exit')
    process.kill(-child.pid!, 'SIGKILL')
    await ended
    expect(left().folders).not.toEqual([])
    const [code] = (await once(startLab(temporary, ['clean']), 'exit')) as [number]
    expect(code).toBe(0)
    await expect.poll(left, { timeout: 15_000 }).toEqual(NOTHING)
    expect(repository.state()).toEqual(state)
  })
})
