import { expect, test } from 'vitest'
import { fixture } from './fixture/whole.ts'
import { allWorkloads } from './fixture/workloads.ts'
import { partialRuns } from './fixture/partial.ts'
import { renderTerminal } from './terminal.ts'

const plain = renderTerminal(fixture(), { colour: false })

test('fits into 100 columns, in full and in part', () => {
  for (const run of [fixture(), allWorkloads(), ...Object.values(partialRuns())])
    for (const line of renderTerminal(run, { colour: false }).split('\n'))
      expect(line.length, line).toBeLessThanOrEqual(100)
})

test('nothing that a server sent commands the terminal', () => {
  expect(plain).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
})

test('colour only adds colour', () => {
  const coloured = renderTerminal(fixture(), { colour: true })
  expect(coloured).toContain('\u001b[')
  expect(coloured.replace(/\u001b\[[\d;]*m/g, '')).toBe(plain)
})

test('the answer comes before the numbers, and what is not valid is marked', () => {
  expect(plain.indexOf('daemon-host')).toBeLessThan(plain.indexOf('Right answers/s'))
  expect(plain).toMatch(/three-tier .* ≥ [\d,]+\/s \*/)
})

test('with ten workloads each answer is a line, and every figure has an interval', () => {
  const text = renderTerminal(allWorkloads(), { colour: false })
  const lines = text.split('\n').filter((line) => /^[a-z-]+ +(daemon-host, 1|Undecided|app-server, )/.test(line))
  expect(lines).toHaveLength(10)
  expect(lines[0]).toMatch(/^dynamic +daemon-host, 1\.23× \(1\.\d\d – 1\.\d\d×\) as much as app-server$/)
  expect(text).toMatch(/app-server +[\d,]+\/s ±\d%/)
})
