import type { Planned, PlannedTopology, Size } from '../../reports/planning/planned.ts'
import type { Result } from '../../reports/run.ts'
import type { Topology } from '../../topologies/index.ts'
import { servers } from '../catalogue.ts'
import { usageError } from '../choices.ts'

/** A topology of a plan that has a size. */
export interface ChosenTopology extends PlannedTopology {
  readonly size: Size
}

/**
 * The topology that was named, by its name in the plan. When none was: the best one that is preferred, else the recommended one. Throws a usage error where there is none, or none with a size.
 */
export function chosenTopology(
  { topologies, recommended }: Pick<Planned, 'topologies' | 'recommended'>,
  named: string | undefined,
  prefers: ((result: Result) => boolean) | undefined,
): ChosenTopology {
  const names = topologies.map(({ name }) => name).join(', ')
  if (named === undefined) {
    const found = topologies.find(({ result, size }) => size && prefers?.(result)) ?? recommended
    if (found) return sized(found)
    throw usageError(
      `No topology of this plan meets its demand${topologies[0]?.because ? `: ${topologies[0].because}` : '.'}`,
      'Plan again for a demand that one meets: npm run lab -- plan --from RUN.json --rps N --p99 TIME.',
    )
  }
  const exact = topologies.filter(({ name }) => name === named)
  const found = exact.length > 0 ? exact : topologies.filter(({ result }) => result.topology === named)
  if (found.length === 1) return sized(found[0]!)
  throw usageError(
    found.length === 0 ? `The plan has no topology "${named}".` : `The plan has ${named} with several servers.`,
    `Choose from: ${names}.`,
  )
}

function sized(topology: PlannedTopology): ChosenTopology {
  const { size, name, because } = topology
  if (size) return { ...topology, size }
  throw usageError(
    `${name} has no size in this plan: ${because ?? 'too little was measured of it.'}`,
    'Choose another --topology, or plan again for another demand.',
  )
}

/** A result's topology with the servers of the catalogue in it. */
export async function topologyOf({ topology, title, says, tiers }: Result): Promise<Topology> {
  const known = await servers()
  const filled = tiers.map((tier) => {
    const server = known.find(({ name, role }) => name === tier.server && role === tier.role)
    if (!server || !Object.hasOwn(server.variants, tier.variant))
      throw usageError(
        `The plan has ${tier.server}/${tier.variant}, which this version of the lab does not know.`,
        'Plan again with this version.',
      )
    return { server, variant: tier.variant }
  })
  // The cast is sound: a result's last tier is the one that calls the application.
  return { name: topology, title, says, tiers: filled as unknown as Topology['tiers'] }
}
