import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { withAlone } from '../fixture/alone.ts'
import { gatedRun } from '../fixture/gated.ts'
import { gates } from '../fixture/gates.ts'
import { partialRuns } from '../fixture/partial.ts'
import { studied } from '../fixture/study.ts'
import { fixture } from '../fixture/whole.ts'
import { verdictOf } from '../gate.ts'
import type { Run } from '../run.ts'
import junit from './junit.ts'

const render = async (run: Run): Promise<string> => String((await junit.render(run))[0]!.content)

/** The case of a name, as it is written. */
const caseOf = (xml: string, name: string): string =>
  xml.split('<testcase ').find((each) => each.includes(`name="${name}"`))!

const count = (xml: string, element: string): number => xml.split(`<${element} `).length - 1

const schema = fileURLToPath(new URL('../fixture/junit-10.xsd', import.meta.url))
const validated = (xml: string) =>
  spawnSync('xmllint', ['--noout', '--schema', schema, '-'], { input: xml, encoding: 'utf8' })

/** A run of a server whose log has what must not be in XML's text. */
function ending(): Run {
  const run = fixture()
  run.results[0]!.problems.push('<![CDATA[ ]]> --> </error> &amp; "\t\n')
  return run
}

describe.skipIf(validated('').error)('the schema that Jenkins has for it (junit-10.xsd, of pytest’s tests)', () => {
  test.each<readonly [string, Run]>([
    ['a gate', gatedRun()],
    ['a whole run with hostile servers', fixture()],
    ['a server that ends what it is in', ending()],
    ['intermediaries alone', withAlone(fixture())],
    ['a run that was cut short', partialRuns()['no measurement']!],
    ...gates.map(([what, , run]) => [what, run] as const),
  ])('holds for %s', async (_, run) => {
    const { status, stderr } = validated(await render(run))
    expect(stderr).toBe('- validates\n')
    expect(status).toBe(0)
  })

  test('refuses what is none', () => {
    expect(validated('<testsuites><testsuite/></testsuites>').stderr).toContain('fails to validate')
  })
})

test('no character is left that XML 1.0 forbids', async () => {
  const run = fixture()
  run.results[0]!.problems.push(
    Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code)).join('') + '\ud800\ufffe',
  )
  expect(await render(run)).not.toMatch(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u)
})

test.each(gates)('a dashboard shows what the exit code says when %s: %s', async (_, verdict, run) => {
  expect(verdictOf(run.gate!)).toBe(verdict)
  const xml = await render(run)
  const shown = count(xml, 'failure') > 0 ? 'breach' : count(xml, 'error') > 0 ? 'inconclusive' : 'pass'
  expect(shown).toBe(verdict)
})

test('a breach names the clause, the hop, the sentence, what was seen and the line', async () => {
  const failed = caseOf(await render(gatedRun()), 'pep3333-environ/environ.other-cgi at nginx (proxy)')
  expect(failed).toContain('classname="reverse-proxy.pep3333-environ"')
  expect(failed).toContain(
    '<failure type="SHOULD" message="Broken by nginx (proxy) in reverse-proxy, which kept it in the baseline. Seen: HTTP_ACCEPT',
  )
  expect(failed).toContain('SHOULD, PEP 3333, environ Variables: "A server or gateway should attempt to provide')
  expect(failed).toContain('\n+ proxy_pass_request_headers off;\n')
  expect(failed).toMatch(/To see it again: npm run lab -- gate .*--clause pep3333-environ\/environ.other-cgi</)
})

test('known deviations are skipped with what was seen, at the guilty hop and further out', async () => {
  const xml = await render(gatedRun())
  const clause = 'pep3333-start-response/start-response.defer-until-body'
  expect(caseOf(xml, `${clause} at gunicorn (app)`)).toContain(
    '<skipped type="known" message="Broken by gunicorn (app) in reverse-proxy, as in the baseline. Seen: the head was sent',
  )
  expect(caseOf(xml, `${clause} at nginx (proxy)`)).toContain(
    '<skipped type="known" message="Broken here as well; it is told of gunicorn (app). Seen: the head was sent',
  )
})

test('what the baseline lacks and what is missing now are skipped, what can be tightened passes and says so', async () => {
  const xml = await render(gatedRun())
  expect(caseOf(xml, 'rfc9112-framing/chunked.extension at gunicorn (app)')).toContain(
    '<skipped type="added" message="Broken by gunicorn (app)',
  )
  expect(caseOf(xml, 'pep3333-response/iter.close-error at gunicorn (app)')).toContain(
    '<skipped type="removed" message="Not judged any more',
  )
  expect(caseOf(xml, 'pep3333-response/head.no-body at nginx (proxy)')).toContain('<system-out>Kept by nginx (proxy)')
})

test('what an inner hop is told of is not held against those further out, and is not hidden there', async () => {
  const run = gatedRun()
  const further = run.results[0]!.verdicts.find(
    ({ clause, role }) => clause.endsWith('/chunked.extension') && role === 'proxy',
  )!
  Object.assign(further, { outcome: 'fail', because: '400 Bad Request' })
  expect(caseOf(await render(run), 'rfc9112-framing/chunked.extension at nginx (proxy)')).toContain(
    '<skipped type="known" message="Broken here as well; it is told of gunicorn (app). Seen: 400 Bad Request"',
  )
})

test('a metric is a test: breached it fails, inconclusive it is an error, and its figures are there', async () => {
  const xml = await render(gatedRun())
  expect(caseOf(xml, 'CPU per request')).toMatch(
    /<failure type="breach" message="CPU per request rose by 5\.1.% \([^"]*the repeat confirmed it\."/,
  )
  expect(caseOf(xml, '99th percentile of latency (p99)')).toContain(
    '<error type="inconclusive" message="Undecided about',
  )
  expect(caseOf(xml, 'memory')).toMatch(/<system-out>Memory .*\nBase: 148.MiB\nHead: 148.MiB\nRounds: 12\n/)
})

test('every metric, every verdict and what is gone has one test each, of a name of its own', async () => {
  const run = gatedRun()
  const xml = await render(run)
  const names = [...xml.matchAll(/<testcase (classname="[^"]*" name="[^"]*")/g)].map(([, name]) => name)
  expect(names).toHaveLength(5 + run.results[0]!.verdicts.length + 1)
  expect(new Set(names).size).toBe(names.length)
})

test('a breach is there even if its result is not', async () => {
  const xml = await render({ ...gatedRun(), results: [] })
  expect(caseOf(xml, 'pep3333-environ/environ.other-cgi at nginx (proxy)')).toContain('<failure ')
})

test('without a gate every broken rule fails, every broken experiment is an error, and what nobody can test is skipped', async () => {
  const run = fixture()
  const xml = await render(run)
  const verdicts = run.results.flatMap(({ verdicts }) => verdicts)
  const of = (...outcomes: readonly string[]): number =>
    verdicts.filter(({ outcome }) => outcomes.includes(outcome)).length
  expect(count(xml, 'testcase')).toBe(verdicts.length + 1)
  expect(count(xml, 'failure')).toBe(of('fail'))
  expect(count(xml, 'skipped')).toBe(of('inapplicable', 'blocked'))
  // The one more is the topology that never came up.
  expect(count(xml, 'error')).toBe(of('error') + 1)
  expect(caseOf(xml, 'comes up and stays up')).toContain(
    '<error type="problem" message="varnish did not answer within 20 s.',
  )
  expect(xml).toContain(
    `<testsuites name="Gateway Lab" tests="${verdicts.length + 1}" failures="${of('fail')}" errors="${of('error') + 1}">`,
  )
})

test('a run that was cut short is not green', async () => {
  const { finishedAt: _, ...cut } = gates[0]![2]
  expect(caseOf(await render(cut), 'goes on to its end')).toContain('<error type="unfinished"')
})

test('a run that demanded nothing has no tests', async () => {
  expect(await junit.render(studied())).toEqual([])
  expect(await junit.render(partialRuns()['nothing at all']!)).toEqual([])
})
