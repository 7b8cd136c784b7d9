import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { effectsOf } from '../../reports/gate.ts'
import type { Duet, GatedMetric } from '../../reports/run.ts'
import { canPin } from '../../suites/measuring/generator-process.ts'
import type { Runtime } from '../../topologies/runtimes/index.ts'
import { chosenTopologies } from '../options.ts'
import { placement } from '../host.ts'
import { nativeRuntime } from '../runtime.ts'
import { performDuet, type DuetOptions } from './duet.ts'
import type { Side } from './side.ts'

let runtime: Runtime
beforeAll(async () => void (runtime = await nativeRuntime(await chosenTopologies(['app-server'], []))), 240_000)
afterAll(() => runtime?.[Symbol.asyncDispose]())

async function side(regression = '', server = 'app=gunicorn/gthread'): Promise<Side> {
  const [topology] = await chosenTopologies(['app-server'], [server])
  const environment = regression === '' ? {} : { LAB_REGRESSION: regression }
  return { topology: topology!, application: 'regressed', environment, lines: {}, says: {} }
}

async function compared(base: Side, head: Side, options: Partial<DuetOptions> = {}): Promise<Duet> {
  const how: DuetOptions = {
    ...{ base, head, path: '/time', workers: 1, threads: 4, placement: await placement(), rounds: 4 },
    seconds: { offered: 0.6, saturated: 0.5 },
    tolerances: { cpu: 0.05, throughput: 0.1, p50: 0.2, memory: 0.05 },
    ...{ seed: 1, signal: new AbortController().signal, ...options },
  }
  return performDuet(runtime, how, async () => {})
}

const verdictsOf = (duet: Duet): Partial<Record<GatedMetric, string>> =>
  Object.fromEntries(effectsOf(duet).map(({ metric, verdict }) => [metric, verdict]))

describe.runIf(availableParallelism() > 1)('two variants side by side', { timeout: 120_000 }, () => {
  test('who sleeps a little longer is found by latency, not by CPU time or memory', { retry: 2 }, async () => {
    const duet = await compared(await side(), await side('sleep=0.002'))
    expect(verdictsOf(duet)).toMatchObject({ p50: 'breach', memory: 'pass' })
    const p50 = effectsOf(duet).find(({ metric }) => metric === 'p50')!
    expect(p50.change).toBeGreaterThan(1)
    // The suspicion of the first batch was confirmed by a second one.
    expect(duet.rounds.map(({ batch }) => batch)).toEqual([1, 1, 1, 1, 2, 2, 2, 2])
  })

  test('who keeps something of each request is found by memory', { retry: 2 }, async () => {
    expect(verdictsOf(await compared(await side(), await side('leak=4096')))).toMatchObject({ memory: 'breach' })
  })

  test('both are asked equally often in each round, and which of them comes first alternates', async () => {
    const { rounds, saturated } = await compared(await side(), await side(), { rounds: 3, rate: 200 })
    for (const { base, head } of rounds) expect(Math.abs(base.requests - head.requests)).toBeLessThanOrEqual(1)
    expect(rounds.slice(0, 3).map(({ first }) => first)).toEqual(['base', 'head', 'base'])
    expect(saturated).toBe('together')
  })

  test('servers of which one has more processes are saturated in turn, because together it would get more of the CPU', async () => {
    const duet = await compared(await side(), await side('', 'app=waitress'), { rounds: 3 })
    expect(duet.saturated).toBe('in-turn')
    expect([duet.base, duet.head].map(({ tiers }) => tiers[0]!.server)).toEqual(['gunicorn', 'waitress'])
    for (const { base, head } of duet.rounds) expect(Math.min(base.throughput, head.throughput)).toBeGreaterThan(0)
  })

  test('who answers wrongly is not compared', async () => {
    const comparing = compared(await side(), await side(), { path: '/nowhere', rounds: 3 })
    await expect(comparing).rejects.toThrow(/The base answered \d+ of \d+ requests for \/nowhere wrongly: status 404/)
  })

  test('a base that does not start is named', async () => {
    const broken = { ...(await side()), lines: { app: ['--no-such-option'] } }
    await expect(compared(broken, await side())).rejects.toThrow(/^The base does not start: Gunicorn .*no-such-option/s)
  })

  for (const cpu of ['services', 'generator'] as const) {
    test.runIf(canPin())(`a hog on the CPU of the ${cpu} makes no breach of nothing`, async () => {
      const where = await placement()
      const hog = spawn('taskset', ['-c', String(where[cpu][0]), process.execPath, '-e', 'for (;;);'], {
        stdio: 'ignore',
      })
      onTestFinished(() => void hog.kill('SIGKILL'))
      const duet = await compared(await side(), await side(), {
        tolerances: { cpu: 0.02, throughput: 0.05, p50: 0.05, memory: 0.05 },
      })
      expect(Object.values(verdictsOf(duet))).not.toContain('breach')
      expect(Math.max(...duet.rounds.map(({ foreignCpu }) => foreignCpu ?? 1))).toBeGreaterThan(0.2)
    })
  }
})
