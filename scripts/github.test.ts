import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { gatedRun } from '../reports/fixture/gated.ts'
import type { Run } from '../reports/run.ts'
import { tellGithub } from './github.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'github-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** What a job with this environment gets to see. */
async function told(
  environment: NodeJS.ProcessEnv,
  { run = gatedRun(), json = false }: { run?: Run; json?: boolean } = {},
) {
  const streams = { out: '', err: '' }
  await tellGithub(run, {
    json,
    environment,
    out: (text) => (streams.out += text),
    err: (text) => (streams.err += text),
  })
  return streams
}

const inJob = (summary?: string): NodeJS.ProcessEnv => ({
  GITHUB_ACTIONS: 'true',
  ...(summary === undefined ? {} : { GITHUB_STEP_SUMMARY: summary }),
})

test('a job gets annotations in its log and the summary appended to what is there', async () => {
  const file = join(folder, 'summary.md')
  await writeFile(file, 'from an earlier command\n')
  const { out, err } = await told(inJob(file))
  expect(out).toMatch(/^::error title=CPU per request::/)
  expect(err).toBe('')
  expect(await readFile(file, 'utf8')).toMatch(/^from an earlier command\n\n## Gateway Lab\n\n\*\*Breach: /)
})

test('with --json stdout stays the run’s', async () => {
  const { out, err } = await told(inJob(join(folder, 'summary.md')), { json: true })
  expect(out).toBe('')
  expect(err).toMatch(/^::error title=CPU per request::/)
})

test('elsewhere nothing is said and nothing written', async () => {
  const file = join(folder, 'summary.md')
  expect(await told({ GITHUB_STEP_SUMMARY: file })).toEqual({ out: '', err: '' })
  await expect(readFile(file)).rejects.toThrow('ENOENT')
})

test.each([
  ['no file is named', () => inJob(), 'GITHUB_STEP_SUMMARY names no file.'],
  ['its folder is gone', () => inJob(join(folder, 'gone', 'summary.md')), 'The step summary cannot be written: ENOENT'],
  ['it is a folder', () => inJob(folder), 'The step summary cannot be written: EISDIR'],
])('when %s, a sentence on stderr says so and the annotations are there', async (_, environment, sentence) => {
  const { out, err } = await told(environment())
  expect(out).toContain('::error ')
  expect(err).toContain(sentence)
  expect(err.trimEnd().split('\n')).toHaveLength(1)
})

test('however much is in the file, with the summary it is never more than GitHub takes', async () => {
  const file = join(folder, 'summary.md')
  for (const before of [990_000, 996_500, 999_999]) {
    await writeFile(file, 'x'.repeat(before))
    const { err } = await told(inJob(file))
    const { length } = await readFile(file)
    expect(length).toBeLessThanOrEqual(1_000_000)
    expect(length > before).toBe(err === '')
  }
})

test('a file that is full is left as it is, and a sentence says so', async () => {
  const file = join(folder, 'summary.md')
  await writeFile(file, 'x'.repeat(1_000_000))
  expect((await told(inJob(file))).err).toContain('nearly as large as GitHub takes')
  expect((await readFile(file)).length).toBe(1_000_000)
})
