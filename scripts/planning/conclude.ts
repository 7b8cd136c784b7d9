import { planOf } from '../../reports/planning/plan.ts'
import type { Run } from '../../reports/run.ts'
import { EXIT, LabError } from '../../topologies/runtimes/lab-error.ts'
import type { Outcome } from '../carried-out.ts'
import { reportOutcome } from '../run-and-report.ts'

/** Writes all reports of a plan, and throws what kept it from being whole, from being met or from being believed. */
export async function conclude(
  outcome: Outcome,
  options: { readonly out?: string | undefined; readonly json?: boolean | undefined },
): Promise<void> {
  const { out, json = false } = options
  await reportOutcome(outcome, { json, ...(out === undefined ? {} : { out }) })
  const open = unmet(outcome.run)
  if (open) throw open
}

/** That no topology meets the demand, or that what the model predicts is not what was measured; undefined otherwise. */
export function unmet(run: Run): LabError | undefined {
  const { recommended, topologies, validation } = planOf(run)
  if (!recommended) {
    const whys = topologies.map(({ name, because = 'too little was measured of it' }) => `${name}: ${because}`)
    return new LabError(
      `No topology meets the demand. ${whys[0] ?? 'None was measured.'}`,
      [...whys.slice(1), 'Ask for less, or for other machines: --from RUN.json plans again without measuring.'].join(
        '\n',
      ),
      { exitCode: EXIT.inconclusive },
    )
  }
  if (validation.holds) return undefined
  const { throughput, p50 } = validation
  return new LabError(
    throughput && p50
      ? `The model missed loads it was not fitted on: throughput by ${percent(throughput.median)} (at worst ${percent(throughput.worst)}), the median latency by ${percent(p50.median)}.`
      : 'The model could not be checked: no load was left to compare it with.',
    'Do not order machines by this plan: measure again when the machine is quieter, or longer with --rounds and --seconds.',
    { exitCode: EXIT.inconclusive },
  )
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`
