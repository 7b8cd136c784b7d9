import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createRawServer } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Verdict } from '../reports/run.ts'
import { judgeAll } from '../suites/judging/judge.ts'
import { startedIntermediary } from '../suites/mutants/intermediary/index.ts'
import { strict } from '../suites/mutants/intermediary/strict/index.ts'
import { SETTINGS } from '../topologies/index.ts'
import type { Runtime } from '../topologies/runtimes/index.ts'
import { suites, topologies } from './catalogue.ts'
import { chosenTopologies } from './options.ts'
import { nativeRuntime } from './runtime.ts'
import { endedLab } from './started-lab.ts'

type Told = Pick<Verdict, 'clause' | 'level' | 'outcome' | 'because'>

let runtime: Runtime
beforeAll(async () => void (runtime = await nativeRuntime(await topologies())), 400_000)
afterAll(() => runtime[Symbol.asyncDispose]())

let folder: string
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'lab-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** `npm run lab -- conform WORDS --json`. */
async function conform(...words: readonly string[]) {
  const ended = await endedLab(['conform', ...words, '--json'], { INIT_CWD: folder })
  return { ...ended, verdicts: JSON.parse(ended.stdout) as readonly Told[] }
}

describe('a gateway that somebody else runs', () => {
  const limit = 240_000
  test('gets the verdicts that it gets inside the lab, given what the lab has of it', { timeout: limit }, async () => {
    const [topology] = await chosenTopologies(['app-server'], ['app=waitress'])
    await using deployment = await runtime.up(topology!, { application: 'probe', workers: 2, threads: 4 })
    const inside = await judgeAll(await suites(), deployment.target, AbortSignal.timeout(limit / 2))
    await using others = new AsyncDisposableStack()
    const events = [join(deployment.services[0]!.directory, 'events.jsonl')]
    const also: string[] = []
    for (const setting of SETTINGS) {
      const other = others.use(await runtime.up(topology!, { application: 'probe', workers: 1, threads: 4, setting }))
      also.push('--also', `${setting}=${other.target.hops[0].url.href}`)
      events.push(join(other.services[0]!.directory, 'events.jsonl'))
    }
    const url = deployment.target.hops[0].url.href
    const log = join(deployment.services[0]!.directory, 'stderr.log')
    const { verdicts } = await conform('--url', url, '--events', ...events, '--log', log, ...also)
    // Of its own servers the lab knows which serve files; of another it finds out that it has none.
    const came = ({ outcome, because }: Told): string =>
      because?.startsWith('no server serves') ? 'inapplicable' : outcome
    const outcomes = (all: readonly Told[]) => Object.fromEntries(all.map((told) => [told.clause, came(told)]))
    expect(outcomes(verdicts)).toEqual(outcomes(inside))
  })

  test('without its event log and its logs the clauses that need them say so, and all others are judged', async () => {
    const [topology] = await chosenTopologies(['app-server'], ['app=waitress'])
    await using deployment = await runtime.up(topology!, { application: 'probe', workers: 2, threads: 4 })
    const { verdicts, code } = await conform(
      '--url',
      deployment.target.hops[0].url.href,
      '--suite',
      'pep3333-call',
      'pep3333-iteration',
      'pep3333-errors',
    )
    expect(code).toBe(0)
    const because = (id: string) => verdicts.find(({ clause }) => clause.endsWith(`/${id}`))
    expect(because('iter.close-normal')).toMatchObject({
      outcome: 'inapplicable',
      because: "needs the probe's event log (--events FILE)",
    })
    expect(because('error.trap-and-log')).toMatchObject({
      outcome: 'inapplicable',
      because: expect.stringContaining('--log'),
    })
    expect(because('call.any-callable')).toMatchObject({
      outcome: 'inapplicable',
      because: expect.stringContaining('--also'),
    })
    expect(because('environ.builtin-dict')?.outcome).toBe('pass')
    expect(verdicts.filter(({ outcome }) => outcome === 'error')).toEqual([])
  })
})

test('something else than the probe gives no verdict, but exit code 3 and what to mount', async () => {
  const other = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  const { code, verdicts, stderr } = await conform('--url', `http://127.0.0.1:${port}/`)
  other.close()
  expect(verdicts.some(({ outcome }) => outcome === 'pass' || outcome === 'fail')).toBe(false)
  expect(stderr).toContain('apps/probe.py')
  expect(code).toBe(3)
})

test('a hostile response neither hangs nor crashes it', async () => {
  const endless = createRawServer((socket) => {
    socket.on('error', () => {})
    const pour = () => {
      while (socket.writable && socket.write(`X-${'<script>'.repeat(4000)}: \x00\xff\r\n`));
      socket.once('drain', pour)
    }
    socket.write('HTTP/1.1 200 <b>OK</b>\r\n')
    pour()
  }).listen(0, '127.0.0.1')
  await once(endless, 'listening')
  const { port } = endless.address() as { port: number }
  const { code } = await conform('--url', `http://127.0.0.1:${port}/`)
  expect(code).toBe(3)
  endless.close()
})

describe('a proxy that somebody else runs, which passes requests to the lab', () => {
  const [host, port] = ['127.0.0.31', 19_731]
  const origin = `${host}:${port}`

  test('gets the verdicts of an intermediary alone: a strict one breaks nothing', { timeout: 120_000 }, async () => {
    await using proxy = await startedIntermediary({ host, behind: { host, port }, conduct: strict })
    const words = ['--url', proxy.url.href, '--role', 'proxy', '--origin', origin]
    const { verdicts, code } = await conform(...words, '--suite', 'rfc9110-hop-by-hop', 'rfc9112-upstream')
    expect(code).toBe(0)
    const outcomes = Map.groupBy(verdicts, ({ outcome }) => outcome)
    expect(outcomes.get('fail') ?? []).toEqual([])
    expect(outcomes.get('error') ?? []).toEqual([])
    expect(outcomes.get('pass')!.length).toBeGreaterThan(15)
  })

  test('and is told what to do when it passes them elsewhere', async () => {
    await using proxy = await startedIntermediary({ host, behind: { host, port: port + 1 }, conduct: strict })
    const words = ['conform', '--url', proxy.url.href, '--role', 'proxy', '--origin', origin, '--clause', 'via.added']
    const { code, stderr } = await endedLab(words, { INIT_CWD: folder })
    expect(code).toBe(3)
    expect(stderr).toContain(`Let what answers there pass requests to ${origin}.`)
  })

  test('an origin means nothing to what calls an application', async () => {
    const { code, stderr } = await endedLab(['conform', '--url', `http://${host}:1/`, '--origin', origin])
    expect(code).toBe(2)
    expect(stderr).toContain('--role proxy')
  })
})
