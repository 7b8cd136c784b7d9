import { readFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { resolve as resolvePath } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { describe as shown, type Answer } from './answer.ts'
import { BYTE_LIMIT, connect, type Connection } from './wire.ts'

/** What a server does; `raw` is the connection below, the same one where there is no TLS. */
type Script = (socket: Socket, raw: Socket) => void | Promise<void>

const pem = (name: string) => readFileSync(resolvePath(import.meta.dirname, `../mutants/tls/${name}.pem`))

/** A server that does to each connection what the script says, and a connection to it. */
async function scripted(
  script: Script,
  scheme: 'http' | 'https' = 'http',
): Promise<{ readonly connection: Connection } & AsyncDisposable> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (raw) => {
    sockets.add(raw.on('error', () => {}))
    if (scheme === 'http') return void script(raw, raw)
    const socket = new TLSSocket(raw, { isServer: true, cert: pem('certificate'), key: pem('key') })
    socket.on('error', () => {}).once('secure', () => void script(socket, raw))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const connection = await connect(new URL(`${scheme}://127.0.0.1:${port}/`), AbortSignal.timeout(10_000))
  return {
    connection,
    async [Symbol.asyncDispose]() {
      connection[Symbol.dispose]()
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The answer to a GET on a connection where the server sends these pieces, a moment apart, then does as told. */
async function answerTo(pieces: readonly string[], then: 'stays' | 'closes' | 'resets' = 'stays'): Promise<Answer> {
  await using setup = await scripted(async (socket) => {
    for (const piece of pieces) {
      socket.write(piece, 'latin1')
      await sleep(5)
    }
    if (then === 'closes') socket.end()
    if (then === 'resets') socket.resetAndDestroy()
  })
  setup.connection.send('GET / HTTP/1.1\r\n\r\n')
  return await setup.connection.answer({ wait: 300 + pieces.length * 20 })
}

test('a response that arrives byte by byte is read like one that arrives at once', async () => {
  const whole =
    'HTTP/1.1 200 Fine\r\nX-A: 1\r\nx-a:\t2 \r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nT: t\r\n\r\n'
  for (const pieces of [[whole], whole.split('')]) {
    const answer = await answerTo(pieces)
    expect(answer).toMatchObject({ ending: 'complete', framing: 'chunked', problems: [] })
    expect(answer.head).toMatchObject({ version: 'HTTP/1.1', status: 200, reason: 'Fine' })
    expect(answer.head!.fields).toEqual([
      ['X-A', '1'],
      ['x-a', '2'],
      ['Transfer-Encoding', 'chunked'],
    ])
    expect(answer.body.toString()).toBe('abcd')
  }
})

test('a body may end by its length, by the close, or not be there at all', async () => {
  const counted = await answerTo(['HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc'])
  expect([counted.ending, counted.framing, counted.body.toString()]).toEqual(['complete', 'length', 'abc'])
  const closed = await answerTo(['HTTP/1.0 200 OK\r\n\r\nabc'], 'closes')
  expect([closed.ending, closed.framing, closed.body.toString()]).toEqual(['complete', 'close', 'abc'])
  const none = await answerTo(['HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n'])
  expect([none.ending, none.framing]).toEqual(['complete', 'none'])
})

test('a body that is cut is not a complete one', async () => {
  const cut = await answerTo(['HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'], 'closes')
  expect(shown(cut)).toBe('200 OK with a body that was cut after 3 of 10 bytes')
  const unterminated = await answerTo(['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'], 'closes')
  expect(unterminated.ending).toBe('cut')
  const reset = await answerTo(['HTTP/1.1 200 OK\r\n\r\nabc'], 'resets')
  expect(reset.ending).toBe('cut')
})

test('a server that stays silent, or closes at once, has given no answer', async () => {
  expect(shown(await answerTo([]))).toBe('no answer in time')
  expect(shown(await answerTo([], 'closes'))).toBe('no answer: the connection was closed')
  expect(shown(await answerTo(['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc']))).toBe(
    '200 OK with a body that did not end after 3 of 9 bytes',
  )
})

test.each([
  ['an HTML page without a head', '<html><body>hello</body></html>'],
  ['binary noise', '\x16\x03\x01\x02\x00\x01'],
  ['a status line with one digit too few', 'HTTP/1.1 20 OK\r\n\r\n'],
  ['a field line with a space before the colon', 'HTTP/1.1 200 OK\r\nX-A : 1\r\n\r\n'],
  ['a folded field line', 'HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\n\r\n'],
  ['a NUL in a field value', 'HTTP/1.1 200 OK\r\nX-A: 1\x002\r\n\r\n'],
  ['a length that is no number', 'HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc'],
  ['two lengths that differ', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc'],
  ['a chunk size that is no number', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n'],
  ['chunk data longer than its size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n'],
  ['a chunk line that ends in a bare LF', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n'],
])('%s is a malformed response', async (_, bytes) => {
  expect((await answerTo([bytes])).ending).toBe('malformed')
})

test('what a lenient reader would pass over is noted', async () => {
  const both = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
  expect((await answerTo([both])).problems).toEqual(['both Transfer-Encoding and Content-Length'])
})

test('interim responses come before the final one, and what follows it is left over', async () => {
  await using setup = await scripted((socket) => {
    const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'
    socket.write(
      `${interim}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 404 Next\r\nContent-Length: 0\r\n\r\n`,
    )
  })
  const { connection } = setup
  const first = await connection.answer()
  expect(first.interim.map(({ status }) => status)).toEqual([100, 103])
  expect([first.head!.status, first.body.toString()]).toEqual([200, 'ok'])
  expect((await connection.answer()).head!.status).toBe(404)
  expect((await connection.rest(20)).length).toBe(0)
})

test('bytes after a body are shown, not swallowed', async () => {
  await using setup = await scripted((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokEXTRA')
  })
  await setup.connection.answer()
  expect((await setup.connection.rest(20)).toString()).toBe('EXTRA')
})

test('the blocks of a body keep the times at which they arrived', async () => {
  await using setup = await scripted(async (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none')
    await sleep(80)
    socket.write('two')
  })
  const { arrivals } = await setup.connection.answer()
  expect(arrivals.map(({ bytes }) => bytes)).toEqual([3, 6])
  expect(arrivals[1]!.at - arrivals[0]!.at).toBeGreaterThan(50)
})

test.each(['http', 'https'] as const)('closed, reset and open connections are told apart over %s', async (scheme) => {
  for (const [script, expected] of [
    [(socket: Socket) => void socket.end(), 'closed'],
    [async (_: Socket, raw: Socket) => void (await sleep(60), raw.resetAndDestroy()), 'reset'],
    [() => {}, 'open'],
  ] as const) {
    await using setup = await scripted(script, scheme)
    expect(await setup.connection.closing(200)).toBe(expected)
  }
})

test('what is sent and what arrives over TLS is what it is without', async () => {
  const received: Buffer[] = []
  await using setup = await scripted((socket) => {
    socket.on('data', (bytes: Buffer) => received.push(bytes))
    socket.once('data', () => void socket.end('HTTP/1.1 200 OK\r\nX-A: \xe9\r\n\r\nabc', 'latin1'))
  }, 'https')
  setup.connection.send('GET /\xff HTTP/1.1\r\n\r\n')
  const answer = await setup.connection.answer()
  expect([answer.ending, answer.framing, answer.body.toString()]).toEqual(['complete', 'close', 'abc'])
  expect(Buffer.concat(received).toString('latin1')).toBe('GET /\xff HTTP/1.1\r\n\r\n')
  expect(setup.connection.transcript().received).toContain('X-A: \\xe9\\r\\n')
})

test('over TLS a body without a length that a reset ends is cut', async () => {
  await using setup = await scripted(async (socket, raw) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\nabc')
    await sleep(60)
    raw.resetAndDestroy()
  }, 'https')
  expect((await setup.connection.answer()).ending).toBe('cut')
})

test('a server that speaks no TLS cannot be connected to over it', async () => {
  const server = createServer((socket) => void socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = new URL(`https://127.0.0.1:${port}/`)
  await expect(connect(url, AbortSignal.timeout(5000))).rejects.toThrow(/TLS was not agreed on/)
  server.close()
})

test('a head or a body without end is given up in bounded time and memory', async () => {
  const flood =
    (start: string): Script =>
    (socket) => {
      socket.write(start)
      const more = Buffer.alloc(65536, 'x')
      const pour = (): void => {
        while (!socket.destroyed && socket.write(more));
      }
      socket.on('drain', pour)
      pour()
    }
  await using head = await scripted(flood('HTTP/1.1 200 OK\r\nX-A: '))
  expect(shown(await head.connection.answer())).toMatch(/malformed response \(a head of more than 262144 bytes\)/)
  await using body = await scripted(flood('HTTP/1.1 200 OK\r\n\r\n'))
  const answer = await body.connection.answer()
  expect(answer.ending).toBe('too large')
  expect(answer.body.length).toBeLessThanOrEqual(BYTE_LIMIT)
  await using chunks = await scripted((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    socket.write('1\r\nx\r\n'.repeat(BYTE_LIMIT / 6 + 100))
  })
  expect((await chunks.connection.answer()).ending).toBe('too large')
})

test('the lab can be interrupted while it waits', async () => {
  const interrupt = new AbortController()
  const server = createServer(() => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  using connection = await connect(new URL(`http://127.0.0.1:${port}/`), interrupt.signal)
  setTimeout(() => interrupt.abort(new Error('Ctrl-C')), 20)
  await expect(connection.answer()).rejects.toThrow('Ctrl-C')
  connection[Symbol.dispose]()
  server.close()
})

test('a connection that is refused is an error, not an answer', async () => {
  await expect(connect(new URL('http://127.0.0.1:1/'), AbortSignal.timeout(1000))).rejects.toThrow(/ECONNREFUSED/)
})

test('the transcript shows control characters and how the connection ended', async () => {
  await using setup = await scripted((socket) => {
    socket.end('HTTP/1.1 200 OK\r\nX-A: \x1b[31m\\\xe9\r\n\r\n', 'latin1')
  })
  setup.connection.send('GET / HTTP/1.1\r\n\r\n')
  await setup.connection.closing(500)
  expect(setup.connection.transcript()).toEqual({
    sent: 'GET / HTTP/1.1\\r\\n\n\\r\\n\n',
    received: 'HTTP/1.1 200 OK\\r\\n\nX-A: \\x1b[31m\\\\\\xe9\\r\\n\n\\r\\n\n\n[connection closed]',
  })
})

test('a connection that the lab has ended is not taken for one that the server reset', async () => {
  await using setup = await scripted((socket) => void socket.write('HTTP/1.1 204 No Content\r\n\r\n'))
  const { connection } = setup
  connection.send('GET / HTTP/1.1\r\n\r\n')
  expect(await connection.answer()).toMatchObject({ ending: 'complete' })
  const waiting = connection.closing(5000)
  connection[Symbol.dispose]()
  expect(await waiting).toBe('open')
  await sleep(20)
  expect(connection.transcript().received).toMatch(/\[connection closed by the lab\]$/)
})
