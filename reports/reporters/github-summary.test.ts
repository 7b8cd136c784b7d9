import { expect, test } from 'vitest'
import { mostSummaryBytes, stepSummary } from '../ci/step-summary.ts'
import { gatedRun } from '../fixture/gated.ts'
import { gates } from '../fixture/gates.ts'
import { partialRuns } from '../fixture/partial.ts'
import { studied } from '../fixture/study.ts'
import { swept } from '../fixture/swept.ts'
import { hostile } from '../fixture/verdicts.ts'
import { fixture } from '../fixture/whole.ts'
import type { Run } from '../run.ts'
import githubSummary from './github-summary.ts'

const render = async (run: Run): Promise<string> => String((await githubSummary.render(run))[0]!.content)

/** Outside of fences, where Markdown means something. */
const outside = (summary: string): string => summary.replace(/^ *(`{3,})text\n[^]*?\n *\1$/gm, '')

test('a gate begins with its verdict, and tells metrics, the breach with its line, what can be tightened and how to repeat it', async () => {
  const summary = await render(gatedRun())
  expect(summary).toMatch(/^## Gateway Lab\n\n\*\*Breach: /)
  const places = [
    /\| CPU per request \| 412.µs \| 432.µs \| \+5\.1.% \| \+?4\.7 to \+?5\.4.% \| 0\.5.% \| 2.% \| 12 \| breach \|/,
    /\| 99th percentile of latency \(p99\) \|.*\| inconclusive \|/,
    /### What would help\n/,
    /\*\*pep3333-environ\/environ\.other-cgi\*\* at nginx \(proxy\) in reverse-proxy\. SHOULD, PEP 3333/,
    /^ {2}\+ proxy_pass_request_headers off;$/m,
    /\*\*pep3333-response\/head\.no-body\*\* at nginx \(proxy\)/,
    /- nginx is 1\.26\.3-3 here and was 1\.26\.2-1 in the baseline\./,
    /To repeat it:\n\n```text\nnpm run lab -- gate --app /,
  ].map((part) => summary.search(part))
  expect(places).not.toContain(-1)
  expect(places).toEqual(places.toSorted((one, other) => one - other))
})

test.each(gates)('the first words are the verdict when %s: %s', async (_, verdict, run) => {
  expect((await render(run)).toLowerCase()).toMatch(new RegExp(`^## gateway lab\n\n\\*\\*${verdict}: `))
})

test.each([
  ['a gate', gatedRun()],
  ['a run', fixture()],
])('nothing a server sent becomes markup outside a fence of %s', async (_, run) => {
  const summary = await render(run)
  expect(summary).toContain('img src=x')
  expect(outside(summary)).not.toContain('<')
  expect(outside(summary)).not.toContain(hostile)
})

/** So many breaches, each with more to say than anybody reads. */
function excessive(count: number): Run {
  const run = gatedRun()
  const { changes } = run.gate!.conformance!
  const breach = {
    ...changes[0]!,
    because: `ü${'x'.repeat(3000)}`,
    lines: Array.from({ length: 100 }, () => '+ line ```'),
  }
  changes.push(...Array.from({ length: count }, () => breach))
  return run
}

test('of thousands of breaches those are left out that GitHub would refuse, and a sentence says how many', async () => {
  const summary = await render(excessive(4000))
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(mostSummaryBytes)
  expect(Buffer.byteLength(summary)).toBeGreaterThan(mostSummaryBytes * 0.9)
  expect(summary).toMatch(
    /\n\nCut here, because GitHub takes no longer summary: \d{4} parts more in report\.html\.\n\nTo repeat it:\n\n```text\nnpm run lab/,
  )
  expect(outside(summary)).not.toContain('+ line')
})

test('whatever room there is, the summary keeps to it or is not made', () => {
  const run = excessive(3)
  for (let bytes = 0; bytes < 20_000; bytes += 61) {
    const summary = stepSummary(run, bytes)
    if (summary !== undefined) expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(bytes)
    if (bytes > 2000) expect(summary).toMatch(/\*\*Breach: [^]*To repeat it:/)
  }
  expect(stepSummary(run, 100)).toBeUndefined()
})

test('an ordinary run tells what to choose, what the hops do and what went wrong', async () => {
  const summary = await render(fixture())
  expect(summary).toContain('| Dynamic: /time | daemon-host |')
  expect(summary).toContain("- reverse-proxy: nginx heals 2 of Gunicorn's 5 deviations")
  expect(summary).toContain('**cache-host had a problem:**')
})

test.each([...Object.entries(partialRuns()), ['a study', studied()], ['a sweep', swept()]] as const)(
  'a run with %s has a summary',
  async (_, run) => {
    const summary = await render(run)
    expect(summary).not.toMatch(/undefined|NaN|Infinity|\[object/)
    expect(summary).toMatch(/^## Gateway Lab\n\n\d{4}-/)
  },
)
