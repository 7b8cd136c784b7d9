import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GateConformance, Run } from '../../reports/run.ts'
import { verdictOf } from '../../reports/gate.ts'
import { Deviation, type Suite } from '../../suites/conformance/index.ts'
import type { Topology } from '../../topologies/index.ts'
import type { Runtime, UpOptions } from '../../topologies/runtimes/index.ts'
import { EXIT, LabError } from '../../topologies/runtimes/lab-error.ts'
import nginx from '../../topologies/servers/nginx.ts'
import { suites } from '../catalogue.ts'
import { chooseClauses } from '../choices.ts'
import { begin, type GrowingRun } from '../growing-run.ts'
import { placement } from '../host.ts'
import { chosenTopologies, runtimeChoice } from '../options.ts'
import { nativeRuntime } from '../runtime.ts'
import { readBaseline, writeBaseline } from './baseline-file.ts'
import { gateConformance, judgeForGate } from './conformance.ts'

/** A few rules, among them one that nginx breaks by itself, and one that only an intermediary alone is held to. */
const CLAUSES = [
  'pep3333-environ/environ.http-present',
  'pep3333-environ/environ.http-absent',
  'pep3333-headers/headers.repeats-kept',
  'rfc9110-connections/via.added',
  'rfc9110-hop-by-hop/via.added',
  'rfc9110-forwarding/unknown-fields.forwarded',
]

/** Of these lines of nginx one breaks two of the rules, the other keeps the one that is broken without it. */
const BREAKING = 'proxy_pass_request_headers off;'
const MENDING = nginx.lines.find(({ about }) => about.some((id) => id === 'via.added'))!.text

let folder: string
let topologies: readonly Topology[]
let chosen: readonly Suite[]
let runtime: Runtime
let baseline: Run

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gate-'))
  topologies = await chosenTopologies(['reverse-proxy'], [])
  chosen = chooseClauses(await suites(), CLAUSES)
  runtime = await nativeRuntime(topologies)
  const run = await begun()
  await judgeForGate(run, runtime, topologies, await how())
  run.finishedAt = new Date().toISOString()
  baseline = await readBaseline(await writeBaseline(join(folder, 'baseline.json'), run))
})
afterAll(async () => {
  await runtime[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const words = { runtime: ['native'], toolchain: 'private', base: '' } as const
const begun = async (): Promise<GrowingRun> =>
  begin(
    {
      ...{ seed: 1, workers: 2, threads: 4, workloads: [], runtime: runtimeChoice(words) },
      ...{ profileName: 'gate', profile: { repeats: 0, seconds: 1 } },
    },
    ['gate'],
    await placement(),
    undefined,
  )
const how = async (lines: NonNullable<UpOptions['lines']> = {}) => ({
  ...{ suites: chosen, lines, workers: 2, threads: 4 },
  ...{ placement: await placement(), signal: new AbortController().signal, say: () => {} },
})
const gated = async (lines: NonNullable<UpOptions['lines']> = {}, held = baseline): Promise<GateConformance> =>
  gateConformance(await begun(), runtime, topologies, await how(lines), held)

test('the same servers judged again come to the same: known deviations, and nothing else to say', async () => {
  const { changes, compared, notes } = await gated()
  expect(changes.map(({ kind, clause, server }) => `${kind} ${clause} ${server}`)).toEqual([
    'known rfc9110-connections/via.added nginx',
    'known rfc9110-hop-by-hop/via.added nginx',
  ])
  expect(compared).toBeGreaterThan(changes.length)
  expect(notes).toEqual([])
})

test('one line of nginx that breaks rules: the clause, the hop and the line are named, in the chain and alone', async () => {
  const found = await gated({ proxy: [BREAKING] })
  const breaches = found.changes.filter(({ kind }) => kind === 'breach')
  expect(breaches.map(({ clause, result, role, server, lines }) => [clause, result, role, server, lines])).toEqual([
    ['pep3333-environ/environ.http-present', 'reverse-proxy', 'proxy', 'nginx', [`+ ${BREAKING}`]],
    ['rfc9110-forwarding/unknown-fields.forwarded', 'nginx/http11 alone', 'proxy', 'nginx', [`+ ${BREAKING}`]],
  ])
  expect(verdictOf({ conformance: found })).toBe('breach')
  expect(found.notes[0]).toMatch(/^2 verdicts .* reached once more with servers started anew: 2 the same, 0 not\.$/)
})

test('one line of nginx that mends a rule: the baseline can be tightened, and nothing fails', async () => {
  const found = await gated({ proxy: [MENDING] })
  const told = found.changes.map(({ kind, clause, lines }) => [kind, clause, lines])
  expect(told).toEqual([
    ['tightened', 'rfc9110-connections/via.added', [`+ ${MENDING}`]],
    ['tightened', 'rfc9110-hop-by-hop/via.added', [`+ ${MENDING}`]],
  ])
  expect(verdictOf({ conformance: found })).toBe('pass')
})

test('a line that is taken away again is named with a minus', async () => {
  const run = await begun()
  await judgeForGate(run, runtime, topologies, await how({ proxy: [MENDING] }))
  const found = await gated({}, { ...run, finishedAt: run.startedAt })
  expect(found.changes.map(({ kind, clause, lines }) => [kind, clause, lines])).toEqual([
    ['breach', 'rfc9110-connections/via.added', [`- ${MENDING}`]],
    ['breach', 'rfc9110-hop-by-hop/via.added', [`- ${MENDING}`]],
  ])
})

test('a failure that does not repeat fails nothing: the gate leaves it open and says so', async () => {
  let deployments = 0
  const anew: Runtime = { ...runtime, up: (...all) => (deployments++, runtime.up(...all)) }
  // Broken as long as the first servers are up, whoever asks how often.
  const flaky: Suite = {
    name: 'flaky',
    title: 'Flaky',
    clauses: {
      'once.broken': {
        ...{ level: 'MUST', cites: 'nowhere', says: 'It MUST.', experiment: 'Fails with the first servers.' },
        check: async () => {
          if (deployments === 1) throw new Deviation('expected anything, saw something else')
        },
      },
    },
  }
  const kept = await begun()
  const options = { ...(await how()), suites: [flaky] }
  deployments = 1
  await judgeForGate(kept, anew, topologies, options)
  deployments = 0
  const run = await begun()
  const found = await gateConformance(run, anew, topologies, options, { ...kept, finishedAt: kept.startedAt })
  expect(deployments).toBe(2)
  expect(found.changes.map(({ kind, is, server }) => [kind, is, server])).toEqual([
    ['undecided', 'error', 'gunicorn'],
    ['undecided', 'error', 'nginx'],
  ])
  expect(found.changes[0]!.because).toMatch(
    /^not repeatable: fail \(expected anything, saw something else\), then with servers started anew pass/,
  )
  expect(verdictOf({ conformance: found })).toBe('inconclusive')
})

describe('a baseline that nothing can be compared with is refused before a server starts', () => {
  const never: Runtime = {
    ...{ name: 'native', title: '' },
    up: () => Promise.reject(new Error('started')),
    python: () => Promise.reject(new Error('started')),
    pip: () => Promise.reject(new Error('started')),
    alone: () => Promise.reject(new Error('started')),
    [Symbol.asyncDispose]: async () => {},
  }
  const refused = async (names: readonly string[], servers: readonly string[], ids: readonly string[]) =>
    gateConformance(
      await begun(),
      never,
      await chosenTopologies(names, servers),
      { ...(await how()), suites: chooseClauses(await suites(), ids) },
      baseline,
    ).catch((error: unknown) => error as LabError)

  test.each([
    [
      ['three-tier'],
      [],
      CLAUSES,
      /^The baseline has no verdicts of three-tier: cache=varnish, proxy=nginx, app=gunicorn\./,
    ],
    [['reverse-proxy'], ['app=waitress'], CLAUSES, /It has those of reverse-proxy: proxy=nginx, app=gunicorn: choose/],
    [['reverse-proxy'], [], ['date.origin'], /^The baseline has judged none of the clauses that were asked for\./],
  ])('%j with %j', async (names, servers, ids, message) => {
    const error = await refused(names, servers, ids)
    expect(error).toBeInstanceOf(LabError)
    expect((error as LabError).message).toMatch(message)
    expect((error as LabError).exitCode).toBe(EXIT.usage)
  })
})

test('clauses of the baseline that were not asked for are counted, those the lab no longer has are told', async () => {
  const gone = { ...baseline.results[0]!.verdicts[0]!, clause: 'old-suite/gone' }
  const [first] = baseline.results
  const held: Run = { ...baseline, results: [{ ...first!, verdicts: [...first!.verdicts, gone] }] }
  const few = chooseClauses(await suites(), CLAUSES.slice(0, 1))
  const { changes, notes } = await gateConformance(
    await begun(),
    runtime,
    topologies,
    { ...(await how()), suites: few },
    held,
  )
  expect(changes.map(({ kind, clause }) => `${kind} ${clause}`)).toEqual(['removed old-suite/gone'])
  expect(notes).toContain('5 clauses of the baseline were not asked for and not judged.')
})

test('servers that do not start are the environment’s error, and the result says why', async () => {
  const run = await begun()
  const error = await gateConformance(
    run,
    runtime,
    topologies,
    await how({ proxy: ['no_such_directive on;'] }),
    baseline,
  )
    .then(() => undefined)
    .catch((caught: unknown) => caught as LabError)
  expect(error).toBeInstanceOf(LabError)
  expect(error!.exitCode).toBe(EXIT.environment)
  expect(error!.message).toContain('unknown directive "no_such_directive"')
  // Whichever failed first, the other was taken down before.
  for (const { problems } of [run.results[0]!, run.alone[0]!]) expect(problems.join()).toContain('no_such_directive')
})

test('a baseline that has decided nothing of what is judged is no reason to pass', async () => {
  const [first] = baseline.results
  const undecided = first!.verdicts.map((verdict) => ({ ...verdict, outcome: 'error' as const }))
  const held: Run = { ...baseline, alone: [], results: [{ ...first!, verdicts: undecided }] }
  await expect(gated({}, held)).rejects.toThrow(/^Nothing could be compared/)
})
