import { figureOf, repeated, type Figure, type Repeated } from './figures.ts'
import { sum } from './measures.ts'
import type { Run, Study } from './run.ts'

/** How one kind of worker served one kind of clients. */
export interface ClientRow extends Repeated {
  readonly servers: readonly string[]
  readonly workload: string
  readonly workers: number
  readonly threads: number
  /** Right responses per second; undefined where nothing was answered in time. */
  readonly throughput: Figure | undefined
  /** Milliseconds; undefined where too little was answered. */
  readonly p99: Figure | undefined
  /** Share of requests that went wrong or timed out, 0 to 1. */
  readonly lost: number
}

/** Every kind of worker with every kind of clients, in the order of the study. */
export function interpreterClients({ rows }: Study, run: Pick<Run, 'seed'>): readonly ClientRow[] {
  return rows
    .filter(({ part, measurements }) => part === 'clients' && measurements.length > 0)
    .map(({ servers, workload, workers, threads, measurements }) => {
      const what = repeated(measurements)
      const answered = what.seen.filter(({ requests }) => requests > 0)
      const wrong = sum(measurements.map(({ errors, timeouts }) => errors + timeouts))
      const all = wrong + sum(measurements.map(({ requests }) => requests))
      return {
        ...what,
        servers,
        workload,
        workers,
        threads,
        throughput: answered.length > 0 ? figureOf(what.seen, (each) => each.throughput, run, 'throughput') : undefined,
        p99: figureOf(answered, ({ latency }) => latency?.p99, run, 'p99'),
        lost: all === 0 ? 0 : wrong / all,
      }
    })
}
