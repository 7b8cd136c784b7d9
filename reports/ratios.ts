import type { Answer, Ranked, Ranking } from './answer.ts'
import { cpu, p50, p99, throughput, type Measure } from './measures.ts'
import { compare, type Comparison } from './statistics.ts'
import type { Run } from './run.ts'
import { noteText } from './words/wording.ts'

/** How one result compares with the reference by one measure, or why it does not. */
type Compared = { readonly measure: Measure } & (
  | { readonly comparison: Comparison }
  | { readonly because: string; readonly comparison?: never }
)

/** How all results of a workload compare with one of them, repeat by repeat. */
export interface Ratios {
  /** The best by throughput; the first that is valid where no best is known. */
  readonly reference: string
  readonly rows: readonly { readonly name: string; readonly cells: readonly Compared[] }[]
}

/** What results are compared by beside the ranking: memory hardly changes from one repeat to the next. */
export const comparedBy: readonly Measure[] = [throughput, cpu, p50, p99]

/** Paired ratios of a workload's results; undefined where nothing is valid, or nothing else was measured. */
export function ratiosOf(run: Run, { rankings, throughput: decisive }: Answer): Ratios | undefined {
  const { leaders, complete, standings } = decisive
  const valid = standings.filter((standing) => standing.kind === 'ranked')
  const reference = complete ? leaders[0] : valid[0]
  const others = standings.filter(({ name }) => name !== reference?.name)
  if (reference === undefined || others.every(({ kind }) => kind === 'missing')) return undefined
  const shown = rankings.filter(({ measure }) => comparedBy.includes(measure))
  const rows = others.map(({ name }) => ({
    name,
    cells: shown.map((ranking) => compared(run, ranking, name, reference.name)),
  }))
  return { reference: reference.name, rows }
}

function compared(run: Run, { measure, standings }: Ranking, name: string, reference: string): Compared {
  const found: Ranked[] = []
  for (const each of [name, reference]) {
    const standing = standings.find((other) => other.name === each)!
    const of = each === name ? '' : `${each}: `
    if (standing.kind === 'missing') return { measure, because: `${of}${standing.because}` }
    if (standing.kind === 'unranked') return { measure, because: `${of}${noteText(standing)}` }
    found.push(standing)
  }
  const [own, other] = found as [Ranked, Ranked]
  return { measure, comparison: compare(own.values, other.values, run.seed) }
}
