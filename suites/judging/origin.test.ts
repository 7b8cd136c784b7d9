import { afterEach, beforeEach, expect, test } from 'vitest'
import { connect, type Connection } from './wire.ts'
import { nonce } from './experiment.ts'
import { response, startedOrigin, type Origin } from './origin.ts'
import { sentValues } from './received.ts'

/** The scripted origin: what an intermediary sends is seen byte by byte, and answered with whatever a clause wants. */

let origin: Origin
const quiet = new AbortController().signal
const client = (): Promise<Connection> =>
  connect(new URL(`http://${origin.address.host}:${origin.address.port}/`), quiet)

beforeEach(async () => {
  origin = await startedOrigin('127.0.0.10')
})
afterEach(() => origin[Symbol.asyncDispose]())

test('requests are answered in the order of the script, the last reply again and again', async () => {
  const of = nonce()
  origin.script(of, response('200 OK', [], 'first'), response('200 OK', [], 'second'))
  using connection = await client()
  const bodies: string[] = []
  for (let count = 0; count < 3; count++) {
    connection.send(`GET /${of} HTTP/1.1\r\nHost: lab\r\n\r\n`)
    bodies.push((await connection.answer()).body.toString())
  }
  expect(bodies).toEqual(['first', 'second', 'second'])
  expect(await origin.received(of)).toHaveLength(3)
})

test('a request is shown as it came: fields in order, a chunked body without its coding, the trailers', async () => {
  const of = nonce()
  origin.script(of, response('204 No Content'))
  using connection = await client()
  connection.send(
    `POST /a/../${of}?q HTTP/1.1\r\nHost: lab\r\nX-Two: a\r\nx-two:  b \r\nTransfer-Encoding: chunked\r\n\r\n`,
  )
  connection.send('3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Trailer: t\r\n\r\n')
  expect((await connection.answer()).head?.status).toBe(204)
  const [request] = await origin.received(of, 1)
  expect(request).toMatchObject({ method: 'POST', target: `/a/../${of}?q`, version: '1.1', complete: true })
  expect(request!.body.toString()).toBe('abcde')
  expect(sentValues(request!, 'X-Two')).toEqual(['a', 'b'])
  expect(request!.trailers).toEqual([['X-Trailer', 't']])
})

test('a request that is cut short is shown as incomplete', async () => {
  const of = nonce()
  origin.script(of, response('200 OK'))
  using connection = await client()
  connection.send(`POST /${of} HTTP/1.1\r\nHost: lab\r\nContent-Length: 10\r\n\r\nabc`)
  const [request] = await origin.received(of, 1)
  expect(request).toMatchObject({ complete: false })
})

test('it sends any bytes, waits, closes and resets as it is told', async () => {
  const [cut, reset] = [nonce(), nonce()]
  origin.script(cut, { steps: ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n', { wait: 20 }, 'abc', 'close'] })
  origin.script(reset, { steps: ['reset'] })
  using one = await client()
  one.send(`GET /${cut} HTTP/1.1\r\nHost: lab\r\n\r\n`)
  const answer = await one.answer()
  expect(answer.ending).toBe('cut')
  expect(answer.body.toString()).toBe('abc')
  using other = await client()
  other.send(`GET /${reset} HTTP/1.1\r\nHost: lab\r\n\r\n`)
  expect(await other.closing(1000)).toBe('reset')
})

test('an early reply is sent before the body has come', async () => {
  const of = nonce()
  origin.script(of, { ...response('413 Content Too Large'), early: true })
  using connection = await client()
  connection.send(`POST /${of} HTTP/1.1\r\nHost: lab\r\nContent-Length: 10\r\n\r\n`)
  expect((await connection.answer()).head?.status).toBe(413)
})

test('while it is down nobody can connect, and it comes up at the same address', async () => {
  await origin.down()
  await expect(client()).rejects.toThrow(/ECONNREFUSED/)
  await origin.up()
  const of = nonce()
  origin.script(of, response('200 OK', [], 'again'))
  using connection = await client()
  connection.send(`GET /${of} HTTP/1.1\r\nHost: lab\r\n\r\n`)
  expect((await connection.answer()).body.toString()).toBe('again')
})

test('what was said about one request is told apart from what was said before on the connection', async () => {
  const [first, second] = [nonce(), nonce()]
  for (const of of [first, second]) origin.script(of, response('200 OK', [], of))
  using connection = await client()
  for (const of of [first, second]) {
    connection.send(`GET /${of} HTTP/1.1\r\nHost: lab\r\n\r\n`)
    await connection.answer()
  }
  const [told] = origin.transcripts(second)
  expect(told!.sent).toContain(second)
  expect(told!.sent).not.toContain(first)
  expect(told!.received).toContain('HTTP/1.1 200 OK')
})

test('what nobody has scripted is answered 404, so that a readiness check finds somebody there', async () => {
  using connection = await client()
  connection.send('GET / HTTP/1.1\r\nHost: lab\r\n\r\n')
  expect((await connection.answer()).head?.status).toBe(404)
})
