import type { Run } from './run.ts'

/**
 * The run as far as it compares topologies at the workloads' own loads. A sweep, a study or searches for capacity
 * alone compare none, so nothing is said to be missing from them.
 */
export function compared(run: Run): Run {
  const isOther = run.sweep !== undefined || run.study !== undefined || run.capacity !== undefined
  const isMeasured = run.results.some(({ measurements }) => measurements.length > 0)
  return isOther && !isMeasured ? { ...run, workloads: [] } : run
}

/** Whether nothing but a study was made: no topology was brought up to be judged or measured for itself. */
export const isStudyAlone = ({ study, results, alone = [] }: Run): boolean =>
  study !== undefined && results.length === 0 && alone.length === 0

/** Whether topologies were neither judged nor measured at their workloads' loads: a study was made, or capacity was searched. */
export const comparesNothing = (run: Run): boolean => isStudyAlone(run) || run.capacity !== undefined
