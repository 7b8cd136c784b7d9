import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Run } from '../../reports/run.ts'
import { inconclusive } from '../inconclusive.ts'
import { endedLab } from '../started-lab.ts'
import { interpreterStudy } from './interpreter.ts'

let folder: string
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'study-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const study = (words: string, prefix: readonly string[] = []) =>
  endedLab(['study', 'interpreter', ...words.split(' ')], { INIT_CWD: folder, LAB_RUNTIME: 'native' }, prefix)

test('threads and processes are compared at the same numbers, under the same load', async () => {
  const all = await interpreterStudy({ memory: [1], scaling: [1, 4] })
  const scaling = all.filter(({ part }) => part === 'scaling')
  expect(scaling.map(({ workers, threads }) => [workers, threads])).toEqual([
    [1, 1],
    [1, 4],
    [1, 1],
    [4, 1],
  ])
  expect(new Set(scaling.flatMap(({ workloads }) => workloads.map(({ loop }) => loop.connections)))).toEqual(
    new Set([16]),
  )
})

test('the interpreter beside the proxy: measured, saved and reported', async () => {
  const { code, stdout } = await study('--profile smoke --part cost --out cost --json')
  const run = Run.parse(JSON.parse(stdout))
  expect(code).toBe(inconclusive(run) ? 4 : 0)
  const { rows, interpreterPssBytes } = run.study!
  expect(rows.map(({ part, servers, workload }) => [part, servers.join(), workload])).toEqual([
    ['cost', 'nginx/http11,gunicorn/gthread', 'time'],
    ['cost', 'nginx/http11,gunicorn/gthread', 'static'],
  ])
  for (const { measurements } of rows) expect(measurements[0]!.usage.map(({ role }) => role)).toEqual(['proxy', 'app'])
  // More than a program of nothing, less than an application.
  expect(interpreterPssBytes! / 2 ** 20).toBeGreaterThan(2)
  expect(interpreterPssBytes! / 2 ** 20).toBeLessThan(30)
  expect(Run.parse(JSON.parse(readFileSync(join(folder, 'cost/run.json'), 'utf8')))).toEqual(run)
})

test('further workers weigh less when the application was loaded before they were forked', async () => {
  const { stdout } = await study('--profile smoke --part memory --out memory --json')
  const rows = Run.parse(JSON.parse(stdout)).study!.rows.filter(({ application }) => application === 'time_werkzeug')
  const pss = (workers: number, preloaded: boolean): number =>
    rows.find((row) => row.workers === workers && row.preloaded === preloaded)!.measurements[0]!.usage[0]!.pssBytes!
  expect(pss(2, false) - pss(1, false)).toBeGreaterThan(pss(2, true) - pss(1, true))
})

test('a machine with one CPU is told what it cannot show: exit code 4, no curve', async () => {
  const { code, stderr, stdout } = await study('--profile smoke --part scaling', ['taskset', '-c', '0'])
  expect(stderr).toMatch(/With one CPU only memory can be studied/)
  expect(stdout).toBe('')
  expect(code).toBe(4)
})
