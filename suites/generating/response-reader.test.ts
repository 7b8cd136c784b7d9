import { describe, expect, test } from 'vitest'
import { rememberingHeadReader } from './response-head.ts'
import { createResponseReader } from './response-reader.ts'

/** What a reader makes of a response that comes in these pieces; `end` closes the connection after them. */
function read(pieces: readonly string[], { toHead = false, end = false } = {}) {
  const reader = createResponseReader(rememberingHeadReader())
  reader.begin(toHead)
  let reading = 'unfinished'
  for (const piece of pieces) {
    const bytes = Buffer.from(piece, 'latin1')
    // What another connection has left in the room behind these bytes must not be read.
    reading = reader.take(Buffer.concat([bytes, Buffer.from('\r\n\r\nHTTP/1.1 200 OK\r\n\r\n')]), bytes.length)
    if (reading !== 'unfinished') break
  }
  if (end && reading === 'unfinished') reading = reader.end()
  return { reading, status: reader.head().status, body: reader.bodyBytes(), reusable: reader.reusable() }
}

const RIGHT: readonly [response: string, status: number, body: number, reusable: boolean][] = [
  ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 200, 5, true],
  ['HTTP/1.1 404 \r\nCONTENT-LENGTH:0\r\n\r\n', 404, 0, true],
  ['HTTP/1.1 200\r\nContent-Length:  3 \r\nX: content-length: 9\r\n\r\nabc', 200, 3, true],
  ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello', 200, 5, true],
  ['HTTP/1.1 200 OK\nContent-Length: 2\n\nhi', 200, 2, true],
  ['HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 2\r\n\r\nhi', 200, 2, false],
  ['HTTP/1.1 200 OK\r\nConnection: x, close\r\nContent-Length: 2\r\n\r\nhi', 200, 2, false],
  ['HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi', 200, 2, false],
  ['HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nhi', 200, 2, true],
  ['HTTP/1.1 204 No Content\r\n\r\n', 204, 0, true],
  ['HTTP/1.1 304 Not Modified\r\nContent-Length: 4096\r\n\r\n', 304, 0, true],
  ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n', 200, 5, true],
  [
    'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, Chunked\r\n\r\nA;x="y"\r\n0123456789\r\n00\r\nT: 1\r\n\r\n',
    200,
    10,
    true,
  ],
  ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n1\r\na\r\n0\r\n\r\n', 200, 1, true],
  [
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na',
    200,
    1,
    true,
  ],
  ['HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n', 101, 0, false],
]

test.for(RIGHT)('%j', ([response, status, body, reusable]) => {
  const whole = { reading: 'complete', status, body, reusable }
  expect(read([response])).toEqual(whole)
  expect(read([...response])).toEqual(whole)
  // Wherever it is cut.
  for (let at = 1; at < response.length; at++)
    expect(read([response.slice(0, at), response.slice(at)]), `cut at ${at}`).toEqual(whole)
})

test.for(RIGHT)('%j cut short is not complete', ([response]) => {
  for (let at = 0; at < response.length; at++)
    expect(read([response.slice(0, at)], { end: true }).reading, `cut at ${at}`).toBe('unfinished')
})

test.for(RIGHT)('%j with something behind it', ([response]) => {
  expect(read([`${response}HTTP/1.1 200 OK`]).reading).toBe('bytes after the response')
})

describe('bodies that end with the connection', () => {
  test.for([
    'HTTP/1.1 200 OK\r\n\r\nhello',
    'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nhello',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhello',
  ])('%j', (response) => {
    expect(read([response])).toMatchObject({ reading: 'unfinished' })
    expect(read([...response], { end: true })).toEqual({ reading: 'complete', status: 200, body: 5, reusable: false })
  })
})

test('an answer to HEAD has no body, whatever its fields say', () => {
  for (const fields of ['Content-Length: 5\r\n', 'Transfer-Encoding: chunked\r\n', ''])
    expect(read([`HTTP/1.1 200 OK\r\n${fields}\r\n`], { toHead: true })).toEqual({
      reading: 'complete',
      status: 200,
      body: 0,
      reusable: true,
    })
})

describe('what is no response', () => {
  test.for([
    'SSH-2.0-OpenSSH\r\n',
    'hello',
    'HTTP/2 200\r\n\r\n',
    'HTTP/1.1 2x0 OK\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    'HTTP/1.1 200OK\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n 6\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n',
    `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`,
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(100_000)}`,
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ${'x'.repeat(100_000)}`,
  ])('%.60j', (response) => {
    expect(read([response]).reading).toBe('malformed response')
    expect(read(response.match(/[^]{1,50}/g)!).reading).toBe('malformed response')
  })
})

test('when an answer was made is read from it', () => {
  const reader = createResponseReader(rememberingHeadReader())
  reader.begin(false)
  const bytes = Buffer.from('HTTP/1.1 200 OK\r\nX-Made-At: 1764250000.125\r\nContent-Length: 0\r\n\r\n')
  expect(reader.take(bytes, bytes.length)).toBe('complete')
  expect(reader.head().madeAt).toBe(1_764_250_000.125)
})

test('a head that was read before is known again, one that differs in a byte is not mistaken for it', () => {
  const readHead = rememberingHeadReader()
  const readAt = (text: string, from = 0) => readHead(Buffer.from(text), from, text.length)
  const head = (length: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`
  const first = readAt(`${head(5)}hello`)
  expect(readAt(`${head(5)}hello`)).toBe(first)
  expect(readAt(`xx${head(5)}hello`, 2)).toMatchObject({ length: 5, bodyAt: head(5).length + 2 })
  expect(readAt(head(6))).toMatchObject({ length: 6 })
  expect(readAt(head(6).slice(0, -1))).toBe('unfinished')
})
