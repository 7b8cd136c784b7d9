import { describe, expect, test } from 'vitest'
import { fixture } from './fixture/whole.ts'
import { isolated, type Changes } from './fixture/isolated.ts'
import { partialRuns } from './fixture/partial.ts'
import { isolation, isSameVersion, type Isolated } from './isolation.ts'
import type { Measurement, Outcome, Verdict } from './run.ts'
import { renderTerminal } from './terminal.ts'
import { besideRatioText, isolationPremise, markText, pairsText, pairText, ratioText } from './words/isolation.ts'

const only = (topology: string, changes?: Changes): Isolated => isolation(isolated([topology], changes))!.pairs[0]!

/** In containers a clause comes out otherwise at these servers. */
const otherwise =
  (id: string, outcome: Outcome, ...servers: readonly string[]): NonNullable<Changes['verdict']> =>
  (verdict): Verdict =>
    verdict.clause.endsWith(id) && servers.includes(verdict.server)
      ? { ...verdict, outcome, because: 'seen in a container' }
      : verdict

/** A measurement of the dynamic workload that others disturbed in these repeats. */
const disturbed =
  (...repeats: readonly number[]): NonNullable<Changes['measurement']> =>
  (one): Measurement =>
    one.workload === 'time' && repeats.includes(one.repeat)
      ? { ...one, validity: { valid: false, reasons: ['disturbed'], because: ['Others used the CPUs meanwhile.'] } }
      : one

describe('a run of one runtime', () => {
  test('has nothing to compare and says nothing of it', () => {
    const run = fixture()
    const docker = { ...run, results: run.results.map((result) => ({ ...result, runtime: 'docker' })) }
    expect(isolation(run)).toBeUndefined()
    expect(isolation(docker)).toBeUndefined()
    expect(renderTerminal(run, { colour: false })).not.toContain('containers')
  })
})

describe('verdicts, native against containers', () => {
  test('agree when every clause comes out alike at every hop; an experiment that broke on both is no agreement', () => {
    const pair = only('three-tier')
    expect(pair).toMatchObject({ differences: [], agreeing: 44, undecided: 1, oneSided: 0 })
    expect(pairText(pair)).toContain('All 44 verdicts agree; 1 could be decided on neither.')
    expect(pairText(pair)).toContain('The tiers’ versions agree, so its ratios are the cost of isolation.')
  })

  test('that differ may come from another version, at the hop or further in', () => {
    const verdict = otherwise('head.no-body', 'fail', 'nginx', 'varnish')
    const pair = only('three-tier', { versions: { nginx: '1.29.1-1' }, verdict })
    expect(pair.differences.map(({ release, mark }) => [release.server, mark])).toEqual([
      ['nginx', 'versions differ'],
      ['varnish', 'versions differ'],
    ])
    const [atNginx, atVarnish] = pair.differences
    expect(atNginx).toMatchObject({ native: { outcome: 'pass' }, docker: { outcome: 'fail' } })
    expect(atVarnish!.release.same).toBe(true)
    expect(markText(atVarnish!)).toBe('versions differ: nginx 1.26.3-3 native, 1.29.1-1 in docker')
    expect(pair.agreeing).toBe(42)
    expect(pairText(pair)).toContain('42 of 44 verdicts agree, others differ: 2 where versions differ;')
    expect(pairText(pair)).toContain('so its ratios are the cost of isolation and of other versions together.')
  })

  test('that differ with the same versions are unexplained; servers further out cannot explain them either', () => {
    const pair = only('three-tier', {
      versions: { nginx: '1.29.1-1' },
      verdict: otherwise('environ.other-cgi', 'fail', 'gunicorn'),
    })
    expect(pair.differences.map(({ release, mark }) => [release.server, mark])).toEqual([['gunicorn', 'same versions']])
    expect(markText(pair.differences[0]!)).toBe('same versions: unexplained, so isolation itself, or chance')
  })

  test('whose experiment broke on one side are listed, and held against nobody', () => {
    const pair = only('app-server', { verdict: otherwise('environ.other-cgi', 'error', 'gunicorn') })
    expect(markText(pair.differences[0]!)).toContain('an experiment broke, which is held against nobody')
  })

  test('of clauses without a right answer differ when something else was seen', () => {
    const pair = only('app-server', { verdict: otherwise('duplicate-fields', 'observed', 'gunicorn') })
    expect(pair.differences).toMatchObject([
      { native: { outcome: 'observed', because: 'a,b' }, docker: { because: 'seen in a container' } },
    ])
  })

  test('that only one runtime came to are counted apart', () => {
    const pair = only('app-server', { result: (result) => ({ ...result, verdicts: result.verdicts.slice(0, 4) }) })
    expect(pair).toMatchObject({ agreeing: 4, oneSided: 11 })
    expect(pairText(pair)).toContain('11 exist on one of them only')
  })

  test('a package that was only built again is the same version', () => {
    expect(isSameVersion('7.7.0-3', '7.7.0-3+b2')).toBe(true)
    expect(isSameVersion('7.7.0-3+b1', '7.7.0-3+b2')).toBe(true)
    expect(isSameVersion('1.26.3-3', '1.26.3-3+deb13u1')).toBe(false)
    expect(isSameVersion('', '')).toBe(false)
  })
})

describe('the cost of isolation', () => {
  const time = (pair: Isolated) => pair.workloads.find(({ workload }) => workload.name === 'time')!
  const cpuOf = (pair: Isolated) => time(pair).costs.find(({ measure }) => measure.name === 'cpu')!

  test('is a ratio of pairs of the same repeat, told from 1 when its interval lies on one side of it', () => {
    const pair = only('app-server')
    expect(time(pair)).toMatchObject({ repeats: 5, pairs: 5, because: [] })
    const { ratio } = cpuOf(pair)
    expect(ratio).toMatchObject({ told: true, kind: 'student' })
    expect([ratio!.low, ratio!.ratio, ratio!.high].map((each) => each.toFixed(2))).toEqual(['1.08', '1.10', '1.12'])
    expect(besideRatioText(cpuOf(pair), time(pair))).toBe('1.08 – 1.12×')
  })

  test('is not told from 1 when it is small, or when its spread holds 1', () => {
    const usage = (factor: (repeat: number) => number): Changes => ({
      measurement: (one) => ({
        ...one,
        usage: one.usage.map((tier) => ({
          ...tier,
          cpuMicrosecondsPerRequest:
            (tier.cpuMicrosecondsPerRequest / (1.1 + (one.repeat - 3) * 0.005)) * factor(one.repeat),
        })),
      }),
    })
    const small = only(
      'app-server',
      usage(() => 1.03),
    )
    const unsteady = only(
      'app-server',
      usage((repeat) => (repeat === 1 ? 0.98 : 1.2)),
    )
    for (const pair of [small, unsteady]) {
      expect(cpuOf(pair).ratio!.told).toBe(false)
      expect(besideRatioText(cpuOf(pair), time(pair))).toContain('not told from 1')
    }
  })

  test('needs three repeats that are valid on both sides: with fewer there is a reason, no number', () => {
    const pair = only('app-server', { measurement: disturbed(2, 3, 4) })
    expect(time(pair).pairs).toBe(2)
    expect(cpuOf(pair).ratio).toBeUndefined()
    expect(ratioText(cpuOf(pair))).toBe('not compared')
    expect(pairsText(time(pair))).toBe('2 of 5: docker: Others used the CPUs meanwhile')
    const unmeasured = only('app-server', { result: (result) => ({ ...result, measurements: [] }) })
    expect(pairsText(time(unmeasured))).toBe('0 of 5: docker: not measured')
  })

  test('knows a repeat that was measured again after others disturbed it', () => {
    const pair = only('app-server', {
      result: (result) => ({
        ...result,
        measurements: result.measurements.flatMap((one) => [disturbed(1, 2, 3, 4, 5)(one), one]),
      }),
    })
    expect(time(pair)).toMatchObject({ repeats: 5, pairs: 5, because: [] })
  })

  test('is unknown for memory that was not read, whatever the kernel charges', () => {
    const pair = only('app-server', {
      measurement: (one) => ({
        ...one,
        usage: one.usage.map((tier) => ({ ...tier, pssBytes: null, cgroupBytes: 90e6 })),
      }),
    })
    const memory = time(pair).costs.find(({ measure }) => measure.name === 'memory')!
    expect([ratioText(memory), besideRatioText(memory, time(pair))]).toEqual(['not compared', 'not known on both'])
  })

  test('to come up is a ratio start by start, with its interval; a single start gives none', () => {
    expect(pairText(only('app-server'))).toContain(
      'Bring-up: docker 1.20 s (one start), native 0.60 s (one start), not told apart.',
    )
    expect(pairText(only('three-tier'))).toMatch(
      /Bring-up 2\.00× \(2\.00 – 2\.00×\): docker 1\.62 s \(3 starts, 1\.53 – 1\.72 s\), native 0\.81 s \(3 starts, 0\.76 – 0\.86 s\)\./,
    )
    expect(only('three-tier').bringUp).toMatchObject({ told: true, starts: [3, 3] })
  })
})

describe('what has no counterpart', () => {
  test('did not come up in containers', () => {
    const { pairs } = isolation(partialRuns()['containers that failed']!)!
    expect(pairs.map(pairText)).toEqual(Array(2).fill('It did not come up on docker: nothing to compare.'))
    expect(pairs.flatMap(({ workloads }) => workloads)).toEqual([])
  })

  test('has other servers or is another topology', () => {
    const other: Changes['result'] = (result) => ({
      ...result,
      tiers: result.tiers.map((tier) => ({ ...tier, variant: 'another' })),
    })
    const found = isolation(isolated(['app-server'], { result: other }))!
    expect(found.pairs).toEqual([])
    expect(isolationPremise(found)).toEqual([
      'Nothing can be compared. Without a counterpart that has the same servers: app-server (gunicorn/gthread, native) and app-server (gunicorn/another, docker).',
    ])
  })
})

describe('in words', () => {
  const found = isolation(isolated(['app-server', 'three-tier'], { versions: { nginx: '1.29.1-1' } }))!
  const premise = isolationPremise(found).join(' ')

  test('how often chance alone looks like a cost is said, and what else isolation holds', () => {
    expect(premise).toContain('one that is 1 in truth looks so in about 1 of 100 cases')
    expect(premise).toContain('In containers the servers have a private network')
    expect(premise).toContain('Python and the operating system come with the servers’ origin and may differ')
  })

  test('a terminal gets two sentences', () => {
    const run = isolated(['app-server', 'three-tier'], { versions: { nginx: '1.29.1-1' } })
    const text = renderTerminal(run, { colour: false }).replace(/\n {2}/g, ' ')
    expect(text).toContain('Native against containers, 2 topologies: all 59 verdicts agree')
    expect(text).toContain('of other versions where these differ): throughput 0.91× in 10 of 10 comparisons;')
  })
})
