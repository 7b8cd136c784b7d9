import { judgeAll } from '../suites/judging/judge.ts'
import { filling } from '../topologies/index.ts'
import { suites } from './catalogue.ts'
import { interruption } from './interrupt.ts'
import { chosenTopologies } from './options.ts'
import { nativeRuntime } from './runtime.ts'
import { wordedTopologies } from './worded-topologies.ts'

/**
 * Proves that verdicts repeat: every server that calls applications is started and judged ten times (or as often as
 * --runs says), and every clause must have the same outcome each time. A clause that has not is a bug of the lab.
 * Topologies and servers can be named: `npm run stability -- --runs 3 app-server app=waitress`.
 */

const signal = interruption()
const words = process.argv.slice(2)
const at = words.indexOf('--runs')
const runs = at === -1 ? 10 : Number(words.splice(at, 2)[1])
if (!Number.isInteger(runs) || runs < 2) throw new Error('--runs must be a whole number of at least 2')
const fillings =
  words.length > 0 ? await wordedTopologies(words) : await chosenTopologies(['app-server', 'daemon-host'], ['all'])
const all = await suites()
await using runtime = await nativeRuntime(fillings)
let unstable = 0
for (const topology of fillings) {
  // What each clause came to at each hop, run by run.
  const outcomes = new Map<string, string[]>()
  for (let run = 1; run <= runs; run++) {
    await using deployment = await runtime.up(topology, { application: 'probe', workers: 2, threads: 4, signal })
    for (const { clause, role, outcome, because } of await judgeAll(all, deployment.target, signal)) {
      const key = `${clause} at ${role}`
      // An observation is a verdict by what was seen.
      const came = outcome === 'observed' || outcome === 'error' ? `${outcome}: ${because}` : outcome
      outcomes.set(key, [...(outcomes.get(key) ?? []), came])
    }
  }
  const differing = [...outcomes].filter(([, all]) => new Set(all).size > 1 || all.length !== runs)
  const errors = [...outcomes].filter(([, all]) => all.some((each) => each.startsWith('error')))
  unstable += differing.length
  console.log(
    `${filling(topology)}: ${outcomes.size - differing.length} of ${outcomes.size} verdicts the same in ${runs} runs, ${errors.length} of them errors`,
  )
  for (const [key, all] of new Map([...differing, ...errors])) {
    const counts = [...Map.groupBy(all, (each) => each)].map(([came, of]) => `${of.length} x ${came}`)
    console.log(`  ${key}: ${counts.join('; ')}`)
  }
}
process.exit(unstable === 0 ? 0 : 1)
