import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toolchainPython } from '../../scripts/toolchain-python.ts'
import type { Workload } from './index.ts'

const files = readdirSync(import.meta.dirname).filter((file) => !/^index\.ts$|\.test\.ts$/.test(file))
const workloads = await Promise.all(
  files.map(async (file) => ((await import(join(import.meta.dirname, file))) as { default: Workload }).default),
)

describe('workloads', () => {
  test('are named like their files', () => {
    expect(workloads.map(({ name }) => `${name}.ts`)).toEqual(files)
  })

  test('that are compared with each other use the same number of connections', () => {
    const connections = Map.groupBy(workloads, ({ content }) => content)
    for (const group of connections.values()) expect(new Set(group.map(({ loop }) => loop.connections)).size).toBe(1)
  })
})

/** Serves apps/pages.py through the standard library's own checker of the gateway specification. */
const SERVE = `
import sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from wsgiref.simple_server import make_server
from wsgiref.validate import validator
import pages
server = make_server('127.0.0.1', 0, validator(pages.application))
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
  const ask = (path: string, method = 'GET'): Promise<Response> =>
    fetch(origin + path, { method, headers: { connection: 'close' } })

  test.for(workloads.filter(({ application }) => application === 'pages'))(
    '$name gets what it expects',
    async (workload) => {
      const response = await ask(workload.path)
      expect(response.status).toBe(workload.expects.status)
      expect((await response.bytes()).length).toBe(workload.expects.bytes)
      const control = { dynamic: 'no-store', cacheable: 'max-age=60', static: 'max-age=3600' }[
        workload.content as string
      ]
      expect(response.headers.get('cache-control')).toBe(control)
    },
  )

  test('HEAD has the same headers and no body', async () => {
    for (const path of ['/time', '/page', '/static/16k.bin']) {
      const [get, head] = [await ask(path), await ask(path, 'HEAD')]
      expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'))
      expect((await head.bytes()).length).toBe(0)
    }
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
  ])('%s is not found', async (path) => {
    expect((await ask(path)).status).toBe(404)
  })

  test('another method is not allowed', async () => {
    const response = await ask('/time', 'POST')
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD')
  })

  test('the checker found nothing', () => {
    expect(log).not.toMatch(/Error|Traceback|Warning/)
  })
})
