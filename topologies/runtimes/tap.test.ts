import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { suites } from '../../scripts/catalogue.ts'
import { chosenTopologies } from '../../scripts/options.ts'
import { nativeRuntime } from '../../scripts/runtime.ts'
import { judgeAll } from '../../suites/judging/judge.ts'
import type { Exchanged } from '../index.ts'
import { tap, type RunningTap } from './tap.ts'

const INNER = '127.0.0.31'
const OUTER = '127.0.0.32'

let stack = new AsyncDisposableStack()
afterEach(async () => {
  await stack.disposeAsync()
  stack = new AsyncDisposableStack()
})

/** A tap in front of an inner tier that does this with each connection. */
async function tapped(serve: (socket: Socket) => void): Promise<RunningTap> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    serve(socket)
  })
  server.listen(0, INNER)
  await once(server, 'listening')
  stack.defer(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  const { port } = server.address() as { port: number }
  return stack.use(await tap('outer', 'inner', { host: INNER, port }))
}

/** The outer tier's connection, from an address of its own, and everything that arrives on it. */
async function connected({ address }: RunningTap): Promise<{ socket: Socket; arrived: () => Buffer }> {
  const socket = connect({ ...address, localAddress: OUTER, allowHalfOpen: true, noDelay: true })
  stack.defer(() => void socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  const parts: Buffer[] = []
  socket.on('data', (bytes) => parts.push(bytes))
  return { socket, arrived: () => Buffer.concat(parts) }
}

const texts = (exchanges: readonly Exchanged[]): string[] =>
  exchanges.map(({ sent, received }) => `${sent.toString()} > ${received.toString()}`)

/** Answers every piece with its capitals. */
const echo = (socket: Socket): void =>
  void socket.on('data', (bytes) => socket.write(bytes.toString('latin1').toUpperCase(), 'latin1'))

describe('between two tiers a tap', () => {
  test('changes no byte, and shows them all', async () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
    const at = await tapped((socket) => socket.pipe(socket))
    const heard = at.listen()
    const { socket, arrived } = await connected(at)
    socket.write(every)
    await expect.poll(arrived).toEqual(every)
    expect(heard()).toEqual([{ sent: every, received: every, sentBytes: 256, receivedBytes: 256 }])
  })

  test('tells exchanges apart, on one connection and on several', async () => {
    const at = await tapped(echo)
    const heard = at.listen()
    const [one, other] = [await connected(at), await connected(at)]
    for (const [{ socket, arrived }, text] of [
      [one, 'first'],
      [other, 'second'],
      [one, 'third'],
    ] as const) {
      socket.write(text)
      await expect.poll(() => arrived().toString()).toContain(text.toUpperCase())
    }
    expect(texts(heard())).toEqual(['first > FIRST', 'second > SECOND', 'third > THIRD'])
  })

  test('shows nothing of before, and ends the listening before', async () => {
    const at = await tapped(echo)
    const { socket, arrived } = await connected(at)
    const told = async (text: string): Promise<void> => {
      socket.write(text)
      await expect.poll(() => arrived().toString()).toContain(text.toUpperCase())
    }
    await told('nobody')
    const first = at.listen()
    await told('one')
    const second = at.listen()
    await told('two')
    expect([texts(first()), texts(second())]).toEqual([['one > ONE'], ['two > TWO']])
  })

  test('connects from the address that the outer tier connected from', async () => {
    const at = await tapped((socket) => socket.end(socket.remoteAddress!))
    const { socket, arrived } = await connected(at)
    await once(socket, 'end')
    expect(arrived().toString()).toBe(OUTER)
    expect(at.address.host).toBe(INNER)
  })

  test('passes a half-closed connection on as one', async () => {
    const at = await tapped((socket) => {
      let got = ''
      socket.on('data', (bytes) => (got += bytes.toString()))
      socket.on('end', () => setTimeout(() => socket.end(`got ${got}`), 50))
    })
    const { socket, arrived } = await connected(at)
    socket.end('all of it')
    await once(socket, 'end')
    expect(arrived().toString()).toBe('got all of it')
  })

  test('passes a reset on as a reset, after what came before it', async () => {
    const at = await tapped((socket) =>
      socket.on('data', () => socket.write('before', () => setTimeout(() => socket.resetAndDestroy(), 20))),
    )
    const { socket, arrived } = await connected(at)
    socket.write('reset me')
    const [error] = (await once(socket, 'close').catch((error: unknown) => [error])) as [unknown]
    expect(error).toMatchObject({ code: 'ECONNRESET' })
    expect(arrived().toString()).toBe('before')
  })

  test('passes the outer tier’s reset on as well', async () => {
    const seen = Promise.withResolvers<NodeJS.ErrnoException>()
    const at = await tapped((socket) => socket.on('error', seen.resolve).resume())
    const { socket } = await connected(at)
    await new Promise<void>((resolve) => socket.write('going', () => resolve()))
    await sleep(50)
    socket.resetAndDestroy()
    expect((await seen.promise).code).toBe('ECONNRESET')
  })

  test('resets the connection when the inner tier is not there, and lives on', async () => {
    const at = stack.use(await tap('outer', 'inner', { host: INNER, port: 1 }))
    for (let attempt = 0; attempt < 2; attempt++) {
      const { socket } = await connected(at)
      const [error] = (await once(socket, 'close').catch((error: unknown) => [error])) as [unknown]
      expect(error).toMatchObject({ code: 'ECONNRESET' })
    }
  })

  test('passes big bodies on both ways, and keeps only the first bytes', async () => {
    const megabytes = Buffer.alloc(12 * 1024 * 1024, 'body')
    const at = await tapped((socket) => socket.pipe(socket))
    const heard = at.listen()
    const { socket, arrived } = await connected(at)
    socket.end(megabytes)
    await once(socket, 'end')
    expect(arrived().equals(megabytes)).toBe(true)
    const exchanges = heard()
    expect(exchanges.reduce((sum, { sentBytes }) => sum + sentBytes, 0)).toBe(megabytes.length)
    for (const { sent, received } of exchanges)
      expect(Math.max(sent.length, received.length)).toBeLessThanOrEqual(65536)
    expect(exchanges[0]!.sent.equals(megabytes.subarray(0, exchanges[0]!.sent.length))).toBe(true)
  })

  test('keeps the last exchanges of very many', async () => {
    const at = await tapped(echo)
    const heard = at.listen()
    const { socket, arrived } = await connected(at)
    for (let index = 0; index < 100; index++) {
      socket.write(`<${index}>`)
      while (!arrived().includes(`<${index}>`)) await once(socket, 'data')
    }
    const exchanges = texts(heard())
    expect(exchanges).toHaveLength(64)
    expect(exchanges.at(-1)).toBe('<99> > <99>')
  })

  test('makes a sender wait for a tier that does not read', async () => {
    const at = await tapped((socket) => socket.pause())
    const { socket } = await connected(at)
    for (let megabyte = 0; megabyte < 64; megabyte++) socket.write(Buffer.alloc(1024 * 1024))
    await sleep(500)
    expect(socket.writableLength).toBeGreaterThan(16 * 1024 * 1024)
  })
})

test('verdicts of a tapped chain of real servers are those of the chain itself', async () => {
  const [chain] = await chosenTopologies(['three-tier'], [])
  const some = (await suites()).filter(({ name }) =>
    ['rfc9112-framing', 'rfc9110-connections', 'rfc3875-peers'].includes(name),
  )
  expect(some).toHaveLength(3)
  await using runtime = await nativeRuntime([chain!])
  const judged = async (tapped: boolean) => {
    const options = { application: 'probe', workers: 2, threads: 4, tapped }
    await using deployment = await runtime.up(chain!, options)
    const { target } = deployment
    expect(target.taps?.map(({ from, to }) => `${from} ${to}`)).toEqual(
      tapped ? ['varnish nginx', 'nginx gunicorn'] : undefined,
    )
    return await judgeAll(some, target, new AbortController().signal)
  }
  const [plain, through] = [await judged(false), await judged(true)]
  const told = (verdicts: typeof plain) =>
    verdicts.map(({ clause, server, outcome }) => `${clause} ${server} ${outcome}`)
  expect(told(through)).toEqual(told(plain))

  // What nobody broke has no evidence.
  const atEdge = through.find(
    ({ server, evidence }) => server === 'varnish' && evidence?.some(({ from }) => from === 'nginx'),
  )!
  const passed = atEdge.evidence!.filter(({ from }) => from !== undefined)
  expect(new Set(passed.map(({ from, to }) => `${from} ${to}`))).toEqual(new Set(['varnish nginx', 'nginx gunicorn']))
  for (const { sent } of passed) expect(sent).not.toContain('/ready')
}, 120_000)
