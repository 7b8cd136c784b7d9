import type { Planned } from '../planning/planned.ts'
import type { Run } from '../run.ts'

/** A command that follows from a plan, with what it is for. */
export interface NextStep {
  readonly says: string
  readonly command: string
}

/** How to deploy what is recommended, and how to plan again without measuring again. */
export function nextSteps({ id }: Run, { recommended, demand }: Planned): readonly NextStep[] {
  const file = `reports/runs/${id}/run.json`
  return [
    ...(recommended === undefined
      ? []
      : [
          {
            says: `Write ${recommended.name} in that size as files that can be deployed (native, kubernetes and procfile are other formats):`,
            command: `npm run lab -- export ${file} --topology ${recommended.result.topology} --format compose --out deployment`,
          },
        ]),
    {
      says: 'Plan for another demand from the same measurements:',
      command: `npm run lab -- plan --from ${file} --rps ${Math.round(demand.rps * 2)} --p99 ${demand.p99}ms`,
    },
  ]
}
