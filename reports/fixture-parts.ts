import { fixture } from './fixture.ts'
import type { Run } from './run.ts'

/** Runs that are not whole, as they are when the lab was interrupted, a server failed, or the machine was too noisy. */
export function partialRuns(): Readonly<Record<string, Run>> {
  const run = fixture()
  const { finishedAt: _, ...unfinished } = run
  const [first] = run.results
  const noisy = {
    valid: false as const,
    reasons: ['disturbed' as const],
    because: [
      'Others used 0.90 of the 2 CPUs meanwhile (processes, or neighbours of a virtual machine): measure again when it is quieter.',
    ],
  }
  const each = (change: (result: Run['results'][number]) => Partial<Run['results'][number]>): Run => ({
    ...run,
    results: run.results.map((result) => ({ ...result, ...change(result) })),
  })
  return {
    'nothing at all': { ...unfinished, results: [], workloads: [], arguments: [] },
    'no result': { ...unfinished, results: [] },
    'no measurement': each(() => ({ measurements: [] })),
    'no verdict': each(() => ({ verdicts: [] })),
    'one topology': { ...run, results: [first!] },
    'all invalid': each(({ measurements }) => ({
      measurements: measurements.map((one) => ({ ...one, validity: noisy })),
    })),
    'nothing answered': each(({ measurements }) => ({
      measurements: measurements.map((one) => ({
        ...one,
        requests: 0,
        throughput: 0,
        latency: null,
        little: null,
        usage: [],
        validity: {
          valid: false as const,
          reasons: ['unanswered' as const],
          because: ['No request was answered rightly.'],
        },
      })),
    })),
    'one repeat': {
      ...each(({ measurements }) => ({ measurements: measurements.filter(({ repeat }) => repeat === 1) })),
      repeats: 1,
    },
    'only failures': { ...run, results: run.results.slice(4) },
    'memory unknown': each(({ measurements }) => ({
      measurements: measurements.map((one) => ({
        ...one,
        usage: one.usage.map((tier) => ({ ...tier, pssBytes: null })),
      })),
    })),
  }
}
