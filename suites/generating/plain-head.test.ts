import { expect, test } from 'vitest'
import { plainHead } from './plain-head.ts'

const read = (text: string, stale = '') =>
  plainHead(Buffer.from(text + stale, 'latin1'), Buffer.byteLength(text, 'latin1'))

test.for<[string, number, number]>([
  ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 200, 5],
  ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 200, 5],
  ['HTTP/1.1 404 Not Found\r\nserver: x\r\ncontent-length:0\r\nconnection: Keep-Alive\r\n\r\n', 404, 0],
  ['HTTP/1.1 500 \r\nX-Content-Length: 9\r\nContent-Length: 16384\r\nX: \xff, connection: close\r\n\r\n', 500, 16_384],
])('%j is plain', ([text, statusCode, bodyBytes]) => {
  expect(read(text)).toEqual({ statusCode, bodyBytes, bodyAt: text.indexOf('\r\n\r\n') + 4 })
})

test.for([
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r',
  'HTTP/1.1 200 OK\r\n\r\n',
  'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n',
  'HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n',
  'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
  'HTTP/1.1 2000 OK\r\nContent-Length: 5\r\n\r\n',
  'HTTP/1.1 200OK\r\nContent-Length: 5\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n 6\r\n\r\n',
  'HTTP/1.1 200 OK\r\nX: y\nContent-Length: 6\r\nContent-Length: 5\r\n\r\n',
  'HTTP/1.1 200 OK\nContent-Length: 5\n\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nconnection: keep-alive, close\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nUpgrade: h2c\r\n\r\n',
  'SSH-2.0-OpenSSH\r\n\r\n',
])('%j is left to the parser', (text) => {
  expect(read(text)).toBeUndefined()
})

test('what an earlier response left in the buffer is not read', () => {
  expect(read('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n', '\r\nhello')).toBeUndefined()
})
