import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Verdict } from '../reports/run.ts'
import type { Runtime } from '../topologies/runtimes/index.ts'
import { suites } from './catalogue.ts'
import { chooseClauses } from './choices.ts'
import { chosenTopologies } from './options.ts'
import { remediesAlone, remediesInChain } from './remedies.ts'
import { nativeRuntime } from './runtime.ts'
import { lineTrials, verdictsAlone, verdictsInChain, type Bench } from './trials.ts'

/** Lines of configuration are tried on real servers: a report names one only when the rule was kept with it. */

const [threeTier] = await chosenTopologies(['three-tier'], [])
const [varnish, nginx, gunicorn] = threeTier!.tiers
let runtime: Runtime
beforeAll(async () => void (runtime = await nativeRuntime([threeTier!])), 400_000)
afterAll(() => runtime[Symbol.asyncDispose]())

async function bench(...clauses: readonly string[]): Promise<Bench> {
  const signal = AbortSignal.timeout(100_000)
  const options = { application: 'probe', workers: 2, threads: 4, signal }
  return { runtime, suites: chooseClauses(await suites(), clauses), options }
}
const outcomes = (verdicts: readonly Verdict[]): readonly string[] =>
  verdicts.map(({ clause, outcome, because }) => [clause, outcome, ...(because ? [because] : [])].join(' '))

test.each([
  { tier: nginx!, text: 'proxy_read_timeout 1s;', shows: /^upstream-failures\/upstream.frozen pass/ },
  {
    tier: varnish!,
    text: 'sub vcl_backend_fetch { set bereq.first_byte_timeout = 1s; set bereq.between_bytes_timeout = 1s; }',
    shows: /^upstream-failures\/upstream.frozen observed .*503/,
  },
])(
  '$tier.server.title waits for a silent origin no longer than it is told to: $text',
  async ({ tier, text, shows }) => {
    const { lines } = lineTrials(tier).find((trial) => trial.text === text)!
    const own = await bench('upstream.frozen')
    expect(outcomes(await verdictsAlone(tier, {}, own))).toEqual([expect.stringMatching(/no answer within/)])
    expect(outcomes(await verdictsAlone(tier, lines, own))).toEqual([expect.stringMatching(shows)])
  },
)

test('a rule that the application’s server breaks is kept with the line that its report names', async () => {
  const own = await bench('file-wrapper.position')
  const before = await verdictsInChain(threeTier!, gunicorn!, {}, own)
  expect(before).toMatchObject([{ outcome: 'fail', server: 'gunicorn' }])
  expect(await remediesInChain(threeTier!, before, own)).toMatchObject([
    { server: 'gunicorn', line: '--no-sendfile', mends: ['pep3333-file-wrapper/file-wrapper.position'] },
  ])
})

test('a rule that an intermediary breaks alone is kept with its line, and one without a line has none', async () => {
  const own = await bench('rfc9110-hop-by-hop/via.added', 'hop.known-removed')
  const before = await verdictsAlone(nginx!, {}, own)
  expect(outcomes(before).map((text) => text.split(' ')[1])).toEqual(['fail', 'fail'])
  const remedies = await remediesAlone(nginx!, before, own)
  expect(remedies.map(({ server, mends }) => ({ server, mends }))).toEqual([
    { server: 'nginx', mends: ['rfc9110-hop-by-hop/via.added'] },
  ])
})

test('a line that the server refuses is told with the end of its log, and nothing is left running', async () => {
  await expect(verdictsAlone(nginx!, { proxy: ['no_such_directive on;'] }, await bench('via.added'))).rejects.toThrow(
    /nginx[^]*unknown directive "no_such_directive"/,
  )
})
