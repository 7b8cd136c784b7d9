import { expect, test } from 'vitest'
import { fixture } from '../fixture/whole.ts'
import { hostile } from '../fixture/verdicts.ts'
import { partialRuns } from '../fixture/partial.ts'
import type { Run } from '../run.ts'
import markdown from './markdown.ts'

const render = async (run: Run): Promise<string> => String((await markdown.render(run))[0]!.content)

test('the report of the fixture is the golden one', async () => {
  await expect(await render(fixture())).toMatchFileSnapshot('golden.md')
})

test('nothing a server sent becomes markup outside a fence', async () => {
  const outside = (await render(fixture())).replace(/^(`{3,})text\n[^]*?\n\1$/gm, '')
  expect(outside).not.toContain('<')
  expect(outside).not.toContain(hostile)
})

test.each(Object.entries(partialRuns()))('a run with %s is reported', async (_, run) => {
  const report = await render(run)
  expect(report).toContain('## Which topology for what')
  expect(report).not.toMatch(/undefined|NaN|Infinity|\[object/)
})
