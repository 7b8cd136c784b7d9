import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { workloads } from '../../scripts/catalogue.ts'
import { toolchainPython } from '../../scripts/toolchain-python.ts'

/** One request of each kind that a workload sends. */
const requests = (await workloads())
  .filter(({ application }) => application === 'pages')
  .flatMap(({ name, mix, uploadBytes, ...whole }) =>
    (mix ?? [whole]).map(({ path, expects }) => ({ name, path: path.replace('{page}', '7'), expects, uploadBytes })),
  )

/** What caches may keep; nothing else. */
const KEPT: Readonly<Record<string, string>> = {
  '/page': 'max-age=60',
  '/page/7': 'max-age=60',
  '/static/16k.bin': 'max-age=3600',
}

/** Serves apps/pages.py through the standard library's own checker of the gateway specification. */
const SERVE = `
import sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from wsgiref.simple_server import make_server
from wsgiref.validate import validator
import pages
checked = validator(pages.application)
def application(environ, start_response):
    # The checker itself fails of a length of which Python makes no number.
    length = environ.get('CONTENT_LENGTH', '0')
    usual = length.isdecimal() and len(length) < 10
    return (checked if usual else pages.application)(environ, start_response)
server = make_server('127.0.0.1', 0, application)
print(server.server_port, flush=True)
server.serve_forever()
`

describe('apps/pages.py, under wsgiref.validate', () => {
  const apps = fileURLToPath(new URL('../../apps', import.meta.url))
  let server: ChildProcess
  let [origin, log] = ['', '']
  beforeAll(async () => {
    const { python, env } = await toolchainPython()
    server = spawn(python, ['-c', SERVE, apps], { stdio: ['ignore', 'pipe', 'pipe'], env })
    server.stderr!.on('data', (text) => (log += text))
    const [port] = await once(server.stdout!, 'data')
    origin = `http://127.0.0.1:${String(port).trim()}`
  }, 400_000)
  afterAll(() => server.kill())
  const ask = (path: string, method = 'GET', body?: BodyInit): Promise<Response> =>
    fetch(origin + path, { method, headers: { connection: 'close' }, ...(body === undefined ? {} : { body }) })
  /** The status of the answer to a head and as much of a body as a client sends before it is gone. */
  const statusOf = async (message: string): Promise<string> => {
    const { hostname, port } = new URL(origin)
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
    socket.end(message)
    return (await text(socket)).split('\r\n')[0]!
  }

  test.for(requests)('$name gets what it expects of $path', async ({ path, expects, uploadBytes }) => {
    const response = await (uploadBytes ? ask(path, 'POST', new Uint8Array(uploadBytes)) : ask(path))
    expect(response.status).toBe(expects!.status)
    expect((await response.bytes()).length).toBe(expects!.bytes)
    expect(response.headers.get('cache-control')).toBe(KEPT[path] ?? 'no-store')
  })

  test('HEAD has the same headers and no body', async () => {
    for (const path of ['/time', '/page', '/page/7', '/static/16k.bin', '/cpu', '/wait']) {
      const [get, head] = [await ask(path), await ask(path, 'HEAD')]
      expect(head.status).toBe(200)
      expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'))
      expect((await head.bytes()).length).toBe(0)
    }
    // The standard library's server makes up a length for it.
    expect((await (await ask('/stream', 'HEAD')).bytes()).length).toBe(0)
  })

  test('a numbered page says its number and when it was made', async () => {
    const before = Date.now() / 1000
    const [seven, longest] = [await ask('/page/7'), await ask('/page/123456789012')]
    expect(await seven.text()).toContain('Page 7<')
    expect(await longest.text()).toMatch(/^[^]{0,3000}Page 123456789012<[^]{3000,}\n$/)
    const made = [seven, longest].map(({ headers }) => Number(headers.get('x-made-at')))
    expect(made).toEqual([...made].sort((a, b) => a - b))
    // The clock may be read in microseconds there, in milliseconds here.
    expect(made[0]).toBeGreaterThan(before - 0.001)
    expect(made[1]).toBeLessThan(Date.now() / 1000 + 0.001)
  })

  test('the same work is done whatever the query says', async () => {
    const results = await Promise.all(['/cpu', '/cpu?rounds=1'].map(async (path) => (await ask(path)).text()))
    expect(results[0]).toMatch(/^[0-9a-f]{8}\n$/)
    expect(results[1]).toBe(results[0])
  })

  test('what is streamed comes in order and announces no length', async () => {
    const response = await ask('/stream')
    expect(response.headers.get('content-length')).toBeNull()
    const lines = (await response.text()).trimEnd().split('\n')
    expect(lines).toEqual(Array.from({ length: 32 * 1024 }, (_, index) => String(index >> 10).padStart(7, '0')))
  })

  test('an upload is answered with its length', async () => {
    for (const bytes of [1, 65_536, 1_048_576])
      expect(await (await ask('/upload', 'POST', new Uint8Array(bytes))).text()).toBe(`${String(bytes).padStart(7)}\n`)
  })

  test.for([
    ['without a length', '', '411 Length Required'],
    ['of nothing', 'Content-Length: 0\r\n', '200 OK'],
    ['of less than nothing', 'Content-Length: -5\r\n', '400 Bad Request'],
    ['of no number of bytes', 'Content-Length: many\r\n', '400 Bad Request'],
    ['of digits that are none of ours', 'Content-Length: \u00b2\r\n', '400 Bad Request'],
    ['of too much', 'Content-Length: 1048577\r\n', '413 Content Too Large'],
    ['of beyond all numbers', `Content-Length: ${'9'.repeat(5000)}\r\n`, '413 Content Too Large'],
    ['that breaks off', 'Content-Length: 10\r\n', '400 Bad Request', 'four'],
  ] as const)('an upload %s is answered', async ([, field, status, body = '']) => {
    expect(await statusOf(`POST /upload HTTP/1.1\r\nHost: pages\r\n${field}\r\n${body}`)).toMatch(
      new RegExp(`^HTTP/1\\.[01] ${status}$`),
    )
  })

  test('static files have a date', async () => {
    const { headers } = await ask('/static/16k.bin')
    expect(Date.parse(headers.get('last-modified')!)).toBeLessThan(Date.now())
    expect(headers.get('content-type')).toBe('application/octet-stream')
  })

  test.for([
    '/',
    '/nothing',
    '/static/',
    '/static/nothing',
    '/static/..%2fpages.py',
    '/static/%2e%2e/pages.py',
    '/static/%2e%2e',
    '/static/.hidden',
    '/static//etc/passwd',
    '/static/%00',
    '/static/16k.bin/',
    '/static/%ff',
    '/page/',
    '/page/abc',
    '/page/-1',
    '/page/1.5',
    '/page/7/',
    '/page/%00',
    '/page/%c2%b2',
    '/page/%d9%a7',
    '/page/1234567890123',
    '/cpu/',
  ])('%s is not found', async (path) => {
    expect((await ask(path)).status).toBe(404)
  })

  test('another method is not allowed', async () => {
    for (const path of ['/time', '/page/7', '/static/16k.bin', '/cpu', '/wait', '/stream']) {
      const response = await ask(path, 'POST')
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('GET, HEAD')
    }
    for (const method of ['GET', 'HEAD', 'PUT']) {
      const response = await ask('/upload', method)
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('POST')
    }
  })

  test('the checker found nothing', () => {
    expect(log).not.toMatch(/Error|Traceback|Warning/)
  })
})
