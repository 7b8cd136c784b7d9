import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Suite } from './index.ts'

const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.ts') && !/^index\.|\.test\./.test(file))
const suites = await Promise.all(
  files.map(async (file) => {
    const { default: suite }: { readonly default: Suite } = await import(
      /* @vite-ignore */ `${import.meta.dirname}/${file}`
    )
    return { file, suite }
  }),
)
const all = suites.flatMap(({ suite }) =>
  Object.entries(suite.clauses).map(([id, clause]) => ({ id, full: `${suite.name}/${id}`, suite, clause })),
)

test('a suite is named after its file', () => {
  for (const { file, suite } of suites) expect(`${suite.name}.ts`).toBe(file)
})

test.each([false, true])('an id means one thing, in whatever suite it stands (intermediaries alone: %s)', (alone) => {
  const ids = all.filter(({ suite }) => (suite.alone ?? false) === alone).map(({ id }) => id)
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  for (const id of ids) expect(id).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)?$/)
})

test.each(all)('$full quotes a sentence and says where it stands', ({ clause: { says, cites, level } }) => {
  expect(says.length).toBeGreaterThan(40)
  expect(says).toBe(says.trim())
  expect(cites).toMatch(/^(PEP 3333, [A-Z]|PEP 3333, environ Variables$|RFC \d+ §\d)/)
  const keyword = {
    MUST: /must/i,
    'MUST NOT': /must not/i,
    SHOULD: /should/i,
    'SHOULD NOT': /should not/i,
    MAY: /may|can/i,
  }
  if (level in keyword) expect(says).toMatch(keyword[level as keyof typeof keyword])
})

test('a clause depends on one that is judged before it', () => {
  const before = new Set<string>()
  for (const { full, suite, clause } of all) {
    const dependsOn = 'untestable' in clause ? undefined : clause.dependsOn
    if (dependsOn !== undefined)
      expect(before).toContain(dependsOn.includes('/') ? dependsOn : `${suite.name}/${dependsOn}`)
    before.add(full)
  }
})

// Reports and baselines know these: a clause may be added, but none renamed, and none changed in meaning. After a change
// that is meant, `vitest -u` writes the file anew; read the difference.
test('ids, levels and sentences are stable', async () => {
  const told = all.map(({ full, clause: { level, cites, says } }) => `## ${full}\n\n${level} (${cites})\n\n> ${says}\n`)
  await expect(`# Every clause of the catalogue\n\n${told.join('\n')}`).toMatchFileSnapshot('golden.md')
})

test('every testable clause says what is done and looked at, every other one why it cannot be', () => {
  for (const { full, clause } of all) {
    const text = 'untestable' in clause ? clause.untestable : clause.experiment
    expect(text.length, full).toBeGreaterThan(20)
  }
})
