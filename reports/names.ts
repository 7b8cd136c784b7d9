import type { Result, Run } from './run.ts'

/** What was found of intermediaries between the lab's own ends, as a run of its own. */
export const aloneRun = (run: Run): Run => ({ ...run, results: run.alone ?? [] })

/** The runtimes of a run's results, in their order. */
export const runtimesOf = ({ results }: { readonly results: readonly Result[] }): readonly string[] => [
  ...new Set(results.map(({ runtime }) => runtime)),
]

/** Short names of a run's results, unique: the topology, and in brackets what tells it from others of its topology. */
export function resultNames({ results }: Pick<Run, 'results'>): ReadonlyMap<Result, string> {
  const names = results.map((result) => {
    if (result.topology === 'alone') return nameAlone(result, results)
    const apart = differences(result, results)
    return apart.length === 0 ? result.topology : `${result.topology} (${apart.join(', ')})`
  })
  return new Map(
    results.map((result, index) => {
      const name = names[index]!
      return [result, names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} #${index + 1}`]
    }),
  )
}

/** Names of all that was judged or measured: topologies, then intermediaries alone. */
export const allNames = (run: Run): ReadonlyMap<Result, string> =>
  new Map([...resultNames(run), ...resultNames(aloneRun(run))])

/** `nginx/http11 alone`, with the runtime where there are several. */
function nameAlone({ tiers, runtime }: Result, all: readonly Result[]): string {
  const several = runtimesOf({ results: all }).length > 1
  const servers = tiers.map(({ server, variant }) => `${server}/${variant}`).join(', ')
  return `${servers} alone${several ? ` (${runtime})` : ''}`
}

/** The server of each tier that others of this topology fill otherwise, as `--server` takes it; then the runtime. */
function differences(result: Result, all: readonly Result[]): readonly string[] {
  const alike = all.filter(({ topology }) => topology === result.topology)
  const fillings = result.tiers.filter(({ role, server, variant }) =>
    alike.some(({ tiers }) => {
      const other = tiers.find((tier) => tier.role === role)
      return other?.server !== server || other.variant !== variant
    }),
  )
  const runtimes = runtimesOf({ results: alike })
  return [
    ...fillings.map(({ server, variant }) => `${server}/${variant}`),
    ...(runtimes.length > 1 ? [result.runtime] : []),
  ]
}

/**
 * What the results of a run are to a reader who chooses among them: topologies, or deployments when one topology is
 * there with several servers in its tiers.
 */
export function candidates({ results }: Pick<Run, 'results'>): readonly [one: string, many: string] {
  const places = results.map(({ topology, runtime }) => `${topology} ${runtime}`)
  return new Set(places).size === places.length ? ['topology', 'topologies'] : ['deployment', 'deployments']
}
