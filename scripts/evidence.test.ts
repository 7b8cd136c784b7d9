import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from './catalogue.ts'
import { lineOf, percent, shareInterval, table, type Evidence, type GateOutcome } from './evidence.ts'

test('the interval of a share is Wilson’s', () => {
  // Newcombe 1998, table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
  const published = [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const
  for (const [hits, trials, low, high] of published) {
    const found = shareInterval(hits, trials)
    expect(found[0]).toBeCloseTo(low, 4)
    expect(found[1]).toBeCloseTo(high, 4)
  }
})

const outcome = (verdict: GateOutcome['verdict'], change: number): GateOutcome => ({
  ...{
    scenario: 'cpu5',
    says: '+5 % CPU per request',
    expected: ['cpu'],
    verdict,
    seconds: 20,
    foreignCpu: 0.1,
    rounds: [],
  },
  settings: { rounds: 6, offered: 0.8, saturated: 0.4 },
  effects: [{ metric: 'cpu', change, smallestDetectable: 0.01, verdict, why: null, rounds: 12 }],
})

test('gates are counted by what they said, and a regression that passed is a miss', () => {
  const [row] = table([
    outcome('breach', 0.05),
    outcome('breach', 0.06),
    outcome('inconclusive', 0.04),
    outcome('pass', 0.01),
  ])
  expect(row).toMatchObject({ gates: 4, breaches: 2, inconclusive: 1, passes: 1, missed: 1, cpuChange: [0.04, 0.0216] })
  expect(lineOf(row!)).toContain('2 of 4 breaches (95 % interval 15.0 % to 85.0 %), 1 inconclusive, 1 passed')
})

test('what the README says of the gate is what was measured last', async () => {
  const { rows } = JSON.parse(await readFile(join(ROOT, 'scripts', 'bench-gate.json'), 'utf8')) as { rows: Evidence[] }
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
  expect(rows.length).toBeGreaterThan(0)
  for (const { says, gates, breaches, inconclusive, passes, breachShare } of rows) {
    const [low, high] = breachShare.map(percent)
    expect(readme).toContain(`| ${says} | ${breaches} of ${gates} (${low} to ${high}) | ${inconclusive} | ${passes} |`)
  }
})
