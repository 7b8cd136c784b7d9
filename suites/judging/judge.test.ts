import { createServer } from 'node:http'
import { createServer as createRawServer, type AddressInfo } from 'node:net'
import { expect, test, vi } from 'vitest'
import type { Event, Hop, Target } from '../../topologies/index.ts'
import { Blocked, Deviation, demand, type Clause, type Suite, type TestableClause } from '../conformance/index.ts'
import type { Verdict } from '../../reports/run.ts'
import { describe } from './answer.ts'
import { judge, judgeAll } from './judge.ts'
import { ask, proven } from './probe.ts'

const never = new AbortController().signal

/** A hop where something answers that proves itself like the probe does, or does not. */
async function hop(role: Hop['role'] = 'app', proves = true): Promise<Hop & AsyncDisposable> {
  const server = createServer((request, response) => {
    const nonce = new URL(request.url!, 'http://x').searchParams.get('nonce')!
    if (proves) response.setHeader('X-Probe', nonce)
    response.end('ready\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    role,
    server: `${role} server`,
    url: new URL(`http://127.0.0.1:${port}/`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function clause(check: TestableClause['check'], rest: Partial<TestableClause> = {}): TestableClause {
  return { level: 'MUST', cites: 'the test', says: 'It works.', experiment: 'Tries it.', check, ...rest }
}

function suite(clauses: Record<string, Clause>): Suite {
  return { name: 'tiny', title: 'A suite for a test', clauses }
}

const passing = clause(async (experiment) => void proven(await ask(experiment, {})))
const failing = clause(async (experiment) => {
  const { answer } = await ask(experiment, {})
  demand(answer.head?.status === 299, `expected 299, got ${answer.head?.status}`)
})

async function outcomes(clauses: Record<string, Clause>, options = {}): Promise<Record<string, string>> {
  await using app = await hop()
  const verdicts = await judgeAll([suite(clauses)], { hops: [app] }, never, options)
  return Object.fromEntries(verdicts.map(({ clause, outcome }) => [clause.replace('tiny/', ''), outcome]))
}

test('a rule that is kept passes, a deviation fails with the conversation as evidence', async () => {
  await using app = await hop()
  const [good, bad] = await judgeAll([suite({ good: passing, bad: failing })], { hops: [app] }, never)
  expect(good).toEqual({
    clause: 'tiny/good',
    level: 'MUST',
    cites: 'the test',
    says: 'It works.',
    experiment: 'Tries it.',
    role: 'app',
    server: 'app server',
    outcome: 'pass',
  })
  expect(bad).toMatchObject({ clause: 'tiny/bad', outcome: 'fail', because: 'expected 299, got 200' })
  expect(bad!.evidence).toHaveLength(1)
  expect(bad!.evidence![0]!.sent).toMatch(/^GET \/\?nonce=/)
  expect(bad!.evidence![0]!.received).toContain('HTTP/1.1 200 OK\\r\\n')
})

test('whatever else goes wrong is an error of the experiment, never a fail', async () => {
  expect(
    await outcomes({
      thrown: clause(() => Promise.reject(new TypeError('x is not a function'))),
      refused: clause(
        async (experiment) =>
          void (await experiment.connect({ ...experiment.hop, url: new URL('http://127.0.0.1:1/') })),
      ),
      eventless: clause(async (experiment) => void (await experiment.events('n'))),
      deviation: clause(() => Promise.reject(new Deviation('broken'))),
    }),
  ).toEqual({ thrown: 'error', refused: 'error', eventless: 'error', deviation: 'fail' })
})

test('a failure that cannot be repeated is an error, and one broken experiment is forgiven', async () => {
  const sometimes = (...outcomes: readonly ('pass' | 'fail' | 'error')[]): Clause => {
    const left = [...outcomes]
    return clause(async () => {
      const outcome = left.shift()
      if (outcome === 'fail') throw new Deviation('seen once')
      if (outcome !== 'pass') throw new Error('the experiment broke')
    })
  }
  const clauses = {
    failsOnce: sometimes('fail', 'pass'),
    failsTwice: sometimes('fail', 'fail', 'pass'),
    breaksOnce: sometimes('error', 'pass'),
    breaksThenFails: sometimes('error', 'fail', 'fail'),
    breaksThenFailsOnce: sometimes('error', 'fail', 'pass'),
    breaksTwice: sometimes('error', 'error', 'pass'),
  }
  expect(await outcomes(clauses)).toEqual({
    failsOnce: 'error',
    failsTwice: 'fail',
    breaksOnce: 'pass',
    breaksThenFails: 'fail',
    breaksThenFailsOnce: 'error',
    breaksTwice: 'error',
  })
  await using app = await hop()
  const [verdict] = await judgeAll([suite({ once: sometimes('fail', 'pass') })], { hops: [app] }, never)
  expect(verdict!.because).toBe('not repeatable: fail (seen once), then pass')
})

test('an experiment that does not end in time is an error, even one that ignores its signal', async () => {
  await using app = await hop()
  const endless = clause(() => new Promise<void>(() => {}))
  const verdict = await judge('tiny/endless', endless, app, { hops: [app] }, never, 50)
  expect(verdict).toMatchObject({ outcome: 'error', because: 'the experiment did not end within 0.05 s' })
})

test('an interrupted lab does not turn what it was doing into a verdict', async () => {
  await using app = await hop()
  const interrupt = new AbortController()
  const judging = judge(
    'tiny/x',
    clause(() => new Promise<void>(() => {})),
    app,
    { hops: [app] },
    interrupt.signal,
  )
  interrupt.abort(new Error('Ctrl-C'))
  await expect(judging).rejects.toThrow('Ctrl-C')
})

test('a gateway that hangs, answers garbage or dies on one clause is judged on, each within its own time', async () => {
  // Says what the probe says, but for what it is asked to do to the connection.
  const server = createRawServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      const [, nonce = '', does = ''] = /nonce=([\w-]+)(?:&do=(\w+))?/.exec(bytes.toString('latin1')) ?? []
      if (does === 'hang') return
      if (does === 'garbage') return void socket.write('\x16\x03\x01 no HTTP \0\r\n\r\n')
      if (does === 'die') return void socket.resetAndDestroy()
      socket.end(`HTTP/1.1 200 OK\r\nX-Probe: ${nonce}\r\nContent-Length: 0\r\n\r\n`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const asks = (does: string, wait: number) =>
    clause(async (experiment) => {
      const asked = await ask(experiment, { do: does }, { wait })
      demand(asked.proven, `got ${describe(asked.answer)}`)
    })
  const clauses = {
    hangs: asks('hang', 100),
    hangsForLong: asks('hang', 60_000),
    garbage: asks('garbage', 100),
    dies: asks('die', 100),
    fine: asks('fine', 100),
  }
  const only: Hop = { role: 'app', server: 'odd', url: new URL(`http://127.0.0.1:${port}/`) }
  const verdicts = await judgeAll([suite(clauses)], { hops: [only] }, never, { limit: 300 })
  server.close()
  expect(verdicts.map(({ clause, outcome, because }) => [clause.slice(5), outcome, because])).toEqual([
    ['hangs', 'fail', 'got no answer in time'],
    ['hangsForLong', 'error', 'the experiment did not end within 0.3 s'],
    ['garbage', 'fail', expect.stringMatching(/^got a malformed response \(status line "/)],
    ['dies', 'fail', 'got no answer: the connection was closed'],
    ['fine', 'pass', undefined],
  ])
})

test('a lab that is interrupted while a server is brought up once more ends, and nothing is left unanswered', async () => {
  await using app = await hop()
  const interrupt = new AbortController()
  const unanswered = vi.fn()
  process.once('unhandledRejection', unanswered)
  const redeployed: Target['redeployed'] = async () => {
    interrupt.abort(new Error('Ctrl-C'))
    throw new Error('it was not brought up')
  }
  const asks = clause(async (experiment) => void (await experiment.connect()), { needs: 'mounted' })
  const judging = judge('tiny/x', asks, app, { hops: [app], redeployed }, interrupt.signal)
  await expect(judging).rejects.toThrow('Ctrl-C')
  await new Promise((resolve) => setTimeout(resolve, 20))
  process.off('unhandledRejection', unanswered)
  expect(unanswered).not.toHaveBeenCalled()
})

test('an observation is neither pass nor fail', async () => {
  expect(await outcomes({ seen: clause(async () => ({ saw: 'a thing' }), { level: 'RECORD' }) })).toEqual({
    seen: 'observed',
  })
})

test('a clause that depends on a broken one is blocked, and so is the next in the chain', async () => {
  const check = vi.fn(async () => {})
  const clauses = {
    good: passing,
    bad: failing,
    onGood: clause(check, { dependsOn: 'good' }),
    onBad: clause(check, { dependsOn: 'tiny/bad' }),
    onOnBad: clause(check, { dependsOn: 'onBad' }),
    groundless: clause(() => Promise.reject(new Blocked('no ground'))),
  }
  expect(await outcomes(clauses)).toEqual({
    good: 'pass',
    bad: 'fail',
    onGood: 'pass',
    onBad: 'blocked',
    onOnBad: 'blocked',
    groundless: 'blocked',
  })
  expect(check).toHaveBeenCalledTimes(1)
})

test('a clause is inapplicable where it means nothing, or lacks what it needs', async () => {
  await using app = await hop()
  const clauses = {
    elsewhere: clause(async () => {}, { applies: ({ role }) => role === 'cache' }),
    events: clause(async () => {}, { needs: 'events' }),
    logs: clause(async () => {}, { needs: 'logs' }),
    taps: clause(async () => {}, { needs: 'taps' }),
    setting: clause(async () => {}, { needs: 'mounted' }),
    hidden: {
      level: 'SHOULD',
      cites: 'the test',
      says: 'It is hidden.',
      untestable: 'nobody can see it',
    } satisfies Clause,
  }
  const verdicts = await judgeAll([suite(clauses)], { hops: [app] }, never)
  expect(verdicts.map(({ outcome, because }) => [outcome, because])).toEqual([
    ['inapplicable', undefined],
    ['inapplicable', "needs the probe's event log (--events FILE)"],
    ['inapplicable', "needs the server's own log (--log FILE)"],
    ['inapplicable', expect.stringMatching(/^needs taps between the tiers/)],
    ['inapplicable', 'needs the server once more with the setting mounted (--also mounted=URL)'],
    ['inapplicable', 'not testable: nobody can see it'],
  ])
})

test('an experiment may look at the server with one thing set otherwise, if there is one', async () => {
  await using app = await hop()
  await using other = await hop()
  const asks = clause(
    async (experiment) => {
      const there = await experiment.redeployed('mounted')
      proven(await ask(there, {}))
      throw new Deviation(`asked at port ${there.hop.url.port}`)
    },
    { needs: 'mounted' },
  )
  const at = async (redeployed: Target['redeployed']) =>
    judge('tiny/asks', asks, app, { hops: [app], redeployed: redeployed! }, never)
  const found = await at(async () => ({ hops: [other] }))
  expect(found).toMatchObject({ outcome: 'fail', because: `asked at port ${other.url.port}` })
  expect(found.evidence).toEqual([
    { sent: expect.any(String), received: expect.any(String), to: 'app server, brought up with the setting mounted' },
  ])
  expect(await at(async () => undefined)).toMatchObject({
    outcome: 'inapplicable',
    because: 'no app server with the setting mounted is to be had',
  })
  // A server that does not come up so is what the experiment may want to know.
  const refused = await at(() => Promise.reject(new Error('it ended at start')))
  expect(refused).toMatchObject({ outcome: 'error', because: 'it ended at start' })
})

test('evidence of a broken rule is kept at every hop, with what the probe logged; that of kept rules nowhere', async () => {
  await using app = await hop('app')
  await using proxy = await hop('proxy')
  const event: Event = { nonce: 'n', event: 'close', at: 1, pid: 1, thread: 2, index: 3 }
  const outside = clause(async (experiment) => {
    proven(await ask(experiment, {}))
    await experiment.events('n')
    demand(experiment.hop.role === 'app', 'broken further out')
  })
  const target: Target = { hops: [proxy, app], events: async () => [event] }
  const told: Verdict[] = []
  const verdicts = await judgeAll([suite({ kept: passing, outside })], target, never, {
    onVerdict: (verdict) => told.push(verdict),
  })
  expect(verdicts.map(({ clause, role, evidence, events }) => [clause, role, evidence?.length, events])).toEqual([
    ['tiny/kept', 'app', undefined, undefined],
    ['tiny/outside', 'app', 1, ['n close index=3']],
    ['tiny/kept', 'proxy', undefined, undefined],
    ['tiny/outside', 'proxy', 1, ['n close index=3']],
  ])
  expect(told.every(({ evidence }) => evidence?.length === 1)).toBe(true)
})

test('without proof that the probe answers, every clause is an error and none is tried', async () => {
  await using stranger = await hop('app', false)
  const check = vi.fn(async () => {})
  const [verdict] = await judgeAll([suite({ any: clause(check) })], { hops: [stranger] }, never)
  expect(verdict).toMatchObject({
    outcome: 'error',
    because: expect.stringMatching(/^no proof that the probe answered at http/),
  })
  expect(check).not.toHaveBeenCalled()
  const down: Hop = { role: 'app', server: 'gone', url: new URL('http://127.0.0.1:1/') }
  const [gone] = await judgeAll([suite({ any: clause(check) })], { hops: [down] }, never)
  expect(gone).toMatchObject({ outcome: 'error', because: expect.stringContaining('ECONNREFUSED') })
})

test('an event log that shows nothing of the probe is the wrong one', async () => {
  await using app = await hop()
  const target: Target = { hops: [app], events: async () => [] }
  const [verdict] = await judgeAll([suite({ any: passing })], target, never)
  expect(verdict).toMatchObject({ outcome: 'error', because: expect.stringContaining('event log shows nothing') })
}, 10_000)

test('events are waited for until there are enough', async () => {
  await using app = await hop()
  let reads = 0
  const seen: Event = { nonce: 'n', event: 'close', at: 1, pid: 1 }
  const events: Target['events'] = async () => ((reads += 1) > 2 ? [seen] : [])
  const waits = clause(async (experiment) => {
    expect(await experiment.events('n')).toEqual([])
    expect(await experiment.events('n', (all) => all.length > 0)).toEqual([seen])
  })
  expect((await judge('tiny/waits', waits, app, { hops: [app], events }, never)).outcome).toBe('pass')
})

test('hops are judged from the application outwards, each verdict told as it is reached', async () => {
  await using app = await hop('app')
  await using proxy = await hop('proxy')
  const told: string[] = []
  const verdicts = await judgeAll([suite({ good: passing })], { hops: [proxy, app] }, never, {
    onVerdict: (verdict) => told.push(verdict.server),
  })
  expect(verdicts.map(({ server }) => server)).toEqual(['app server', 'proxy server'])
  expect(told).toEqual(['app server', 'proxy server'])
})

test('no two requests share a nonce', async () => {
  const nonces = new Set<string>()
  const collects = clause(async (experiment) => {
    for (let i = 0; i < 100; i += 1) nonces.add(experiment.nonce())
  })
  await outcomes({ one: collects, two: collects })
  expect(nonces.size).toBe(200)
})
