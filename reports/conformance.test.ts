import { expect, test } from 'vitest'
import { blameText, filtersOf, matrix, summaries } from './conformance.ts'
import { fixture } from './fixture/whole.ts'

const rows = matrix(fixture())
const row = (id: string) => rows.find(({ clause }) => clause.endsWith(id))!
const blames = (id: string) => Object.fromEntries(row(id).cells.map(({ name, blame }) => [name, blameText(blame)]))

test('a clause is a row, a judged result a cell, its hops in the order a request meets them', () => {
  expect(rows).toHaveLength(14)
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
  expect(blames('chunked.extension')).toMatchObject({ 'reverse-proxy': 'kept', 'three-tier': 'introduced by varnish' })
})

test('an experiment that broke is nobody’s fault', () => {
  expect(blames('content-length.no-overrun')['three-tier']).toBe('unknown')
  expect(filtersOf(row('content-length.no-overrun'))).toEqual(['errors'])
})

test('each chain is summed up in a sentence', () => {
  const says = Object.fromEntries(summaries(fixture()).map(({ name, says: sentence }) => [name, sentence]))
  expect(says['reverse-proxy']).toMatch(
    /nginx heals 2 of .*; what the client meets: 4 of 13 clauses broken, 3 of them MUST/,
  )
  expect(says['app-server']).toMatch(/4 of 13.*; 4 of them MUST or MUST NOT$/)
  expect(says['three-tier']).toContain('1 experiment broke and counts for nothing')
  expect(says['cache-host']).toBeUndefined()
})

test('what the client meets is what was judged at the edge, and a run cut short says so', () => {
  const whole = fixture()
  const chain = whole.results.find(({ topology }) => topology === 'three-tier')!
  const judgedInside = chain.verdicts.filter(({ role }) => role === 'app')
  const { says } = summaries({ ...whole, results: [{ ...chain, verdicts: judgedInside }] })[0]!
  expect(says).not.toContain('what the client meets')
  expect(says).not.toContain('heals')
  expect(says).toMatch(/the run ended before \d+ clauses had been judged at every tier$/)
})
