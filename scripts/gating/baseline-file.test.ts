import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareWithBaseline } from '../../reports/baseline.ts'
import { withAlone } from '../../reports/fixture/alone.ts'
import { fixture } from '../../reports/fixture/whole.ts'
import { Run } from '../../reports/run.ts'
import { EXIT, LabError } from '../../topologies/runtimes/lab-error.ts'
import { baselineText, readBaseline, writeBaseline } from './baseline-file.ts'

let folder: string
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'baseline-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('what is written is a run with the same verdicts, with nothing against the run it was made of', async () => {
  const run = withAlone(fixture())
  const path = await writeBaseline(join(folder, 'new', 'baseline.json'), run)
  const baseline = await readBaseline(path)
  const { changes, compared } = compareWithBaseline(run, baseline)
  expect(compared).toBe(compareWithBaseline(run, run).compared)
  expect(new Set(changes.map(({ kind }) => kind))).toEqual(new Set(['known']))
  expect(readdirSync(join(folder, 'new'))).toEqual(['baseline.json'])
})

describe('a baseline is a file for git', () => {
  const text = baselineText(fixture())
  const lines = text.split('\n')

  test('each verdict on a line of its own, so that what changed is what a diff shows', () => {
    const { results } = Run.parse(JSON.parse(text))
    const verdicts = results.flatMap((result) => result.verdicts)
    expect(lines.filter((line) => line.trimStart().startsWith('{"clause":')).length).toBe(verdicts.length)
    const other = fixture()
    other.results[0]!.verdicts[0]!.outcome = 'blocked'
    const [before, after] = [lines, baselineText(other).split('\n')]
    expect(after.filter((line, index) => line !== before[index]).length).toBe(1)
  })

  test('without messages, figures and what differs from one run of the same to the next', () => {
    const run = fixture()
    const { results, workloads } = Run.parse(JSON.parse(text))
    expect(run.results.some(({ measurements }) => measurements.length > 0)).toBe(true)
    expect(run.results.some(({ verdicts }) => verdicts.some(({ evidence }) => evidence))).toBe(true)
    for (const { measurements, bringUpSeconds, verdicts } of results) {
      expect([measurements, bringUpSeconds]).toEqual([[], []])
      expect(verdicts.every(({ evidence, events }) => evidence === undefined && events === undefined)).toBe(true)
    }
    expect(workloads).toEqual([])
    const elsewhere = fixture()
    elsewhere.host.cpuPressure = 99
    for (const result of elsewhere.results) result.bringUpSeconds = [42]
    expect(baselineText(elsewhere)).toBe(text)
  })

  test('the same text when it is read and written again', () => {
    expect(baselineText(Run.parse(JSON.parse(text)))).toBe(text)
  })
})

describe('what is no baseline is told in one sentence, exit code 2', () => {
  test.each([
    ['no such file', undefined, /^There is no baseline .*missing\.json\.\nWrite one first: add --update\.$/],
    ['not JSON', '{', /is not JSON/],
    ['another schema version', '{"schema":"lab.run/9"}', /has the schema lab\.run\/9; this lab reads lab\.run\/1\./],
    ['no run', '{"schema":"lab.run/1"}', /is not a run of the lab/],
    ['a run that judged nothing', JSON.stringify({ ...fixture(), results: [], alone: [] }), /holds no verdict/],
  ])('%s', async (_, content, message) => {
    const file = join(folder, content === undefined ? 'missing.json' : 'bad.json')
    if (content !== undefined) writeFileSync(file, content)
    const error = await readBaseline(file).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(LabError)
    expect((error as LabError).message).toMatch(message)
    expect((error as LabError).exitCode).toBe(EXIT.usage)
  })

  test('a folder', async () => {
    mkdirSync(join(folder, 'folder.json'))
    await expect(readBaseline(join(folder, 'folder.json'))).rejects.toThrow(/cannot be read: EISDIR/)
  })
})

test('where nothing can be written the old baseline stays', async () => {
  const occupied = join(folder, 'occupied')
  writeFileSync(occupied, 'old')
  const error = await writeBaseline(join(occupied, 'baseline.json'), fixture()).catch((caught: unknown) => caught)
  expect((error as LabError).message).toMatch(/^The baseline cannot be written to /)
  expect((error as LabError).exitCode).toBe(EXIT.environment)
  expect(readFileSync(occupied, 'utf8')).toBe('old')
  expect(existsSync(`${occupied}.${process.pid}.part`)).toBe(false)
})
