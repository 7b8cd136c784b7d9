import { judgeAll } from '../suites/judging/judge.ts'
import type { Verdict } from '../reports/run.ts'
import { intermediaries, upAlone } from './alone.ts'
import { suites } from './catalogue.ts'
import { interruption } from './interrupt.ts'
import { nativeRuntime } from './runtime.ts'
import { wordedTopologies } from './worded-topologies.ts'

/**
 * How long the whole catalogue takes at every hop of every topology, and where the time goes. Wall-clock times of this
 * machine at this moment: they say what to wait for, and which experiments wait longest, not how fast a server is.
 * Topologies and servers can be named: `npm run bench:conformance -- app-server app=waitress`.
 */

const SLOWEST = 15

interface Timed extends Verdict {
  readonly topology: string
  readonly seconds: number
}

const signal = interruption()
const topologies = await wordedTopologies(process.argv.slice(2))
const all = await suites()
const timed: Timed[] = []
await using runtime = await nativeRuntime(topologies)
const began = performance.now()
for (const topology of topologies) {
  const start = performance.now()
  const how = { application: 'probe', workers: 2, threads: 4, signal }
  await using deployment = await runtime.up(topology, { ...how, tapped: true })
  const up = performance.now()
  let before = up
  await judgeAll(all, deployment.target, signal, {
    onVerdict: (verdict) => {
      const now = performance.now()
      timed.push({ ...verdict, topology: topology.name, seconds: (now - before) / 1000 })
      before = now
    },
  })
  const own = timed.filter((each) => each.topology === topology.name && isJudged(each))
  const took = (performance.now() - up) / 1000
  console.log(
    `${topology.name.padEnd(14)} ${own.length} verdicts in ${took.toFixed(1)} s (${(own.length / took).toFixed(1)} a second), up in ${((up - start) / 1000).toFixed(1)} s`,
  )
}
for (const tier of intermediaries(topologies)) {
  await using up = await upAlone(runtime, tier, { application: 'probe', workers: 2, threads: 4, signal })
  const start = performance.now()
  // Several go on at once, so that one verdict's time says nothing.
  const verdicts = await judgeAll(all, up!.target, signal)
  timed.push(...verdicts.map((verdict) => ({ ...verdict, topology: 'alone', seconds: 0 })))
  const took = (performance.now() - start) / 1000
  const own = verdicts.filter(isJudged).length
  console.log(`${`${tier.server.name}/${tier.variant} alone`.padEnd(22)} ${own} verdicts in ${took.toFixed(1)} s`)
}
const wall = (performance.now() - began) / 1000
const judged = timed.filter(isJudged)
console.log(
  `\n${judged.length} verdicts of ${new Set(judged.map(({ clause }) => clause)).size} clauses in ${wall.toFixed(1)} s, servers up and down included: ${(judged.length / wall).toFixed(1)} a second`,
)

console.log('\nWhere the time goes')
show('by hop', timed, ({ topology, role, server }) => `${topology}, ${server} (${role})`)
show('by outcome', timed, ({ outcome }) => outcome)
show('by suite', timed, ({ clause }) => clause.split('/')[0]!)
show(`the ${SLOWEST} slowest clauses, over all hops`, timed, ({ clause }) => clause, SLOWEST)

function isJudged({ outcome }: Verdict): boolean {
  return outcome !== 'inapplicable'
}

/** Seconds by some property of the verdicts, most first. */
function show(title: string, of: readonly Timed[], property: (verdict: Timed) => string, most = Infinity): void {
  const sums = [...Map.groupBy(of, property)].map(
    ([name, each]) => [name, each.length, each.reduce((sum, { seconds }) => sum + seconds, 0)] as const,
  )
  console.log(`  ${title}`)
  for (const [name, count, seconds] of sums.toSorted((a, b) => b[2] - a[2]).slice(0, most))
    console.log(`    ${seconds.toFixed(1).padStart(6)} s  ${String(count).padStart(4)} x  ${name}`)
}
