import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Run } from '../../reports/run.ts'
import { endedLab, processesLeft, startLab } from '../started-lab.ts'

let folder: string
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'capacity-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const capacity = (...words: string[]) => endedLab(['capacity', ...words], { INIT_CWD: folder, LAB_RUNTIME: 'native' })
const runIn = (name: string): Run => Run.parse(JSON.parse(readFileSync(join(folder, name, 'run.json'), 'utf8')))

test.for([
  [[], /Capacity is for an objective\.\nSay which: --slo/],
  [['--slo', 'p99=200'], /Write p99 with its unit, from 0\.1ms to 60s, as in p99=200ms/],
  [['--slo', 'p95=200ms'], /"p95=200ms" limits nothing that is measured: write p50, p90, p99, p99\.9 or errors/],
  [['--slo', 'p99=200ms,errors=0.1'], /Write errors in percent with the sign/],
  [['--slo', 'p99=20ms,p99=30ms'], /It says p99 twice/],
  [['--slo', 'p50=30ms,p99=20ms'], /A higher percentile cannot be the faster one/],
  [['--slo', 'errors=1%'], /Limit a latency, as in p99=200ms/],
  [['--slo', 'p99=200ms', '--topology', 'four-tier'], /There is no topology "four-tier"/],
  [['--slo', 'p99=200ms', '--runtime', 'docker', '--network', 'bridge'], /cannot reach into a private network/],
] as const)('%s is answered with one sentence and what to write', async ([words, sentence]) => {
  const { code, stderr, stdout } = await capacity(...words)
  expect(stderr).toMatch(sentence)
  expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
})

test('an objective that nobody can keep: every step is in the run, the report is written, exit code 4', async () => {
  const words = ['--slo', 'p99=0.1ms', '--topology', 'app-server', '--repeats', '1', '--out', 'never', '--json']
  const { code, stdout, stderr } = await capacity(...words)
  // Where others used the CPUs all the time it is not known.
  expect(stderr).toMatch(/app-server keeps 99 of 100 answers within 0\.1\sms .* at no rate|not known/)
  expect(code).toBe(4)
  const run = Run.parse(JSON.parse(stdout))
  expect(run).toEqual(runIn('never'))
  const steps = run.results[0]!.searches![0]!.steps
  expect(steps.length).toBeGreaterThan(5)
  expect(steps.some(({ kept }) => kept)).toBe(false)
  // Requests were answered rightly, and cost CPU time: it is the limit that is too short.
  expect(Math.max(...steps.map(({ errors }) => errors))).toBeLessThan(0.01)
  for (const { cpu } of steps) expect(cpu.app).toBeGreaterThan(10)
  expect(readFileSync(join(folder, 'never', 'report.html'), 'utf8')).toContain('at no rate')
}, 90_000)

test('interrupted, it keeps the steps it has, writes a report of them and leaves no process', async () => {
  const out = join(folder, 'cut')
  const lab = startLab(folder, [
    ...['capacity', '--slo', 'p99=200ms', '--topology', 'app-server', '--repeats', '1'],
    ...['--runtime', 'native', '--out', out],
  ])
  let said = ''
  await new Promise<void>((resolve, reject) => {
    lab.stdout!.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes('step 6')) resolve()
    })
    lab.once('exit', () => reject(new Error(`it ended before its sixth step:\n${said}`)))
  })
  const ended = once(lab, 'exit')
  lab.kill('SIGINT')
  expect((await ended)[0]).toBe(130)
  const run = runIn('cut')
  expect(run.finishedAt).toBeUndefined()
  expect(run.results[0]!.searches![0]!.steps.length).toBeGreaterThanOrEqual(5)
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('unfinished run')
  expect(processesLeft(folder)).toEqual([])
}, 60_000)
