import type { Measurement, Reason, Run } from '../reports/run.ts'
import { capacityOpen } from '../reports/words/capacity.ts'
import { EXIT, LabError } from '../topologies/runtimes/lab-error.ts'

/** A question that was measured for, and what came of it. */
interface Question {
  /** `the workload time`. */
  readonly about: string
  readonly measurements: readonly Measurement[]
  /** Reasons for which a measurement is not valid and that do not matter to this question. */
  readonly despite: readonly Reason[]
}

/** A lower bound is an answer too. */
const LOWER_BOUND: readonly Reason[] = ['generator-bound']
/** How fast requests were answered, and what else went on, changes no memory. */
const MEMORY: readonly Reason[] = [
  ...LOWER_BOUND,
  ...(['too-few', 'inconsistent', 'shared-cpus', 'disturbed'] as const),
]

/**
 * That a run cannot answer what it was asked: of the workloads not a single one has a measurement to go by, or of a study
 * one part has none; or that no topology was found to keep an objective. Undefined when it can, and when nothing was measured.
 */
export function inconclusive(run: Run): LabError | undefined {
  const unborne = capacityOpen(run)
  if (unborne !== undefined)
    return new LabError(unborne, 'Allow more with --slo, or look at the report.', { exitCode: EXIT.inconclusive })
  const questions = [workloadQuestions(run), studyQuestions(run)]
  const open = [
    ...(questions[0]!.some(isAnswered) ? [] : questions[0]!),
    ...questions[1]!.filter((question) => !isAnswered(question)),
  ]
  if (open.length === 0) return undefined
  const whys = open.map(({ about, measurements }) => `${about}: ${mostFrequent(measurements)}`)
  return new LabError(
    `No measurement is valid of ${whys.join('\n')}`,
    'Nothing can be concluded from these figures: measure again when the machine is quieter, or with other loads.',
    { exitCode: EXIT.inconclusive },
  )
}

function workloadQuestions({ results }: Run): readonly Question[] {
  const all = results.flatMap(({ measurements, sweep = [] }) => [...measurements, ...sweep])
  return [...Map.groupBy(all, ({ workload }) => workload)].map(([name, measurements]) => {
    return { about: `the workload ${name}`, measurements, despite: LOWER_BOUND }
  })
}

function studyQuestions({ study }: Run): readonly Question[] {
  return [...Map.groupBy(study?.rows ?? [], ({ part }) => part)].map(([part, rows]) => {
    return {
      about: `the part ${part}`,
      measurements: rows.flatMap((row) => row.measurements),
      despite: part === 'memory' ? MEMORY : LOWER_BOUND,
    }
  })
}

const isAnswered = ({ measurements, despite }: Question): boolean =>
  measurements.some(({ validity }) => validity.valid || validity.reasons.every((reason) => despite.includes(reason)))

/** The most frequent reason for which they are not valid, in the words of the first that has it. */
function mostFrequent(measurements: readonly Measurement[]): string {
  const reasons = measurements.flatMap(({ validity }) =>
    validity.valid ? [] : validity.reasons.map((reason, index) => ({ reason, says: validity.because[index]! })),
  )
  const [most] = [...Map.groupBy(reasons, ({ reason }) => reason).values()].sort((a, b) => b.length - a.length)
  return most?.[0]?.says ?? 'nothing was measured.'
}
