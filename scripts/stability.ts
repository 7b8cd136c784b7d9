import type { Verdict } from '../reports/run.ts'
import { judgeAll } from '../suites/judging/judge.ts'
import { filling, type Chain } from '../topologies/index.ts'
import { intermediaries, upAlone } from './alone.ts'
import { suites } from './catalogue.ts'
import { interruption } from './interrupt.ts'
import { chosenTopologies } from './options.ts'
import { nativeRuntime } from './runtime.ts'
import { wordedTopologies } from './worded-topologies.ts'

/**
 * Proves that verdicts repeat: every topology, and everything that stands in front of an application alone, is brought up
 * and judged ten times (or as often as --runs says), and every clause must have the same outcome each time. A clause that
 * has not is a bug of the lab. Topologies and servers can be named, or all servers that call applications:
 * `npm run stability -- --runs 3 app-server app=waitress`, `npm run stability -- servers`.
 */

const signal = interruption()
const words = process.argv.slice(2)
const at = words.indexOf('--runs')
const runs = at === -1 ? 10 : Number(words.splice(at, 2)[1])
if (!Number.isInteger(runs) || runs < 2) throw new Error('--runs must be a whole number of at least 2')
const fillings =
  words.join() === 'servers'
    ? await chosenTopologies(['app-server', 'daemon-host'], ['all'])
    : await wordedTopologies(words)
const all = await suites()
const how = { application: 'probe', workers: 2, threads: 4, signal }
await using runtime = await nativeRuntime(fillings)
let unstable = 0
for (const topology of fillings)
  await repeat(topology, async () => {
    await using deployment = await runtime.up(topology, { ...how, tapped: true })
    return await judgeAll(all, deployment.target, signal)
  })
for (const tier of intermediaries(fillings))
  await repeat({ name: 'alone', tiers: [tier] }, async () => {
    await using up = await upAlone(runtime, tier, how)
    return await judgeAll(all, up!.target, signal)
  })
process.exit(unstable === 0 ? 0 : 1)

async function repeat(chain: Chain, judged: () => Promise<readonly Verdict[]>): Promise<void> {
  // What each clause came to at each hop, run by run.
  const outcomes = new Map<string, string[]>()
  for (let run = 1; run <= runs; run++)
    for (const { clause, role, outcome, because } of await judged()) {
      const key = `${clause} at ${role}`
      // An observation is a verdict by what was seen.
      const came = outcome === 'observed' || outcome === 'error' ? `${outcome}: ${because}` : outcome
      outcomes.set(key, [...(outcomes.get(key) ?? []), came])
    }
  const differing = [...outcomes].filter(([, came]) => new Set(came).size > 1 || came.length !== runs)
  const errors = [...outcomes].filter(([, came]) => came.some((each) => each.startsWith('error')))
  unstable += differing.length
  console.log(
    `${filling(chain)}: ${outcomes.size - differing.length} of ${outcomes.size} verdicts the same in ${runs} runs, ${errors.length} of them errors`,
  )
  for (const [key, came] of new Map([...differing, ...errors])) {
    const counts = [...Map.groupBy(came, (each) => each)].map(([one, of]) => `${of.length} x ${one}`)
    console.log(`  ${key}: ${counts.join('; ')}`)
  }
}
