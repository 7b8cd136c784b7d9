import { expect, test } from 'vitest'
import { accounts, byText, countText } from './account.ts'
import { blameText, clauseRows, filtersOf, summaries, summaryText, untestable } from './conformance.ts'
import { fixture } from './fixture/whole.ts'

const rows = clauseRows(fixture())
const row = (id: string) => rows.find(({ clause }) => clause.endsWith(id))!
const blames = (id: string) =>
  Object.fromEntries(row(id).cells.map(({ name, blame, result }) => [name, blameText({ blame, result })]))

test('a clause is a row, a judged result a cell, its hops in the order a request meets them', () => {
  expect(rows).toHaveLength(15)
  expect(row('head.no-body').cells.map(({ name }) => name)).toEqual([
    'app-server',
    'daemon-host',
    'reverse-proxy',
    'three-tier',
  ])
  expect(row('head.no-body').cells[3]!.verdicts.map(({ server }) => server)).toEqual(['varnish', 'nginx', 'gunicorn'])
})

test('blame names the server that heals or introduces', () => {
  expect(blames('head.no-body')).toEqual({
    'app-server': 'broken',
    'daemon-host': 'kept',
    'reverse-proxy': 'healed by nginx',
    'three-tier': 'healed by nginx',
  })
  expect(blames('chunked.extension')).toMatchObject({ 'reverse-proxy': 'kept', 'three-tier': 'introduced by Varnish' })
})

test('an experiment that broke is nobody’s fault', () => {
  expect(blames('content-length.no-overrun')['three-tier']).toBe('unknown')
  expect(filtersOf(row('content-length.no-overrun'))).toEqual(['errors'])
})

test('each chain is summed up in a sentence, with what is left for the client, level by level', () => {
  const says = Object.fromEntries(summaries(fixture()).map((each) => [each.name, summaryText(each)]))
  expect(says['reverse-proxy']).toBe(
    "nginx heals 2 of Gunicorn's 5 deviations (2 of 4 MUST, 0 of 1 SHOULD); nginx introduces 2 (1 MUST, 1 prose); clients meet 5 of 14 rules broken (3 MUST, 1 SHOULD, 1 prose)",
  )
  expect(says['app-server']).toBe('Gunicorn breaks 5 of 14 rules (4 MUST, 1 SHOULD)')
  expect(says['three-tier']).toContain('1 experiment broke and counts for nothing')
  expect(says['cache-host']).toBeUndefined()
})

test('what the client meets is what was judged at the edge, and a run cut short says so', () => {
  const whole = fixture()
  const chain = whole.results.find(({ topology }) => topology === 'three-tier')!
  const judgedInside = chain.verdicts.filter(({ role }) => role === 'app')
  const sentence = summaryText(summaries({ ...whole, results: [{ ...chain, verdicts: judgedInside }] })[0]!)
  expect(sentence).not.toContain('clients meet')
  expect(sentence).not.toContain('heals')
  expect(sentence).toMatch(/the run ended before \d+ clauses had been judged at every tier$/)
})

test('a clause that nobody can test is no row and counted nowhere, but told with its reason', () => {
  expect(rows.map(({ clause }) => clause)).not.toContain('pep3333-call/call.no-extra-arguments')
  expect(untestable(fixture())).toMatchObject([
    { clause: 'pep3333-call/call.no-extra-arguments', because: expect.stringMatching(/^a server that relied/) },
  ])
})

test('every clause of a chain is in the account once: kept, broken, healed by, introduced by', () => {
  const [, , proxied, cached] = accounts(fixture())
  expect([countText(proxied!.kept), countText(proxied!.broken)]).toEqual([
    '7 (6 MUST, 1 SHOULD)',
    '3 (2 MUST, 1 SHOULD)',
  ])
  expect([byText(proxied!.healed), byText(proxied!.introduced)]).toEqual([
    'nginx 2 (2 MUST)',
    'nginx 2 (1 MUST, 1 prose)',
  ])
  expect(byText(cached!.introduced)).toBe('nginx 2 (1 MUST, 1 prose), Varnish 1 (1 MUST)')
  for (const { kept, broken, healed, introduced, open, unknown } of [proxied!, cached!])
    expect([kept, broken, ...healed.values(), ...introduced.values()].flat().length + open + unknown).toBe(15)
})
