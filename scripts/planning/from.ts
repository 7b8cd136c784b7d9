import { readFile } from 'node:fs/promises'
import type { Run } from '../../reports/run.ts'
import { usageError } from '../choices.ts'
import { parseRun } from '../commands/report.ts'
import { userPath } from '../save.ts'
import { demandOf, type DemandWords } from './demand.ts'

/** The run that a user names, planned for another demand: its figures are as they were measured, its id is a new one. */
export async function replanned(from: string, demand: DemandWords, typed: readonly string[]): Promise<Run> {
  const path = userPath(from)
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw usageError(`${path} cannot be read: ${error.message}`, 'Name a run.json that plan wrote.')
  })
  const run = parseRun(path, text)
  const { plan } = run
  if (!plan || !run.results.some(({ planning }) => planning && planning.points.length > 0))
    throw usageError(
      `${path} holds nothing to plan with.`,
      'Measure it first: npm run lab -- plan --rps 2000 --p99 200ms writes such a run.json.',
    )
  if (demand.hitRatio !== undefined && plan.shares.cached === 0)
    throw usageError(
      `No cache kept any of the answers in ${path}: the hit ratio would count for nothing.`,
      'Leave --hit-ratio out, or measure a path that a cache may keep, with --topology three-tier.',
    )
  const id = `${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}-${process.pid}`
  return { ...run, id, arguments: [...typed], plan: { ...plan, ...demandOf(demand, run.host, plan) } }
}
