import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Verdict } from '../../reports/run.ts'
import type { Event, Hop } from '../../topologies/index.ts'
import { judgeAll } from '../judge.ts'
import call from './pep3333-call.ts'
import environ from './pep3333-environ.ts'
import http from './pep3333-http.ts'
import startResponse from './pep3333-start-response.ts'
import transmission from './pep3333-transmission.ts'
import cgi from './rfc3875-environ.ts'
import framing from './rfc9112-framing.ts'

// The one server that comes with Python itself; its faults are old, known and in its source for all to read.
const python = '/usr/bin/python3'
const suites = [call, environ, http, startResponse, transmission, cgi, framing]
const serve = `
import sys
from wsgiref.simple_server import make_server
import probe
make_server('127.0.0.1', int(sys.argv[1]), probe.application).serve_forever()
`

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

describe.skipIf(!existsSync(python))('wsgiref, judged', () => {
  let directory: string
  let server: ChildProcess
  let hop: Hop
  let events: (nonce: string) => Promise<readonly Event[]>
  let verdicts: readonly Verdict[]

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lab-known-'))
    const log = join(directory, 'events')
    await writeFile(log, '')
    const port = await freePort()
    const env = {
      PYTHONPATH: resolve(import.meta.dirname, '../../apps'),
      PYTHONDONTWRITEBYTECODE: '1',
      LAB_EVENTS: log,
    }
    server = spawn(python, ['-c', serve, String(port)], { env, stdio: 'ignore' })
    hop = { role: 'app', server: 'wsgiref', url: new URL(`http://127.0.0.1:${port}/`) }
    events = async (nonce) => {
      // The last line is dropped when it has no end: it is still being written.
      const lines = (await readFile(log, 'utf8')).split('\n').slice(0, -1)
      return lines.map((line): Event => JSON.parse(line)).filter((event) => event.nonce === nonce)
    }
    while (!(await fetch(hop.url).catch(() => undefined))?.ok) await sleep(50)
    verdicts = await judgeAll(suites, { hops: [hop], events }, AbortSignal.timeout(60_000))
  }, 60_000)

  afterAll(async () => {
    server.kill()
    await rm(directory, { recursive: true, force: true })
  })

  function outcome(clause: string): string | undefined {
    return verdicts.find((verdict) => verdict.clause.endsWith(`/${clause}`))?.outcome
  }

  test.each([
    'environ.builtin-dict',
    'iter.close-normal',
    'iter.close-app-error',
    'iter.close-disconnect',
    'iter.late-start-response',
    'environ.path-info',
    'environ.server-protocol',
    'url.reconstruct',
    'hop-by-hop.app-fatal',
    'start-response.second-call-fatal',
    'exc-info.replaces-headers',
    'exc-info.after-sent-raises',
    'error.before-output',
    'headers.required-added',
    'headers.repeats-kept',
    'content-length.short-closes',
    'chunked.compliant',
    'stream.no-delay',
    'expect.transparent',
    'cgi.repeats-merged',
  ])('it keeps %s', (clause) => expect(outcome(clause)).toBe('pass'))

  test.each([
    // It invents text/plain.
    'environ.content-type',
    'response.crlf-in-header',
    'start-response.defer-until-body',
    'content-length.no-overrun',
    'content-length.stops-iterating',
    'hop-by-hop.inbound-decoded',
    'host.missing-400',
    'cl.non-digit',
    'te.with-cl',
    'field.obs-fold',
    'framing.head',
    // It counts the bytes of a body that is not there.
    'framing.204-1xx',
  ])('it breaks %s', (clause) => expect(outcome(clause)).toBe('fail'))

  test('what rests on a broken rule is blocked, and what has no right answer is observed', () => {
    expect(outcome('chunk.extension-ignored')).toBe('blocked')
    expect(outcome('content-length.auto-len-1')).toBe('observed')
    expect(outcome('error.after-output')).toBe('observed')
  })

  test('no experiment broke', () => {
    expect(verdicts.filter(({ outcome: each }) => each === 'error')).toEqual([])
  })

  test('without the event log, what needs it is inapplicable and the rest is judged alike', async () => {
    const without = await judgeAll([startResponse], { hops: [hop] }, AbortSignal.timeout(30_000))
    for (const { clause, outcome: each, because } of without) {
      if (each === 'inapplicable') expect(because).toContain('--events FILE')
      else expect([clause, each]).toEqual([clause, outcome(clause.split('/')[1]!)])
    }
    expect(without.filter(({ outcome: each }) => each === 'fail').length).toBeGreaterThan(1)
  })
})
