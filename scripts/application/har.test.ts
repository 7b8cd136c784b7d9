import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { requestsOf } from '../../suites/generating/requests.ts'
import { recordedRequests } from './har.ts'

const folder = mkdtempSync(join(tmpdir(), 'har-'))
afterAll(() => rmSync(folder, { recursive: true }))

const entry = (url: string, method = 'GET', status = 200) => ({ request: { method, url }, response: { status } })
const recording = (entries: readonly unknown[]): string => JSON.stringify({ log: { version: '1.2', entries } })
/** What comes of a file with this text, and what is said about it. */
function read(text: string) {
  const file = join(folder, 'visit.har')
  writeFileSync(file, text)
  const said: string[] = []
  return { requests: recordedRequests(file, (line) => said.push(line)), said, file }
}

test('a visit becomes its paths with their queries, as often as they were asked for', () => {
  const shop = 'https://shop.example'
  const { requests, said, file } = read(
    recording([
      entry(`${shop}/`),
      entry(`${shop}/search?q=red%20shoes&page=2#results`),
      entry(`${shop}/`),
      entry('https://cdn.example/logo.svg'),
      entry(`${shop}/cart`, 'POST'),
      entry(`${shop}/favicon.ico`, 'GET', 404),
      entry(`${shop}/`),
    ]),
  )
  expect(requests).toEqual([
    { share: 3 / 4, path: '/' },
    { share: 1 / 4, path: '/search?q=red%20shoes&page=2' },
  ])
  expect(said).toEqual([
    `Of the 7 requests in ${file}, 4 are asked for; left out: 1 of another host, 1 with another method than GET, 1 answered with an error.`,
  ])
  // And the generator sends them so.
  const load = { loop: { kind: 'closed', connections: 1 }, warmUpSeconds: 0, seconds: 1, timeoutSeconds: 1 } as const
  const next = requestsOf({ ...load, url: 'http://127.0.0.1:8000/', mix: requests })
  const heads = Array.from({ length: 200 }, () => next().bytes.toString('latin1').split('\r\n')[0])
  expect(new Set(heads)).toEqual(new Set(['GET / HTTP/1.1', 'GET /search?q=red%20shoes&page=2 HTTP/1.1']))
  expect(heads.filter((head) => head === 'GET / HTTP/1.1').length).toBeGreaterThan(120)
})

test('nothing is said where nothing is left out, and a mark of byte order is no fault', () => {
  const { requests, said } = read(`\uFEFF${recording([entry('http://127.0.0.1:5000/a')])}`)
  expect([requests, said]).toEqual([[{ share: 1, path: '/a' }], []])
})

test.each([
  ['no JSON', '<html>', /is no HTTP Archive/],
  ['JSON of another kind', '{"log": {"pages": []}}', /is no HTTP Archive/],
  ['an address that is none', recording([entry('nowhere')]), /is no HTTP Archive/],
  ['no request at all', recording([]), /has no GET request that was answered well/],
  ['nothing but POST', recording([entry('http://a.example/', 'POST')]), /has no GET request to a\.example/],
])('%s is refused in a sentence', (_, text, sentence) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ exitCode: 2, message: expect.stringMatching(sentence) }))
})
