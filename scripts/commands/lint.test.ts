import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { faultyApplications } from '../../suites/linting/faulty-applications.ts'
import { findings } from '../../suites/linting/findings.ts'
import type { Linted, LintFinding } from '../../suites/linting/index.ts'
import { rules } from '../../suites/linting/rules.ts'
import type { Toolchain } from '../../topologies/runtimes/toolchain.ts'
import { ROOT, topologies } from '../catalogue.ts'
import { toolchainFor } from '../runtime.ts'
import { endedLab } from '../started-lab.ts'
import { hostsFor, lintEverywhere } from './lint.ts'

const folder = mkdtempSync(join(tmpdir(), 'lint-test-'))
chmodSync(folder, 0o755)
const SERVERS = ['app=gunicorn/gthread', 'app=waitress']
let toolchain: Toolchain
beforeAll(async () => void (toolchain = await toolchainFor('private', await topologies(), () => {})), 400_000)
afterAll(() => rmSync(folder, { recursive: true }))

/** A file that the services' user can read. */
function written(name: string, text: string): string {
  const file = join(folder, name)
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o755 })
  writeFileSync(file, text, { mode: 0o644 })
  return file
}

async function lintOf(
  file: string,
  servers: readonly string[],
  more: Partial<Linted> = {},
): Promise<readonly LintFinding[]> {
  const what = { file, callable: 'application', searchPath: [], variables: {}, paths: ['/'], ...more }
  const hosts = servers.length > 0 ? await hostsFor(servers) : []
  return findings(await lintEverywhere(what, hosts, toolchain, AbortSignal.timeout(120_000)))
}

const found = (all: readonly LintFinding[]) =>
  all.filter(({ outcome }) => outcome === 'broken' || outcome === 'advice').map(({ rule }) => rule)

describe('applications without a fault', () => {
  test.each([
    ['environ', ['app.head-body']],
    ['time_raw', []],
    ['time_webob', []],
    ['time_werkzeug', []],
  ])('%s breaks nothing, in process and behind two servers', async (name, advice) => {
    const all = await lintOf(join(ROOT, 'apps', `${name}.py`), SERVERS)
    expect(found(all)).toEqual(advice)
    expect(all.filter(({ outcome }) => outcome === 'broken')).toEqual([])
    expect(all.filter(({ outcome }) => outcome === 'kept').length).toBeGreaterThanOrEqual(20)
  })
})

describe('applications with one fault', () => {
  const caught: string[] = []

  const alone = 'one that $does is reported for $rule alone'
  test.concurrent.for(faultyApplications)(alone, async ({ does, rule, python }, { expect }) => {
    const index = faultyApplications.findIndex((each) => each.does === does)
    // Behind one of the two in turn: with both, this would take minutes.
    const all = await lintOf(written(`faulty-${index}.py`, python), [SERVERS[index % 2]!])
    expect(found(all)).toEqual([rule])
    caught.push(does)
  })

  test('all of them are caught, and there is one for every rule that can be tested', () => {
    process.stdout.write(`${caught.length} of ${faultyApplications.length} faulty applications caught\n`)
    expect(caught.length).toBe(faultyApplications.length)
    const testable = Object.keys(rules).filter((rule) => rules[rule]!.untestable === undefined)
    expect(testable.filter((rule) => !faultyApplications.some((each) => each.rule === rule))).toEqual([])
  })
})

describe('the command', () => {
  const lint = (words: readonly string[]) => endedLab(['lint', ...words], { INIT_CWD: folder })

  test('prints a block for each broken rule and ends with 1; --json prints the findings and nothing else', async () => {
    written('bad.py', faultyApplications.find(({ does }) => does === 'puts CR LF into a value')!.python)
    const words = ['--app', 'bad.py:application', '--no-servers']
    const { code, stdout, stderr } = await lint(words)
    expect(stderr).toBe('')
    expect(stdout).toMatch(/broken {2}headers\.value-no-control \(MUST NOT\)\n {2}“Each header_value must not/)
    expect(stdout).toMatch(/GET \/: a header is \('X-A', '1\\r\\nX-B: 2'\)/)
    expect(stdout).toMatch(/\d+ rules: \d+ kept, 1 broken, \d+ not reached, \d+ not testable\n$/)
    expect(code).toBe(1)
    const rows = JSON.parse((await lint([...words, '--json'])).stdout) as readonly LintFinding[]
    expect(rows.map(({ rule }) => rule)).toEqual(Object.keys(rules))
    expect(found(rows)).toEqual(['headers.value-no-control'])
    expect(rows.find(({ outcome }) => outcome === 'broken')!.seen[0]).toMatchObject({ request: 'GET /' })
  })

  test('finds what the application imports: beside it, in its package, and where --python-path says', async () => {
    written('project/__init__.py', '')
    written('project/inner/__init__.py', 'import os\nassert os.environ["SHOP"] == "open"\n')
    written('project/inner/wsgi.py', 'from . import page\napplication = page.application\n')
    written('project/inner/page.py', 'import elsewhere\napplication = elsewhere.made\n')
    written(
      'packages/elsewhere.py',
      'def made(environ, start_response):\n    start_response("204 No Content", [])\n    return []\n',
    )
    const words = ['--python-path', 'packages', '--env', 'SHOP=open', '--path', '/a%20b', '--server', 'app=waitress']
    const { code, stdout } = await lint(['--app', 'project/inner/wsgi.py:application', ...words])
    expect(stdout).toMatch(/behind waitress [^]*GET \/a%20b: 204 No Content/)
    expect(code).toBe(0)
  })

  test.each([
    ['no-such.py:application', '', 2, /There is no file .*no-such\.py\.\nName the file/],
    [
      'app.py',
      'application = 5',
      2,
      /does not name an application\.\nWrite FILE:callable, as in --app app\.py:application/,
    ],
    ['app.py:app', 'def application(environ, start_response): pass', 2, /has no app\.\nCallables there: application\./],
    ['app.py:application', 'application = 5', 2, /is of type int and cannot be called/],
    [
      'app.py:application',
      'async def application(scope, receive, send): pass',
      2,
      /takes \(scope, receive, send\)[^]*ASGI/,
    ],
    ['app.py:make', 'def make(): pass', 2, /takes \(\)[^]*write application = make\(\.\.\.\)/],
    ['app.py:application', 'def application(', 3, /cannot be imported:[^]*SyntaxError/],
    ['app.py:application', 'import no_such_module', 3, /ModuleNotFoundError[^]*--python-path/],
    ['app.py:application', 'import os\nos._exit(9)', 3, /ended its process \(exit code 9\)/],
    [
      'app.py:application',
      'import time\ndef application(environ, start_response): time.sleep(60)',
      4,
      /did not answer GET \/ within 5 s/,
    ],
  ])('answers %s with %j in one sentence, and what to do', async (app, python, exit, said) => {
    written('app.py', `${python}\n`)
    const { code, stdout, stderr } = await lint(['--app', app, '--no-servers'])
    expect(stderr).toMatch(said)
    expect(stderr).not.toMatch(/at fault|^\s+at /m)
    expect(stdout).toBe('')
    expect(code).toBe(exit)
  })
})
