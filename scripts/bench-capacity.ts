import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { capacities, type Highest } from '../reports/capacity.ts'
import { Run, type Result } from '../reports/run.ts'
import { EXIT, LabError } from '../topologies/runtimes/lab-error.ts'
import { chosenApplication } from './application/chosen.ts'
import { scratch } from '../topologies/runtimes/scratch.ts'
import { interruption } from './interrupt.ts'
import { chosenTopologies } from './options.ts'
import { folderOf, userPath } from './save.ts'
import { soughtOf } from './searching/options.ts'
import { performCapacity } from './searching/perform.ts'

/**
 * How far searches for the capacity of the same topology agree, as they are found and brought to the machine's average speed.
 *
 *   npm run bench:capacity                                  four searches of app-server and reverse-proxy each, about 8 minutes
 *   npm run bench:capacity -- --topology three-tier --searches 6
 *   npm run bench:capacity -- RUN.json ...                  of runs that are there already, all their searches together
 */

const { values: words, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    topology: { type: 'string', default: 'app-server,reverse-proxy' },
    searches: { type: 'string', default: '4' },
    path: { type: 'string', default: '/time' },
  },
})
/** The most by which the highest of a topology's rates may exceed the lowest. */
const AGREEMENT = 1.15
const OBJECTIVE = { limits: [{ percentile: 'p99' as const, milliseconds: 200 }], errors: 0.001 }

async function measured(): Promise<Run> {
  using room = scratch()
  const application = { static: [], path: [words.path], pythonPath: [], env: [] }
  const options = {
    topologies: await chosenTopologies(words.topology.split(','), []),
    runtime: { runtimes: ['native'] as const, toolchain: 'private' as const, docker: { base: '' } },
    ...{ workers: 2, threads: 4, cpus: 1, repeats: Number(words.searches), json: false },
    seed: Math.floor(Math.random() * 2 ** 31),
  }
  const request = {
    sought: soughtOf(OBJECTIVE),
    application: chosenApplication(application, room, () => {}),
    words: ['bench:capacity'],
    folderFor: (run: Run) => folderOf(run),
  }
  const { run, failures } = await performCapacity(options, request, interruption())
  if (failures.length > 0) throw failures[0]
  return run
}

/** Runs as one, with all searches of a topology together. */
function merged([first, ...others]: readonly [Run, ...Run[]]): Run {
  const results = [first, ...others].flatMap((run) => run.results)
  const together = [...Map.groupBy(results, ({ topology }) => topology).values()].map((own): Result => ({
    ...own[0]!,
    searches: own.flatMap(({ searches = [] }) => searches).map((search, index) => ({ ...search, repeat: index + 1 })),
  }))
  return { ...first, results: together }
}

const apart = (rates: readonly number[]): number => Math.max(...rates) / Math.min(...rates)
const listed = (rates: readonly number[]): string => rates.map((rate) => rate.toFixed(0)).join(', ')
const line = (name: string, highest: Highest): string =>
  highest.kind === 'found'
    ? `  ${name}: as found ${listed(highest.asFound)} (${apart(highest.asFound).toFixed(2)}x apart); at average speed ${listed(highest.atAverage)} (${apart(highest.atAverage).toFixed(3)}x)`
    : `  ${name}: ${highest.kind}`

try {
  const read = async (file: string): Promise<Run> => Run.parse(JSON.parse(await readFile(userPath(file), 'utf8')))
  const [first, ...others] = files.length > 0 ? await Promise.all(files.map(read)) : [await measured()]
  const all = capacities(merged([first!, ...others]))
  for (const { name, max, limits, edge, steps, disturbed } of all) {
    console.log(`${name}: ${steps} steps, ${disturbed} of them disturbed; CPU in use ${edge?.utilization.toFixed(2)}`)
    console.log(line('objective', max))
    for (const { milliseconds, highest } of limits) console.log(line(`p99 <= ${milliseconds} ms`, highest))
  }
  const agree = all.every(({ max }) => max.kind === 'found' && apart(max.atAverage) <= AGREEMENT)
  console.log(agree ? `All agree within ${AGREEMENT}x.` : `Not all agree within ${AGREEMENT}x.`)
  process.exit(agree ? EXIT.ok : EXIT.breach)
} catch (error) {
  if (!(error instanceof LabError)) throw error
  console.error(error.message)
  process.exit(error.exitCode)
}
