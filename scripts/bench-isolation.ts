import { isolation } from '../reports/isolation.ts'
import { renderTerminal } from '../reports/terminal.ts'
import { besideRatioText, pairText, ratioText } from '../reports/words/isolation.ts'
import { ownBase } from '../topologies/runtimes/base.ts'
import { reporters } from './catalogue.ts'
import { interruption } from './interrupt.ts'
import { runOptions } from './options.ts'
import { performRun } from './run.ts'
import { folderOf, report } from './save.ts'

/**
 * What containers cost: every topology native and in containers of the machine's own release, so that both have the
 * same versions, in one run with the repeats interleaved. Ratios are docker over native, of pairs made one after the
 * other; they hold for this machine, its kernel and its engine, for host networking and for an application that does
 * almost nothing.
 */

const signal = interruption()
const options = await runOptions({
  topology: process.argv.slice(2),
  server: [],
  suite: [],
  clause: [],
  workload: [],
  profile: 'standard',
  runtime: ['native', 'docker'],
  toolchain: 'private',
  base: ownBase(),
  generator: 'autocannon',
  workers: 2,
  threads: 4,
  cpus: 1,
  seconds: 2,
  conformance: false,
  load: true,
  json: false,
})
// Frameworks are no question of isolation.
const workloads = options.workloads.filter(({ content }) => content !== 'framework')
const { run, failures } = await performRun(
  { ...options, workloads },
  ['bench:isolation'],
  (made) => folderOf(made),
  signal,
)
if (run.results.length === 0) throw failures[0]
await report(run, folderOf(run), await reporters())
console.log(renderTerminal(run, { colour: false }))
for (const pair of isolation(run)?.pairs ?? []) {
  console.log(`${pair.name}: ${pairText(pair)}`)
  for (const each of pair.workloads) {
    const figures = each.costs.map((cost) => {
      const beside = besideRatioText(cost, each)
      return `${cost.measure.title} ${ratioText(cost)}${beside === '' ? '' : ` (${beside})`}`
    })
    console.log(`  ${each.workload.name}, ${each.pairs} of ${each.repeats} pairs: ${figures.join('; ')}`)
  }
}
console.log(`Report: ${folderOf(run)}/report.html`)
process.exit(failures.length > 0 ? 3 : 0)
