import type { Planned } from '../planning/planned.ts'
import type { Run } from '../run.ts'
import { command } from './commands.ts'

/** A command that follows from a plan, with what it is for. */
export interface NextStep {
  readonly says: string
  readonly command: string
}

const AS_COMPOSE = ['--format', 'compose', '--out', 'deployment']

/** How to deploy what is recommended, and how to plan again without measuring again. */
export function nextSteps(run: Run, { recommended, demand }: Planned): readonly NextStep[] {
  const file = `${folderOf(run)}/run.json`
  return [
    ...(recommended === undefined
      ? []
      : [
          {
            says: `Write ${recommended.name} in that size as files that can be deployed (native, kubernetes and procfile are other formats):`,
            command: command(['export', file, '--topology', recommended.result.topology, ...AS_COMPOSE]),
          },
        ]),
    {
      says: 'Plan for another demand from the same measurements:',
      command: command([
        'plan',
        '--from',
        file,
        '--rps',
        String(Math.round(demand.rps * 2)),
        '--p99',
        `${demand.p99}ms`,
      ]),
    },
  ]
}

/** Where the run was written: the folder that was asked for, as it was typed. */
function folderOf({ id, arguments: words }: Run): string {
  const at = words.findIndex((word) => word === '--out' || word.startsWith('--out='))
  const typed = words[at] === '--out' ? words[at + 1] : words[at]?.slice('--out='.length)
  return typed ?? `reports/runs/${id}`
}
