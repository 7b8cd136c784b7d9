import { describe, expect, test } from 'vitest'
import { fillings } from './fixture/fillings.ts'
import { isolated } from './fixture/isolated.ts'
import { fixture } from './fixture/whole.ts'
import { countsOf, matrixOf, type Matrix } from './matrix.ts'
import { columnInShort, markText } from './words/columns.ts'

const whole = matrixOf(fillings())
const row = ({ groups }: Matrix, id: string) =>
  groups.flatMap(({ rows }) => rows).find(({ clause }) => clause.endsWith(`/${id}`))!
const words = (matrix: Matrix, id: string) =>
  Object.fromEntries(row(matrix, id).marks.map((mark) => [columnInShort(mark!.column), markText(mark!)]))

describe('columns', () => {
  test('are every server that calls the application, once, then every chain with what is behind its edge', () => {
    expect(whole.columns.map(columnInShort)).toEqual([
      'Gunicorn sync',
      'Gunicorn gthread',
      'Gunicorn gevent',
      'waitress threads',
      'uWSGI http-socket',
      'cheroot threads',
      'wsgiref single',
      'Apache + mod_wsgi daemon',
      'reverse-proxy (nginx http11 → Gunicorn gthread)',
      'reverse-proxy (Apache httpd http11 → Gunicorn gthread)',
      'three-tier (Varnish → nginx http11 → Gunicorn gthread)',
      'three-tier (Varnish → Apache httpd http11 → Gunicorn gthread)',
    ])
    expect(whole.columns[1]!.results).toHaveLength(5)
  })

  test('have addresses made of names, so that a link outlives the run', () => {
    const ids = whole.columns.map(({ id }) => id)
    expect(ids[0]).toBe('gunicorn-sync')
    expect(ids[8]).toBe('reverse-proxy-nginx-http11-gunicorn-gthread')
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('are apart for another release and another runtime of the same server', () => {
    const { columns } = matrixOf(isolated(['app-server'], { versions: { gunicorn: '24.0.0-1' } }))
    expect(columns.map(({ id, tier }) => [id, tier.version])).toEqual([
      ['gunicorn-gthread-native', '23.0.0-1'],
      ['gunicorn-gthread-docker', '24.0.0-1'],
    ])
  })

  test('leave out what was not judged', () => {
    const run = fixture()
    expect(matrixOf({ ...run, results: run.results.slice(4) })).toEqual({ columns: [], groups: [], untestable: [] })
  })
})

describe('rows', () => {
  test('stand in groups: what must be first, then what should be, then prose and records, each by suite', () => {
    expect(whole.groups.map(({ binding, suite, rows }) => [binding, suite, rows.length])).toEqual([
      ['MUST', 'pep3333-environ', 3],
      ['MUST', 'pep3333-start-response', 3],
      ['MUST', 'pep3333-response', 2],
      ['MUST', 'rfc9112-framing', 3],
      ['SHOULD', 'pep3333-environ', 1],
      ['SHOULD', 'pep3333-start-response', 1],
      ['prose', 'pep3333-response', 1],
      ['prose', 'rfc9112-framing', 1],
    ])
  })

  test('leave out what nobody can test, which is listed apart', () => {
    expect(whole.untestable.map(({ clause }) => clause)).toEqual(['pep3333-call/call.no-extra-arguments'])
  })
})

describe('cells', () => {
  test('say who keeps a rule, and of a chain what it does for its client', () => {
    expect(words(whole, 'head.no-body')).toMatchObject({
      'Gunicorn sync': 'broken',
      'waitress threads': 'kept',
      'reverse-proxy (nginx http11 → Gunicorn gthread)': 'healed',
      'reverse-proxy (Apache httpd http11 → Gunicorn gthread)': 'broken',
    })
    expect(words(whole, 'chunked.extension')).toMatchObject({
      'Gunicorn gthread': 'kept',
      'three-tier (Varnish → nginx http11 → Gunicorn gthread)': 'introduced',
    })
  })

  test('do not hide that one server came out otherwise behind another chain', () => {
    expect(words(whole, 'environ.other-cgi')['Gunicorn gthread']).toBe('differs: kept, broken')
    const [, gthread] = row(whole, 'environ.other-cgi').marks
    expect(gthread!.sights.map(({ cell, verdict }) => [cell.name, verdict.outcome])).toContainEqual([
      'three-tier (nginx/http11)',
      'fail',
    ])
    expect(countsOf(whole, whole.columns[1]!, 'SHOULD')).toEqual({ kept: 0, broken: 1, undecided: 0, differing: 1 })
  })
})

test('a column is counted level by level', () => {
  const [sync, , , , uwsgi] = whole.columns
  expect(countsOf(whole, sync!, 'MUST')).toEqual({ kept: 7, broken: 4, undecided: 0, differing: 0 })
  expect(countsOf(whole, sync!, 'SHOULD')).toEqual({ kept: 1, broken: 1, undecided: 0, differing: 0 })
  expect(countsOf(whole, uwsgi!, 'MUST')).toMatchObject({ undecided: 1 })
})
