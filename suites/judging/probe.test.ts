import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { toolchainPython } from '../../scripts/toolchain-python.ts'
import type { Hop } from '../../topologies/index.ts'
import { request, target } from './probe.ts'

const apps = resolve(import.meta.dirname, '../../apps')
const run = promisify(execFile)

function at(url: string): Hop {
  return { role: 'app', server: 'any', url: new URL(url) }
}

test('a request asks for a route below the path of the hop', () => {
  const query = { do: 'respond', item: ['a b', 'c&d'], header: 'X: 1\r\nY: 2' }
  expect(target(at('http://127.0.0.1:80/'), 'n1', query)).toBe(
    '/?nonce=n1&do=respond&item=a%20b&item=c%26d&header=X%3A%201%0D%0AY%3A%202',
  )
  expect(target(at('http://127.0.0.1/mounted/here'), 'n1', {}, 'a%20b')).toBe('/mounted/here/a%20b?nonce=n1')
})

test('a request is sent exactly as it was shaped', () => {
  const hop = at('http://127.0.0.1:8000/')
  expect(request(hop, 'n1', {})).toBe(
    'GET /?nonce=n1 HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nUser-Agent: gateway-lab\r\n\r\n',
  )
  const shape = { method: 'POST', version: '1.0', host: null, fields: ['X-A: 1\r\n 2'], body: 'hello' } as const
  expect(request(hop, 'n1', {}, shape)).toBe(
    'POST /?nonce=n1 HTTP/1.0\r\nUser-Agent: gateway-lab\r\nX-A: 1\r\n 2\r\nContent-Length: 5\r\n\r\nhello',
  )
  const framed = { method: 'POST', fields: ['Content-Length: +5'], body: 'hello' }
  expect(request(hop, 'n1', {}, framed).match(/Content-Length/g)).toHaveLength(1)
})

// wsgiref.validate raises for whatever an application does against the specification.
const validated = `
import io, sys
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator
import probe
for query in sys.argv[1:]:
    environ = {'QUERY_STRING': query, 'CONTENT_LENGTH': '5', 'wsgi.input': io.BytesIO(b'hello'), 'REQUEST_METHOD': 'POST'}
    setup_testing_defaults(environ)
    environ['wsgi.errors'] = io.StringIO()
    def start(status, headers, exc_info=None):
        return lambda data: None
    body = validator(probe.application)(environ, start)
    for part in body:
        pass
    body.close()
`

test("the probe's lawful routes are clean under wsgiref.validate", { timeout: 400_000 }, async () => {
  const clean = [
    'nonce=n',
    'do=environ&nonce=n',
    'do=hold&nonce=n',
    'do=errors&text=x&nonce=n',
    'do=read&op=read:5&op=readline:3&op=body&nonce=n',
    'do=read&op=pieces:2&nonce=n',
    'do=read&op=next&op=lines:2&op=readlines:3&nonce=n',
    'do=respond&item=a&item=&item=b&status=299+Odd&header=Set-Cookie:+a&nonce=n',
    'do=respond&item=a&late=1&nonce=n',
    'do=respond&item=a&uncounted=1&list=1&nonce=n',
    'do=respond&status=204+No+Content&bare=1&nonce=n',
    'do=respond&write=a&item=b&nonce=n',
    'do=rethink&when=call&nonce=n',
    'do=rethink&when=empty&nonce=n',
    'do=start&status=299+Odd&name=X-Odd&value=odd&nonce=n',
    'do=forget&nonce=n',
    'do=keep&nonce=n',
    'do=respond&write=a&linger=0.01&item=b&item=c&gap=0.01&nonce=n',
    'do=file&content=a&nonce=n',
    'do=wrapper&nonce=n',
    'do=extensions&nonce=n',
    'do=given&nonce=n',
    'do=begin&third=absent&nonce=n',
    'do=begin&third=none&nonce=n',
    'do=begin&third=error&nonce=n',
    'do=writer&nonce=n',
    'do=leave&nonce=n',
    'do=clear&nonce=n',
    'do=octets&nonce=n',
    'do=iterate&kind=separate&item=a&item=b&nonce=n',
    'do=iterate&kind=sized&item=a&item=&nonce=n',
    'do=iterate&kind=watched&item=a&nonce=n',
    'do=nothing-of-the-kind&nonce=n',
  ]
  const { python, env: own } = await toolchainPython()
  const env = { ...own, PYTHONPATH: apps }
  await expect(run(python, ['-W', 'error', '-c', validated, ...clean], { env })).resolves.toMatchObject({ stderr: '' })
  await expect(run(python, ['-c', validated, 'do=respond&text=1&item=a'], { env })).rejects.toThrow(/AssertionError/)
})
