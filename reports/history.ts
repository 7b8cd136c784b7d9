import { z } from 'zod'
import { figureOf, repeated, type Figure } from './figures.ts'
import { machineOf } from './fingerprint.ts'
import { effectsOf, verdictOf } from './gate.ts'
import { cpu, p50, repeatsOf, throughput } from './measures.ts'
import { resultNames } from './names.ts'
import {
  gatedMetrics,
  type Duet,
  type GateChange,
  type GatedMetric,
  type GateSide,
  type Result,
  type Run,
} from './run.ts'
import { median, spread } from './statistics.ts'

const Middle = z.object({ middle: z.number(), low: z.number().nullable(), high: z.number().nullable() })
/** A median with its 95 % interval, in the unit that a `Run` has it in; ends are null where there is none. */
export type Middle = z.infer<typeof Middle>

const GatedEntry = z.object({
  topology: z.string(),
  /** The head's servers with their versions: `nginx/http11 1.26.3-3`. */
  servers: z.array(z.string()),
  application: z.string(),
  base: z.string(),
  path: z.string(),
  rate: z.number(),
  metrics: z.partialRecord(
    z.enum(gatedMetrics),
    z.object({
      /** A fraction, and the ends of its 99 % interval. */
      change: z.number(),
      low: z.number().nullable(),
      high: z.number().nullable(),
      smallestDetectable: z.number().nullable(),
      tolerance: z.number(),
      verdict: z.enum(['pass', 'breach', 'inconclusive']),
      base: Middle,
      head: Middle,
    }),
  ),
})
/** What a gate measured. */
export type GatedEntry = z.infer<typeof GatedEntry>

const MeasuredEntry = z.object({
  /** The result's name in its run, and its servers with their versions. */
  result: z.string(),
  servers: z.array(z.string()),
  workload: z.string(),
  metrics: z.object({ throughput: Middle.optional(), p50: Middle.optional(), cpu: Middle.optional() }),
})

/** One line of a history. Unknown members are left alone, so that a later lab may add some. */
export const HistoryEntry = z.object({
  schema: z.literal('lab.history/1'),
  id: z.string(),
  startedAt: z.iso.datetime(),
  /** The lab's own commit. */
  commit: z.string().nullable(),
  machine: z.object({ fingerprint: z.string(), says: z.string() }),
  workers: z.int(),
  threads: z.int(),
  /** CPUs of the services. */
  cpus: z.int(),
  verdict: z.enum(['pass', 'breach', 'inconclusive']).optional(),
  gated: GatedEntry.optional(),
  conformance: z
    .object({ compared: z.int(), breach: z.int(), undecided: z.int(), known: z.int(), tightened: z.int() })
    .optional(),
  /** Valid measurements of a run that is no gate. */
  measured: z.array(MeasuredEntry),
})
/** What is remembered of a run. */
export type HistoryEntry = z.infer<typeof HistoryEntry>

/** What a history keeps of a run. */
export function entryOf(run: Run): HistoryEntry {
  const { gate } = run
  const changes = gate?.conformance?.changes ?? []
  const count = (kind: GateChange['kind']): number => changes.filter((change) => change.kind === kind).length
  return {
    schema: 'lab.history/1',
    id: run.id,
    startedAt: run.startedAt,
    commit: run.commit,
    machine: machineOf(run.host),
    workers: run.workersPerServer,
    threads: run.threadsPerWorker,
    cpus: run.placement.services.length,
    ...(gate === undefined ? {} : { verdict: verdictOf(gate) }),
    ...(gate?.duet === undefined ? {} : { gated: gatedEntry(gate.duet) }),
    ...(gate?.conformance === undefined
      ? {}
      : {
          conformance: {
            compared: gate.conformance.compared,
            breach: count('breach'),
            undecided: count('undecided'),
            known: count('known'),
            tightened: count('tightened'),
          },
        }),
    measured: gate === undefined ? measuredEntries(run) : [],
  }
}

function gatedEntry(duet: Duet): GatedEntry {
  const metrics = effectsOf(duet).flatMap((effect) => {
    const { metric, change, interval, smallestDetectable, tolerance, verdict, rounds } = effect
    // What no round has cannot be a point of a line.
    if (rounds === 0) return []
    const { low, high } = interval ?? { low: null, high: null }
    const sides = { base: middleOf(duet, 'base', metric), head: middleOf(duet, 'head', metric) }
    const found = { change, low, high, smallestDetectable: smallestDetectable ?? null, tolerance, verdict, ...sides }
    return [[metric, found] as const]
  })
  return {
    topology: duet.topology,
    servers: serversOf(duet.head),
    application: duet.head.application ?? 'the lab’s own application',
    base: sideName(duet.base),
    path: duet.path,
    rate: duet.rate,
    metrics: Object.fromEntries(metrics),
  }
}

/** What tells a base from others: its application, the ref it was taken from. */
const sideName = ({ application = 'the lab’s own application', ref }: GateSide): string =>
  ref === undefined ? application : `${application} at ${ref.name} (${ref.commit.slice(0, 12)})`

const serversOf = ({ tiers }: Pick<Result, 'tiers'>): string[] =>
  tiers.map(({ server, variant, version }) => `${server}/${variant} ${version}`)

function middleOf({ rounds }: Duet, side: 'base' | 'head', metric: GatedMetric): Middle {
  const values = rounds.map((round) => round[side][metric]).filter((value) => value !== null)
  const { low, high } = spread(values) ?? { low: null, high: null }
  return { middle: median(values), low, high }
}

function measuredEntries(run: Run): HistoryEntry['measured'] {
  return [...resultNames(run)].flatMap(([result, name]) =>
    run.workloads.flatMap(({ name: workload }) => {
      const { seen, counts } = repeated(repeatsOf(result, workload))
      if (!counts || seen.length === 0) return []
      const middle = (figure: Figure | undefined): Middle | undefined =>
        figure && { middle: figure.middle, low: figure.interval?.low ?? null, high: figure.interval?.high ?? null }
      const known = Object.entries({
        // Without the interval of a single window: it holds nothing of what changes from one run to the next.
        throughput: middle(figureOf(seen, throughput.of, run)),
        p50: middle(figureOf(seen, p50.of, run)),
        cpu: middle(figureOf(seen, cpu.of, run)),
      }).filter(([, each]) => each !== undefined)
      return [{ result: name, servers: serversOf(result), workload, metrics: Object.fromEntries(known) }]
    }),
  )
}

/** A history as it was read: entries in the order of time, and a sentence for each line that was left out. */
export interface History {
  readonly entries: readonly HistoryEntry[]
  readonly leftOut: readonly string[]
}

/**
 * A history's text, a JSON object in each line. A line that was torn when a lab was killed is left out with a sentence, never
 * guessed at. Of entries with one id the last counts.
 */
export function parseHistory(text: string): History {
  const lines = text.split('\n')
  const entries = new Map<string, HistoryEntry>()
  const leftOut: string[] = []
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const found = entryIn(line)
    if (typeof found === 'string')
      leftOut.push(`Line ${index + 1} ${index === lines.length - 1 ? '(the last) ' : ''}was left out: ${found}`)
    else entries.set(found.id, found)
  }
  return {
    entries: [...entries.values()].sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt)),
    leftOut,
  }
}

function entryIn(line: string): HistoryEntry | string {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return 'it is no whole entry, as when a lab is killed while it writes.'
  }
  const found = HistoryEntry.safeParse(json)
  if (found.success) return found.data
  const schema = (json as { schema?: unknown } | null)?.schema
  return typeof schema === 'string' && schema !== 'lab.history/1'
    ? `it has the schema ${schema.slice(0, 40)}, and this lab reads lab.history/1.`
    : `it is no entry of a history (${found.error.issues[0]?.path.join('.') || 'not an object'}).`
}
