import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { plannedRun } from '../../reports/fixture/planned.ts'
import { fixture } from '../../reports/fixture/whole.ts'
import { Run } from '../../reports/run.ts'
import { runSchemaFile } from '../run-schema.ts'
import { endedLab, processesLeft, startLab } from '../started-lab.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plan-'))
  chmodSync(folder, 0o755)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const plan = (words: readonly string[], prefix: readonly string[] = []) =>
  endedLab(['plan', ...words], { INIT_CWD: folder, LAB_RUNTIME: 'native', TMPDIR: `${folder}/` }, prefix)
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o644 })
const read = (name: string): Run => Run.parse(JSON.parse(readFileSync(join(folder, name, 'run.json'), 'utf8')))
const left = () => ({
  processes: processesLeft(`${folder}/`),
  folders: readdirSync(folder).filter((name) => name.startsWith('gateway-lab-')),
})
const NOTHING = { processes: [], folders: [] }

const DEMAND = ['--rps', '500', '--p99', '200ms']
const SHORT = ['--rounds', '2', '--seconds', '0.1']

describe('bad input: one clear message and its exit code, before anything is measured', () => {
  test.each<[string, readonly string[], number, RegExp]>([
    ['no demand', [], 2, /A plan needs the requests per second.*\nWrite both, as in: .*--rps 2000 --p99 200ms/],
    ['a forgotten unit', ['--rps', '500', '--p99', '200'], 2, /argument '200' is invalid\. Write .* 200ms or 0\.2s\./],
    [
      'a hit ratio without a cache',
      [...DEMAND, '--hit-ratio', '0.8', '--topology', 'app-server'],
      2,
      /is about a cache.*\nAdd --topology three-tier/,
    ],
    [
      'a private network of containers',
      [...DEMAND, '--runtime', 'docker', '--network', 'bridge'],
      2,
      /private network of containers\.\nUse --network host/,
    ],
    ['two runtimes', [...DEMAND, '--runtime', 'native,docker'], 2, /one runtime/],
    ['files alone', [...DEMAND, '--path', '/static/16k.bin'], 2, /Only files are asked for.*\nName a path/],
    ['no run', ['--from', 'none.json'], 2, /none\.json cannot be read/],
    [
      'a run of something else',
      ['--from', 'measured.json'],
      2,
      /holds nothing to plan with\.\nMeasure it first: .*plan --rps/,
    ],
    ['measuring and not measuring', ['--from', 'planned.json', '--rounds', '3'], 2, /--rounds is about measuring/],
    [
      'a hit ratio of what was never cached',
      ['--from', 'plain.json', '--hit-ratio', '0.5'],
      2,
      /hit ratio would count for nothing/,
    ],
  ])('%s', async (_, words, exit, said) => {
    write('measured.json', JSON.stringify(fixture()))
    write('planned.json', JSON.stringify(plannedRun()))
    write('plain.json', JSON.stringify(plannedRun({ plan: { shares: { dynamic: 1, cached: 0, static: 0 } } })))
    const { code, stderr, stdout } = await plan(words)
    expect(stderr).toMatch(said)
    expect(stderr).not.toMatch(/at fault|^\s+at /m)
    expect(stdout).toBe('')
    expect(code).toBe(exit)
    expect(left()).toEqual(NOTHING)
  })

  test('one CPU', async () => {
    const { code, stderr } = await plan(DEMAND, ['taskset', '-c', '0'])
    expect(stderr).toMatch(/^A plan needs two CPUs, .*\nRun it on a machine/m)
    expect(code).toBe(3)
  })
})

describe('planning again with what was measured', () => {
  const again = async (run: Run, words: readonly string[]) => {
    write('run.json', JSON.stringify(run))
    return plan(['--from', 'run.json', '--out', 'again', ...words])
  }

  test('another demand has another answer, the rest of it and all figures stay', async () => {
    const before = plannedRun()
    const { code, stdout } = await again(before, ['--rps', '7000'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/again\/report\.html/)
    const run = read('again')
    expect(run.plan!.demand).toEqual({ ...before.plan!.demand, rps: 7000 })
    expect(run.results).toEqual(before.results)
    expect(run.id).not.toBe(before.id)
    expect(readdirSync(join(folder, 'again'))).toEqual(expect.arrayContaining(['report.html', 'report.md']))
    // The run that was planned with is as it was.
    expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toEqual(before)
  })

  test('a limit that nobody keeps: the report is written, exit code 4 says what it would take', async () => {
    const { code, stderr } = await again(plannedRun(), ['--p99', '1ms'])
    expect(stderr).toMatch(/^No topology meets the demand\. .*1 ms/)
    expect(code).toBe(4)
    expect(existsSync(join(folder, 'again/report.html'))).toBe(true)
  })

  test('a model that missed what was measured is not to be ordered by: exit code 4', async () => {
    const { code, stderr } = await again(plannedRun({ bent: 1.5 }), [])
    expect(stderr).toMatch(/The model missed loads .*\nDo not order machines by this plan/)
    expect(code).toBe(4)
  })
})

/** Answers through no proxy, and lets no cache keep it. */
const PROXY_SHY = `
def application(environ, start_response):
    status = "500 Broken" if "HTTP_X_FORWARDED_FOR" in environ else "200 OK"
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]
`

test('an application of one’s own: a topology that fails is a problem of its own, the others are planned', async () => {
  write('app.py', PROXY_SHY)
  const { code, stderr } = await plan([
    ...[...DEMAND, ...SHORT, '--topology', 'app-server,reverse-proxy', '--app', 'app.py:application'],
    ...['--out', 'report', '--json'],
  ])
  expect(stderr).toMatch(/GET \/ is answered with 500 Broken/)
  expect(code).toBe(3)
  const run = read('report')
  expect(run.application).toEqual({ name: 'app.py:application' })
  const [alone, behind] = run.results
  expect(behind!.problems.join()).toMatch(/500 Broken/)
  expect(behind!.planning?.points ?? []).toEqual([])
  expect(alone!.problems).toEqual([])
  expect(alone!.planning!.sizes.map(({ workers }) => workers)).toEqual([1, 2])
  for (const { tiers } of alone!.planning!.sizes) expect(tiers[0]!.pssBytes).toBeGreaterThan(2 ** 20)
  expect(left()).toEqual(NOTHING)
}, 60_000)

test('what a cache keeps is measured as it is and as nobody asked before; the run is saved whole', async () => {
  const { code, stdout } = await plan([
    ...[...DEMAND, ...SHORT, '--topology', 'three-tier', '--hit-ratio', '0.8', '--spare', '1'],
    ...['--path', '/page', '--path', '/time', '--path', '/static/16k.bin', '--out', 'report', '--json'],
  ])
  // Windows so short decide nothing, which is not what is looked at.
  expect([0, 4]).toContain(code)
  const run = Run.parse(JSON.parse(stdout))
  expect(read('report')).toEqual(run)
  const validate = new Ajv2020({ strict: true, formats: { 'date-time': true } }).compile(
    JSON.parse(readFileSync(runSchemaFile, 'utf8')),
  )
  validate(run)
  expect(validate.errors).toBeNull()
  const { demand, shares, fitted } = run.plan!
  expect(demand).toMatchObject({ rps: 500, p99: 200, hitRatio: 0.8, spare: 1, peak: 1, growth: 0 })
  for (const share of Object.values(shares)) expect(share).toBeCloseTo(1 / 3)
  expect(fitted).toEqual([1, 8, 32])
  const points = run.results[0]!.planning!.points
  for (const { errors } of points) expect(errors).toBe(0)
  // The mean of all windows, because the clock ticks of one so short may be none.
  const ofApp = (...classes: string[]): number => {
    const rounds = points.filter(({ of }) => classes.includes(of)).flatMap((point) => point.rounds)
    expect(rounds.length).toBeGreaterThan(0)
    return rounds.reduce((sum, { cpu }) => sum + cpu.app!, 0) / rounds.length
  }
  expect(ofApp('dynamic')).toBeGreaterThan(5 * ofApp('cached', 'static'))
  expect(left()).toEqual(NOTHING)
}, 60_000)

test.each(['app-server', 'round 1 and 2 of 40', 'round 3 and 4 of 40'])(
  'Ctrl-C at "%s": exit code 130, what was measured is kept and reported, nothing is left',
  async (moment) => {
    const words = ['plan', ...DEMAND, '--rounds', '40', '--seconds', '0.1', '--topology', 'app-server']
    const child = startLab(folder, [...words, '--runtime', 'native', '--out', join(folder, 'report')])
    let said = ''
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text))
    await expect.poll(() => said.includes(moment), { timeout: 50_000, interval: 20 }).toBe(true)
    const ended = once(child, 'exit')
    process.kill(-child.pid!, 'SIGINT')
    expect(await ended).toEqual([130, null])
    expect(left()).toEqual(NOTHING)
    const run = read('report')
    expect(run.finishedAt).toBeUndefined()
    expect(existsSync(join(folder, 'report/report.html'))).toBe(true)
    const kept = run.results[0]!.planning?.points.length ?? 0
    if (moment.startsWith('round 3')) expect(kept).toBeGreaterThan(0)
  },
  60_000,
)
