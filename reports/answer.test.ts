import { describe, expect, test } from 'vitest'
import { answers, reasonsOf } from './answer.ts'
import { chartDefinitions } from './charts/definitions.ts'
import { isolated } from './fixture/isolated.ts'
import { fillings } from './fixture/fillings.ts'
import { partialRuns } from './fixture/partial.ts'
import { fixture } from './fixture/whole.ts'
import { allWorkloads } from './fixture/workloads.ts'
import { frameworkCosts } from './frameworks.ts'
import { contents, type Measurement, type Reason, type Run } from './run.ts'
import { advise, type Advice } from './words/sentences.ts'
import { claims } from './words/claims.ts'
import { cgroupText, frameworkText, standingText } from './words/wording.ts'

type Change = (measurement: Measurement) => Measurement

/** A run of one dynamic workload with the given throughputs, repeat by repeat. */
function runOf(
  throughputs: Readonly<Record<string, readonly number[]>>,
  change: Readonly<Record<string, Change>> = {},
): Run {
  const run = fixture()
  const workloads = run.workloads.filter(({ name }) => name === 'time')
  const results = run.results.slice(0, 4).flatMap((result) => {
    const values = throughputs[result.topology]
    if (values === undefined) return []
    const measurements = values.map((throughput, index) => {
      const base = { ...result.measurements[0]!, repeat: index + 1, throughput }
      return change[result.topology]?.(base) ?? base
    })
    return [{ ...result, measurements }]
  })
  return { ...run, workloads, results }
}

const SAYS: Readonly<Partial<Record<Reason, string>>> = {
  'generator-bound': 'The generator used 99 % of its CPU and was the bottleneck: the throughput is a lower bound only.',
  disturbed: 'Other processes used 0.50 CPUs meanwhile.',
}
const invalid =
  (...reasons: Reason[]): Change =>
  (measurement) => ({
    ...measurement,
    validity: { valid: false, reasons, because: reasons.map((reason) => SAYS[reason] ?? reason) },
  })

const adviceOf = (run: Run): Advice => advise(run, answers(run)[0]!)

describe('which topology to choose', () => {
  test('the one that stands apart from all others, with the ratio’s interval and how often that is chance', () => {
    const advice = adviceOf(
      runOf({ 'app-server': [100, 104, 102], 'daemon-host': [200, 210, 205], 'three-tier': [150, 150, 150] }),
    )
    expect(advice).toMatchObject({ decided: true, choose: 'daemon-host' })
    expect(advice.margin).toBe('1.37× (1.15 – 1.63×) as much as three-tier')
    expect(advice.why).toMatch(/^1\.37× .* as much as three-tier: 205\/s \(190 – 221\/s\) against 150\/s/)
    expect(advice.sure).toContain('fewer than 1 of 100')
  })

  test('is left open between those whose intervals overlap', () => {
    const advice = adviceOf(
      runOf({ 'app-server': [100, 104, 102], 'daemon-host': [200, 240, 205], 'three-tier': [190, 215, 201] }),
    )
    expect(advice).toMatchObject({ decided: false, choose: 'daemon-host or three-tier: not told apart' })
    expect(advice.why).toContain('Behind: app-server')
  })

  test('is left open when a faster one was too fast for the generator', () => {
    const run = runOf(
      { 'app-server': [100, 100, 100], 'daemon-host': [150, 150, 150], 'reverse-proxy': [900, 950, 910] },
      { 'reverse-proxy': invalid('generator-bound') },
    )
    const advice = adviceOf(run)
    expect(advice).toMatchObject({ decided: false, choose: 'Undecided: reverse-proxy outran the generator' })
    expect(advice.why).toContain('reverse-proxy ≥ 833/s')
    expect(advice.limit).toBe('The generator, not the servers')
    expect(advice.also).toBe('')
  })

  test('is left open when one is not valid for another reason, which is no lower bound', () => {
    const run = runOf(
      { 'app-server': [100, 100, 100], 'daemon-host': [50, 50, 50] },
      {
        'daemon-host': invalid('inconsistent', 'generator-bound'),
      },
    )
    const advice = adviceOf(run)
    expect(advice.decided).toBe(false)
    expect(advice.choose).toBe('Undecided: daemon-host could not be ranked')
    expect(advice.why).not.toContain('≥')
  })

  test('needs three valid repeats: two valid ones of three are shown, not ranked', () => {
    const noisy: Change = (measurement) => (measurement.repeat === 2 ? invalid('disturbed')(measurement) : measurement)
    const run = runOf({ 'app-server': [100, 100, 100], 'daemon-host': [300, 20, 300] }, { 'daemon-host': noisy })
    const { standings, leaders, complete } = answers(run)[0]!.throughput
    expect(complete).toBe(false)
    expect(leaders.map(({ name }) => name)).toEqual(['app-server'])
    expect(standings.find(({ name }) => name === 'daemon-host')).toMatchObject({
      kind: 'unranked',
      valid: 2,
      repeats: 3,
      middle: 300,
    })
    expect(adviceOf(run).decided).toBe(false)
  })

  test('one repeat ranks nothing', () => {
    expect(adviceOf(runOf({ 'app-server': [100], 'daemon-host': [300] }))).toMatchObject({
      decided: false,
      choose: 'Undecided: too few repeats',
    })
  })

  test('one topology has nothing to be compared with', () => {
    expect(adviceOf(runOf({ 'app-server': [100, 101, 102] }))).toMatchObject({
      decided: false,
      choose: 'app-server, nothing to compare',
    })
  })

  test('no measurement is no answer', () => {
    expect(adviceOf(runOf({ 'app-server': [] }))).toMatchObject({ decided: false, choose: 'Not measured' })
    expect(adviceOf({ ...runOf({}), results: [] })).toMatchObject({ decided: false, choose: 'Not measured' })
  })

  test('a topology that failed is named as not measured', () => {
    const run = runOf({ 'app-server': [100, 101, 102], 'daemon-host': [200, 201, 202], 'three-tier': [] })
    expect(adviceOf(run).why).toContain('Not measured: three-tier.')
  })
})

describe('what limited it', () => {
  test('the tier with the largest share once the services have used up their CPUs', () => {
    const run = fixture()
    expect(answers(run)[0]!.limits.get('three-tier')).toMatchObject({ kind: 'tier', server: 'gunicorn' })
  })

  test('nothing, so latency, when there was CPU time left', () => {
    const idle: Change = (measurement) => ({
      ...measurement,
      usage: measurement.usage.map((tier) => ({ ...tier, utilization: 0.2 })),
    })
    const run = runOf({ 'app-server': [100, 100, 100] }, { 'app-server': idle })
    expect(answers(run)[0]!.limits.get('app-server')).toMatchObject({ kind: 'latency', total: 0.2 })
    expect(adviceOf(run).limit).toMatch(/^None: latency-bound at 64 connections \(20\u00a0% of CPU used\)/)
  })

  test('the tier that used up its own CPUs, where each has some, however little it took of all', () => {
    const apart: Change = (one) => ({
      ...one,
      usage: one.usage.map((tier) => ({ ...tier, ownCpus: 1, utilization: tier.role === 'proxy' ? 0.97 : 0.4 })),
    })
    const run = runOf({ 'reverse-proxy': [100, 100, 100] }, { 'reverse-proxy': apart })
    expect(answers(run)[0]!.limits.get('reverse-proxy')).toMatchObject({ kind: 'tier', server: 'nginx', ownCpus: 1 })
    expect(adviceOf(run).limit).toBe('CPU: nginx (proxy) used 97\u00a0% of its own CPU')
    const idle: Change = (one) => ({
      ...one,
      usage: one.usage.map((tier) => ({ ...tier, ownCpus: 1, utilization: 0.6 })),
    })
    // Together they used more than one CPU, but none of them all of its own.
    expect(adviceOf(runOf({ 'reverse-proxy': [100, 100, 100] }, { 'reverse-proxy': idle })).limit).toContain(
      'latency-bound',
    )
  })

  test('the tier that could not keep a rate, though nothing of it is valid', () => {
    const answer = answers(allWorkloads()).find(({ workload }) => workload.content === 'streamed')!
    expect(answer.limits.get('three-tier')).toMatchObject({ kind: 'tier', server: 'gunicorn' })
    expect(answer.limits.get('app-server')).toMatchObject({ kind: 'latency', loop: { kind: 'open' } })
  })

  test('the generator when it was the bottleneck of every repeat', () => {
    expect(answers(fixture())[2]!.limits.get('reverse-proxy')).toEqual({ kind: 'generator' })
  })

  test('unknown where nothing was read', () => {
    const run = runOf(
      { 'app-server': [100, 100, 100] },
      { 'app-server': (measurement) => ({ ...measurement, usage: [] }) },
    )
    expect(answers(run)[0]!.limits.get('app-server')).toEqual({ kind: 'unknown' })
  })
})

describe('places', () => {
  test('are shared by those not told apart and skip the shared ones', () => {
    const run = runOf({
      'app-server': [100, 101, 102],
      'daemon-host': [200, 201, 202],
      'reverse-proxy': [199, 203, 204],
      'three-tier': [150, 150, 150],
    })
    const { standings } = answers(run)[0]!.throughput
    const places = Object.fromEntries(
      standings.map((standing) => [standing.name, standing.kind === 'ranked' ? standing.place : undefined]),
    )
    expect(places).toEqual({ 'daemon-host': 1, 'reverse-proxy': 1, 'three-tier': 3, 'app-server': 4 })
  })

  test('lower is better for CPU, latency and memory', () => {
    const { rankings } = answers(fixture())[0]!
    expect(rankings.map(({ measure, leaders }) => [measure.name, leaders.map(({ name }) => name)])).toEqual([
      ['throughput', ['daemon-host']],
      ['cpu', ['daemon-host']],
      ['p50', ['daemon-host']],
      ['p99', ['daemon-host', 'app-server']],
      ['memory', ['app-server']],
    ])
  })
})

describe('the tail of latency', () => {
  const few: Change = (one) => ({ ...one, requests: 400 })
  const p99Of = (run: Run) => answers(run)[0]!.rankings.find(({ measure }) => measure.name === 'p99')!

  test('of fewer than 1,000 requests is shown, and nobody is ranked by it', () => {
    const ranking = p99Of(
      runOf({ 'app-server': [100, 101, 102], 'daemon-host': [200, 201, 202] }, { 'app-server': few }),
    )
    expect(ranking.complete).toBe(false)
    const standing = ranking.standings.find(({ name }) => name === 'app-server')!
    expect(standing).toMatchObject({ kind: 'unranked', because: 'fewer than 1,000 requests in a repeat' })
    expect(standingText(standing, ranking.measure)).toMatch(/ms, too few requests$/)
  })

  test('is not given at all where no request lay beyond it', () => {
    const none: Change = (one) => ({ ...few(one), latency: { ...one.latency!, p99: null, p999: null } })
    const { standings } = p99Of(runOf({ 'app-server': [100, 101, 102] }, { 'app-server': none }))
    expect(standings).toMatchObject([{ kind: 'missing', because: 'too few requests' }])
  })
})

describe('every workload that compares topologies', () => {
  test('is answered, in the order of contents', () => {
    expect(answers(allWorkloads()).map(({ workload }) => workload.content)).toEqual(
      // Frameworks are compared elsewhere, and a user's own application takes the place of all others.
      contents.filter((content) => content !== 'framework' && content !== 'own'),
    )
  })
})

describe('a single repeat', () => {
  const withoutParts: Change = (one) => {
    const { within: _, ...rest } = one
    return rest
  }

  test('has the interval of its window, which is called that, and else none', () => {
    const once = partialRuns()['one repeat']!
    const [standing] = answers(once)[0]!.throughput.standings
    expect(standing).toMatchObject({ kind: 'unranked', interval: { kind: 'window' } })
    expect(claims(once).join(' ')).toContain('Intervals come from parts of the window')
    const blind = runOf({ 'app-server': [100] }, { 'app-server': withoutParts })
    expect(adviceOf({ ...blind, repeats: 1 }).why).toContain('app-server at 100/s (one repeat, no interval)')
    expect(claims({ ...blind, repeats: 1 }).join(' ')).toContain('A single repeat has no interval.')
  })
})

describe('frameworks', () => {
  test('cost what the app tier spends more on the same page', () => {
    const costs = frameworkCosts(fixture())
    const webob = costs.find(({ name, framework }) => name === 'reverse-proxy' && framework === 'WebOb')!
    expect(webob.pairs).toBe(5)
    expect(webob.ratio!.ratio).toBeCloseTo(615 / 421, 1)
    expect(webob.ratio!.low).toBeLessThanOrEqual(webob.ratio!.ratio)
    expect(costs).toHaveLength(8)
  })

  test('are not compared over repeats that are not valid', () => {
    const run = fixture()
    const results = run.results.map((result) => ({
      ...result,
      measurements: result.measurements.map((one) =>
        one.workload === 'framework-webob' && one.repeat <= 3 ? invalid('disturbed')(one) : one,
      ),
    }))
    const [webob] = frameworkCosts({ ...run, results })
    expect(webob).toMatchObject({ framework: 'WebOb', pairs: 2 })
    expect(webob!.ratio).toBeUndefined()
    expect(frameworkText(webob!)).toContain('not compared')
  })
})

describe('with several runtimes', () => {
  const run = isolated(['app-server', 'three-tier'])

  test('each is asked by itself, and only its own results are ranked', () => {
    const found = answers(run)
    expect(found.map(({ workload, runtime }) => [workload.name, runtime])).toEqual([
      ['time', 'native'],
      ['time', 'docker'],
      ['page', 'native'],
      ['page', 'docker'],
      ['static', 'native'],
      ['static', 'docker'],
    ])
    const [native, docker] = found
    expect(native!.throughput.standings.map(({ name }) => name)).toEqual(['app-server (native)', 'three-tier (native)'])
    // A tenth slower than the native one, it is still the best of its own runtime.
    expect(docker!.throughput.leaders.map(({ name, place }) => [name, place])).toEqual([['app-server (docker)', 1]])
    expect(advise(run, docker!)).toMatchObject({ decided: true, choose: 'app-server (docker)' })
    expect(claims(run).join(' ')).toContain('ranked among those on the same runtime (native and docker)')
  })

  test('a topology that has only one is asked once, without naming it', () => {
    expect(answers(fixture()).map(({ runtime }) => runtime)).toEqual([undefined, undefined, undefined])
    expect(claims(fixture()).join(' ')).not.toContain('runtime')
  })

  test('charts show all results of a workload once', () => {
    for (const { rows, panels } of chartDefinitions(run)) {
      expect(rows).toHaveLength(4)
      expect(panels.map(({ workload }) => workload)).toEqual(['time', 'page', 'static'])
    }
  })
})

describe('memory that could not be read', () => {
  const unread: Change = (one) => ({
    ...one,
    usage: one.usage.map((tier) => ({ ...tier, pssBytes: null, cgroupBytes: 64 * 1024 ** 2 })),
  })
  const run = runOf({ 'app-server': [100, 100, 100], 'daemon-host': [200, 200, 200] }, { 'daemon-host': unread })
  const memory = answers(run)[0]!.rankings.find(({ measure }) => measure.name === 'memory')!
  const standing = memory.standings.find(({ name }) => name === 'daemon-host')!

  test('leaves open who needs least: the one left out could', () => {
    expect(standing.kind).toBe('missing')
    expect(memory.complete).toBe(false)
    expect(adviceOf(run).also).not.toContain('Least memory')
  })

  test('is replaced by what the kernel charges, marked as what it is', () => {
    const { measurements } = standing.result
    expect(cgroupText(standing, memory.measure, measurements)).toBe(
      'cgroup charge with page cache, not PSS, not ranked: mod-wsgi 64.0\u00a0MiB',
    )
    const known = memory.standings.find(({ name }) => name === 'app-server')!
    expect(cgroupText(known, memory.measure, known.result.measurements)).toBeUndefined()
  })
})

test('reasons that differ only in their figures are given once', () => {
  const measurements = fixture().results[2]!.measurements.filter(({ workload }) => workload === 'static')
  expect(reasonsOf(measurements)).toEqual([expect.stringContaining('lower bound')])
})

test('a choice among fillings of one topology names the server, and calls them deployments', () => {
  const run = fillings()
  const alone = { ...run, results: run.results.filter(({ topology }) => topology === 'app-server') }
  const { choose, why, sure } = adviceOf(alone)
  expect(choose).toBe('app-server (gunicorn/sync)')
  expect(why).toContain('1.10× (1.10 – 1.10×) as much as app-server (gunicorn/gthread): 2,280/s (2,218 – 2,343/s)')
  expect(sure).toContain('Equal deployments would look so')
})
