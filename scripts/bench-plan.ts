import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus as cpuModels } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { planOf } from '../reports/planning/plan.ts'
import type { Run } from '../reports/run.ts'
import { DEFAULT_BASE } from '../topologies/runtimes/base.ts'
import { LAB_APPLICATION } from './application/chosen.ts'
import { ROOT } from './catalogue.ts'
import { parseRun } from './commands/report.ts'
import { interruption } from './interrupt.ts'
import { chosenTopologies } from './options.ts'
import { accuracyText, missedBy, predictionsOf, type Prediction } from './planning/accuracy.ts'
import { performPlan } from './planning/perform.ts'
import { userPath } from './save.ts'

/**
 * How near the models of a plan come to what is measured: for each default topology and three applications (one that answers at
 * once, one that computes, one that waits), throughput and median latency at numbers of connections that they were not fitted on.
 *
 *   npm run bench:plan                                   all of it, a quarter of an hour
 *   npm run bench:plan -- --topology app-server --path /wait --rounds 4
 *   npm run bench:plan -- --from RUN.json                compares once more what was measured (repeatable)
 *
 * Each run is kept in `reports/runs/bench-plan/`, and `--write` puts the table into `scripts/bench-plan.json`. It ends with exit
 * code 1 where a model misses the goals.
 */

const { values: words } = parseArgs({
  options: {
    topology: { type: 'string', multiple: true, default: [] },
    path: { type: 'string', multiple: true, default: ['/time', '/cpu', '/wait'] },
    rounds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', multiple: true },
    write: { type: 'boolean', default: false },
  },
})
const signal = interruption()

async function measured(path: string): Promise<Run> {
  const folder = join(ROOT, 'reports', 'runs', 'bench-plan', path.slice(1))
  await mkdir(folder, { recursive: true })
  const { run, failures } = await performPlan(
    {
      topologies: await chosenTopologies(words.topology, []),
      runtime: { runtimes: ['native'], toolchain: 'private', docker: { base: DEFAULT_BASE } },
      ...{ workers: 2, threads: 4, cpus: undefined, seconds: undefined, json: false },
      rounds: words.rounds === undefined ? undefined : Number(words.rounds),
      seed: Number(words.seed),
    },
    {
      // What it is planned for does not matter to what the model says of closed loops.
      demand: { rps: 100, p99: 1000 },
      application: {
        says: undefined,
        up: { application: LAB_APPLICATION, environment: {} },
        requests: [{ share: 1, path }],
      },
      words: ['plan', '--path', path],
      folderFor: () => folder,
    },
    signal,
  )
  if (failures.length > 0) throw failures[0]
  return run
}

const again = (words.from ?? []).map(async (file) => parseRun(file, await readFile(userPath(file), 'utf8')))
const predictions: Prediction[] = []
const add = (run: Run): void => {
  const path = run.arguments[run.arguments.indexOf('--path') + 1] ?? ''
  predictions.push(...predictionsOf(planOf(run), path))
}
for (const run of await Promise.all(again)) add(run)
if (words.from === undefined) for (const path of words.path) add(await measured(path))

console.log(accuracyText(predictions))
if (words.write) {
  const round = (value: number): number => Number(value.toPrecision(4))
  const file = {
    measuredAt: new Date().toISOString().slice(0, 10),
    machine: `${availableParallelism()} x ${cpuModels()[0]?.model.trim()}`,
    predictions: predictions.map((each) => {
      const { predicted, measured, error } = each
      return { ...each, predicted: round(predicted), measured: round(measured), error: round(error) }
    }),
  }
  await writeFile(join(ROOT, 'scripts', 'bench-plan.json'), `${JSON.stringify(file, null, 2)}\n`)
}
const groups = Map.groupBy(predictions, ({ topology, path }) => `${topology} ${path}`)
process.exit([...groups.values()].some((of) => missedBy(of).length > 0) ? 1 : 0)
