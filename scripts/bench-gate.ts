import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus as cpuModels } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { effectsOf, verdictOf } from '../reports/gate.ts'
import type { Duet, GatedMetric } from '../reports/run.ts'
import { ROOT, topologies } from './catalogue.ts'
import { lineOf, table, type GateOutcome, type Scenario } from './evidence.ts'
import { performDuet } from './gating/duet.ts'
import type { Side } from './gating/side.ts'
import { DEFAULT_TOLERANCES } from './gating/tolerances.ts'
import { placement } from './host.ts'
import { interruption } from './interrupt.ts'
import { nativeRuntime } from './runtime.ts'

/**
 * How often the gate cries wolf and how often it misses something: gates of two identical variants, and gates of which one
 * variant has a known regression, each in full, with fresh servers.
 *
 *   npm run bench:gate                                     10 gates of each scenario, about 50 minutes
 *   npm run bench:gate -- --scenario none --gates 100      one scenario
 *   npm run bench:gate -- --even                           two identical variants whose requests are sent evenly
 *
 * `--loops N` says how many turns of an empty loop are a percent, as an earlier one has found.
 *
 * Rounds are shorter and fewer than by default, so that a gate takes half a minute at most: how often identical variants are
 * told apart does not depend on that (the interval is as much wider as it has to be), and what is found in short rounds is found
 * in long ones. Each gate is noted in `reports/runs/bench-gate.jsonl`; the table is of all that are noted there, and `--write`
 * puts it into `scripts/bench-gate.json`.
 */

const { values: words } = parseArgs({
  options: {
    scenario: { type: 'string' },
    gates: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '0.8' },
    loops: { type: 'string' },
    even: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})
const NOTES = join(ROOT, 'reports', 'runs', 'bench-gate.jsonl')
const signal = interruption()
const [topology] = (await topologies()).filter(({ name }) => name === 'app-server')
await using runtime = await nativeRuntime([topology!])
const settings = { rounds: Number(words.rounds), offered: Number(words.seconds), saturated: Number(words.seconds) / 2 }
const where = await placement()

const sideOf = (regression: string): Side => {
  const environment = regression === '' ? {} : { LAB_REGRESSION: regression }
  return {
    topology: topology!,
    application: 'regressed',
    environment,
    lines: {},
    says: { application: `regressed.py, ${regression || 'nothing planted'}` },
  }
}

async function gate(regression: string, tolerances: Duet['tolerances'], seed: number, rate?: number): Promise<Duet> {
  const { rounds, offered, saturated } = settings
  return performDuet(
    runtime,
    {
      ...{ base: sideOf(''), head: sideOf(regression), path: '/time', workers: 1, threads: 4 },
      ...{ placement: where, rounds, seconds: { offered, saturated }, tolerances, seed, even: words.even, signal },
      ...(rate === undefined ? {} : { rate }),
    },
    async () => {},
  )
}

/** How many turns of an empty loop are 1 % of the CPU time of a request: by a large regression, whose relative error is small. */
async function loopsPerPercent(): Promise<number> {
  const loops = 8000
  // At the rate of the scenarios: a request costs less the more there are.
  const { rate } = await gate('', {}, 1)
  const duet = await gate(`cpu=${loops}`, { cpu: 0.001 }, 1, rate)
  const [effect] = effectsOf(duet)
  console.log(
    `${loops} turns of an empty loop take ${(100 * effect!.change).toFixed(1)} % of a request's CPU time: --loops ${(loops / (100 * effect!.change)).toFixed(1)}`,
  )
  return loops / (100 * effect!.change)
}

const asked = words.even ? ['none'] : words.scenario?.split(',')
const needsLoops = asked === undefined || asked.some((name) => name.startsWith('cpu'))
const percent = words.loops !== undefined ? Number(words.loops) : needsLoops ? await loopsPerPercent() : 0
const scenarios: readonly Scenario[] = [
  { name: 'none', says: 'identical', regression: '', metrics: [] },
  ...[2, 5, 10].map((change) => ({
    name: `cpu${change}`,
    says: `+${change} % CPU per request`,
    regression: `cpu=${Math.round(change * percent)}`,
    metrics: ['cpu'] as GatedMetric[],
  })),
  { name: 'lock', says: 'a lock held for 1 ms', regression: 'lock=0.001', metrics: ['throughput', 'p50'] },
  { name: 'sleep', says: 'a sleep of 0.1 ms', regression: 'sleep=0.0001', metrics: ['p50'] },
  { name: 'leak', says: '2 KiB kept per request', regression: 'leak=2048', metrics: ['memory'] },
]
await mkdir(join(ROOT, 'reports', 'runs'), { recursive: true })
for (let index = 0; index < Number(words.gates); index++) {
  for (const scenario of scenarios.filter(({ name }) => asked?.includes(name) ?? true)) {
    const began = performance.now()
    const duet = await gate(scenario.regression, DEFAULT_TOLERANCES, index * 1000 + scenario.name.length)
    const foreign = duet.rounds.flatMap(({ foreignCpu }) => foreignCpu ?? [])
    const outcome: GateOutcome = {
      scenario: words.even ? 'even' : scenario.name,
      says: words.even ? 'identical, sent evenly' : scenario.says,
      expected: scenario.metrics,
      settings,
      verdict: verdictOf({ duet }),
      seconds: (performance.now() - began) / 1e3,
      foreignCpu: foreign.reduce((sum, each) => sum + each, 0) / Math.max(1, foreign.length),
      rounds: duet.rounds,
      effects: effectsOf(duet).map(({ metric, change, smallestDetectable, verdict, why, rounds }) => {
        return { metric, change, smallestDetectable: smallestDetectable ?? null, verdict, why: why ?? null, rounds }
      }),
    }
    await appendFile(NOTES, `${JSON.stringify(outcome)}\n`)
    const open = outcome.effects.filter(({ verdict }) => verdict !== 'pass')
    console.log(
      `${index + 1} ${outcome.scenario}: ${outcome.verdict} in ${outcome.seconds.toFixed(0)} s; cpu ${(100 * outcome.effects[0]!.change).toFixed(2)} %${open.map(({ metric, verdict, change, why }) => `; ${metric} ${verdict} ${(100 * change).toFixed(1)} % ${why ?? ''}`).join('')}`,
    )
  }
}
const noted = (await readFile(NOTES, 'utf8'))
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line) as GateOutcome)
const summary = table(noted)
console.log(summary.map(lineOf).join('\n'))
if (words.write) {
  const machine = `${availableParallelism()} x ${cpuModels()[0]?.model.trim()}`
  const file = {
    measuredAt: new Date().toISOString().slice(0, 10),
    machine,
    rows: summary,
  }
  await writeFile(join(ROOT, 'scripts', 'bench-gate.json'), `${JSON.stringify(file, null, 2)}\n`)
}
process.exit(0)
