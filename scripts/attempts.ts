import type { Measurement } from '../reports/run.ts'
import type { Workload } from '../suites/load/index.ts'
import { measure, type MeasureOptions } from '../suites/measuring/measure.ts'
import type { Deployment } from '../topologies/runtimes/index.ts'
import { timed } from './progress.ts'

/** How often a window in which others used the CPUs is measured again before its repeat counts as disturbed. */
const FURTHER_ATTEMPTS = 2

/**
 * One repeat of a workload, measured again where others used the CPUs meanwhile. The disturbed ones are given too: a report
 * shows how often that was.
 */
export async function* attempts(
  workload: Workload,
  deployment: Deployment,
  how: MeasureOptions,
  say: (line: string) => void,
): AsyncGenerator<Measurement, void> {
  for (let attempt = 0; attempt <= FURTHER_ATTEMPTS; attempt++) {
    say(attempt === 0 ? workload.title : `${workload.title}, again: others used the CPUs meanwhile`)
    const measurement = await timed('measuring', () => measure(workload, deployment, how))
    yield measurement
    if (measurement.validity.valid || !measurement.validity.reasons.includes('disturbed')) return
  }
}
