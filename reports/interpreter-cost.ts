import { figureOf, multipleOf, repeated, type Figure, type Multiple, type Repeated } from './figures.ts'
import { sum } from './measures.ts'
import type { Measurement, Run, Study } from './run.ts'

/** What a request costs the interpreter and the proxy in front of it. */
export interface Cost extends Repeated {
  readonly workload: string
  readonly servers: readonly string[]
  /** CPU microseconds per request. */
  readonly app: Figure
  /** CPU microseconds per request. */
  readonly proxy: Figure
  /** Interpreter over proxy in the same measurement; undefined where one of them cost nothing. */
  readonly ratio: Multiple | undefined
}

/** What each workload costs, in the order of the study; those without readings of both tiers are left out. */
export function interpreterCosts({ rows }: Study, run: Pick<Run, 'seed'>): readonly Cost[] {
  return rows
    .filter(({ part }) => part === 'cost')
    .flatMap(({ workload, servers, measurements }) => {
      const what = repeated(measurements)
      const read = what.seen.filter(({ usage }) => usage.length > 1)
      if (read.length === 0) return []
      const pairs = read.map((each) => [app(each), proxy(each)] as const)
      return [
        {
          ...what,
          workload,
          servers,
          app: figureOf(read, app, run)!,
          proxy: figureOf(read, proxy, run)!,
          ratio: multipleOf(pairs, run),
        },
      ]
    })
}

const app = ({ usage }: Measurement): number =>
  sum(usage.filter(({ role }) => role === 'app').map((tier) => tier.cpuMicrosecondsPerRequest))

const proxy = ({ usage }: Measurement): number =>
  sum(usage.filter(({ role }) => role !== 'app').map((tier) => tier.cpuMicrosecondsPerRequest))
