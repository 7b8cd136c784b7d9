import { interpreterClients, type ClientRow } from './interpreter-clients.ts'
import { interpreterCosts, type Cost } from './interpreter-cost.ts'
import { interpreterMemory, type Weight } from './interpreter-memory.ts'
import { interpreterScaling, type Scaling } from './interpreter-scaling.ts'
import type { Run, Study } from './run.ts'

/** What a study of the interpreter found, part by part; a part that was not measured is empty. */
export interface InterpreterFindings {
  readonly study: Study
  readonly memory: readonly Weight[]
  readonly scaling: readonly Scaling[]
  readonly costs: readonly Cost[]
  readonly clients: readonly ClientRow[]
}

/** What the run's study found; undefined for a run without one. */
export function interpreterFindings(run: Run): InterpreterFindings | undefined {
  const { study } = run
  if (study === undefined) return undefined
  return {
    study,
    memory: interpreterMemory(study, run),
    scaling: interpreterScaling(study, run),
    costs: interpreterCosts(study, run),
    clients: interpreterClients(study, run),
  }
}
