import { appendFile, mkdtemp, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { gatedRun } from '../../reports/fixture/gated.ts'
import { gateOf } from '../../reports/fixture/remembered.ts'
import { parseHistory } from '../../reports/history.ts'
import { ROOT } from '../catalogue.ts'
import { remember } from './history.ts'

let folder = ''
let file = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lab-history-'))
  file = join(folder, 'kept', 'history.jsonl')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const read = async () => parseHistory(await readFile(file, 'utf8'))
const ids = async (): Promise<readonly string[]> => (await read()).entries.map(({ id }) => id)

const lab = (...words: string[]) =>
  spawnSync(process.execPath, ['scripts/boot.mjs', 'scripts/lab.ts', ...words], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, INIT_CWD: folder },
  })

test('each gate is a line at the end', async () => {
  await remember(gateOf(1, 0), file)
  await remember(gateOf(2, 0), file)
  expect(await ids()).toEqual(['run-of-day-1', 'run-of-day-2'])
  expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(3)
})

test('what a killed lab tore is left out, and the next gate is whole', async () => {
  await remember(gateOf(1, 0), file)
  await remember(gateOf(2, 0), file)
  const size = (await readFile(file)).length
  await truncate(file, size - 300)
  await remember(gateOf(3, 0), file)
  expect(await ids()).toEqual(['run-of-day-1', 'run-of-day-3'])
  expect((await read()).leftOut).toEqual([expect.stringMatching(/^Line 2 was left out: it is no whole entry/)])
})

test('labs that end at the same time do not write into each other’s lines', async () => {
  const days = Array.from({ length: 20 }, (_, index) => index + 1)
  await Promise.all(days.map((day) => remember(gateOf(day, 0), file)))
  expect(await read()).toMatchObject({ entries: { length: 20 }, leftOut: [] })
})

test('a history that cannot be written is said in one sentence', async () => {
  await expect(remember(gatedRun(), folder)).rejects.toThrow(/^The history .* cannot be written: /)
})

test('report makes the trend page of a history, says what it left out, and adds a run to it', async () => {
  await remember(gateOf(1, 0), file)
  await appendFile(file, '{"torn')
  const run = join(folder, 'run.json')
  await appendFile(run, JSON.stringify(gatedRun()))
  const added = lab('report', 'run.json', '--history', 'kept/history.jsonl')
  expect(added).toMatchObject({ status: 0, stderr: '' })
  expect(added.stdout).toMatch(/^Breach: /)
  const shown = lab('report', 'kept/history.jsonl')
  expect(shown).toMatchObject({ status: 0, stderr: '' })
  expect(shown.stdout).toBe(
    `Line 2 was left out: it is no whole entry, as when a lab is killed while it writes.\nWritten to ${join(folder, 'kept', 'trend.html')}\n`,
  )
  const page = await readFile(join(folder, 'kept', 'trend.html'), 'utf8')
  expect(page).toContain('2 entries of 1 machine')
})

test('a history without an entry, or none at all, is a mistake that is named', async () => {
  await appendFile(join(folder, 'empty.jsonl'), '{"torn')
  for (const [name, message] of [
    ['empty.jsonl', 'holds no entry of a history.\nLine 1 (the last) was left out'],
    ['absent.jsonl', 'cannot be read'],
  ] as const) {
    const { status, stderr } = lab('report', name)
    expect([name, status, stderr.includes(message)]).toEqual([name, 2, true])
  }
})
