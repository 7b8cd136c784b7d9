import type { AppServer, Intermediary, Server } from '../topologies/servers/index.ts'
import { filling, type Tier, type Topology } from '../topologies/index.ts'
import type { Suite } from '../suites/conformance/index.ts'
import { EXIT, LabError } from '../topologies/runtimes/lab-error.ts'

/** A wrong word on the command line: what was wrong and what would be right. */
export function usageError(happened: string, todo: string): LabError {
  return new LabError(happened, todo, { exitCode: EXIT.usage })
}

/** The entries with the given names (comma-separated lists, repeatable), in the catalogue's order; all when none is given. */
export function choose<Entry extends { readonly name: string }>(
  what: string,
  all: readonly Entry[],
  names: readonly string[],
): readonly Entry[] {
  const wanted = names
    .flatMap((name) => name.split(','))
    .map((name) => name.trim())
    .filter(Boolean)
  for (const name of wanted) {
    if (!all.some((entry) => entry.name === name)) {
      throw usageError(`There is no ${what} "${name}".`, `Choose from: ${all.map((entry) => entry.name).join(', ')}.`)
    }
  }
  return wanted.length === 0 ? all : all.filter((entry) => wanted.includes(entry.name))
}

/** The suites with only the clauses of these ids (`id` or `suite/id`); all of them when none is given. */
export function chooseClauses(suites: readonly Suite[], ids: readonly string[]): readonly Suite[] {
  if (ids.length === 0) return suites
  const full = suites.flatMap(({ name, clauses }) => Object.keys(clauses).map((id) => `${name}/${id}`))
  const wanted = new Set(
    ids.flatMap((id) => {
      // A rule that is judged in chains and at intermediaries alone has one id in two suites.
      const found = full.filter((each) => each === id || each.endsWith(`/${id}`))
      if (found.length > 0) return found
      const near = full.filter((each) => each.includes(id.split(/[/.]/).at(-1)!))
      throw usageError(
        `There is no clause "${id}".`,
        near.length > 0 ? `Did you mean ${near.slice(0, 5).join(', ')}?` : 'See them all: npm run lab -- list clauses.',
      )
    }),
  )
  return suites
    .map((suite) => ({
      ...suite,
      clauses: Object.fromEntries(Object.entries(suite.clauses).filter(([id]) => wanted.has(`${suite.name}/${id}`))),
    }))
    .filter(({ clauses }) => Object.keys(clauses).length > 0)
}

/** `role=name[/variant]` read against the catalogue of servers. */
export function parseServerChoice(choice: string, servers: readonly Server[]): Tier {
  const match = /^(\w+)=([\w.-]+)(?:\/([\w.-]+))?$/.exec(choice)
  if (!match)
    throw usageError(
      `"${choice}" does not choose a server.`,
      'Write role=name or role=name/variant, as in --server app=gunicorn/sync.',
    )
  const [, role = '', name = '', variant] = match
  const roles = [...new Set(servers.map((server) => server.role))].sort()
  const ofRole = servers.filter((server) => server.role === role)
  if (ofRole.length === 0) throw usageError(`There is no role "${role}".`, `Choose from: ${roles.join(', ')}.`)
  const server = ofRole.find((candidate) => candidate.name === name)
  if (!server)
    throw usageError(
      `There is no server "${name}" for the role ${role}.`,
      `Choose from: ${ofRole.map((candidate) => candidate.name).join(', ')}.`,
    )
  const variants = Object.keys(server.variants)
  if (variant !== undefined && !variants.includes(variant)) {
    throw usageError(`${server.title} has no variant "${variant}".`, `Choose from: ${variants.join(', ')}.`)
  }
  return { server, variant: variant ?? variants[0]! }
}

/**
 * The topologies with the chosen servers in the tiers of their role; several choices for a role give a filling each, to
 * be compared. A choice that fits none of the topologies is an error; one that does not fit some of them leaves those
 * as they are.
 */
export function fill(topologies: readonly Topology[], choices: readonly Tier[]): readonly Topology[] {
  for (const choice of choices) {
    if (!topologies.some((topology) => accepts(topology, choice))) {
      const hint = topologies.map((topology) => topology.excludes?.[choice.server.name]).find(Boolean)
      throw usageError(
        `${choice.server.title} has no place in ${topologies.map((topology) => topology.name).join(', ')}.`,
        hint
          ? `It makes the topology ${hint}: use --topology ${hint}.`
          : 'Choose another topology, or leave this --server out.',
      )
    }
  }
  const filled = topologies.flatMap((topology) =>
    topology.tiers.reduce<readonly Topology[]>(
      (fillings, tier, index) => {
        const fitting = choices.filter((choice) => choice.server.role === tier.server.role && accepts(topology, choice))
        if (fitting.length === 0) return fillings
        return fillings.flatMap((each) => fitting.map((choice) => withTier(each, index, choice)))
      },
      [topology],
    ),
  )
  return distinct(filled)
}

/**
 * Every server of the catalogue in every variant, in as few topologies as show it: each app server behind nothing, each
 * intermediary in front of the server that a topology has by default.
 */
export function everyFilling(topologies: readonly Topology[], servers: readonly Server[]): readonly Topology[] {
  const all = servers.flatMap((server) => Object.keys(server.variants).map((variant): Tier => ({ server, variant })))
  const shortest = Math.min(...topologies.map(({ tiers }) => tiers.length))
  return distinct(
    topologies.flatMap((topology) =>
      topology.tiers.flatMap((tier, index) =>
        all
          .filter((choice) => choice.server.role === tier.server.role && accepts(topology, choice))
          .filter(({ server }) => server.role !== 'app' || topology.tiers.length === shortest)
          .map((choice) => withTier(topology, index, choice)),
      ),
    ),
  )
}

const distinct = (fillings: readonly Topology[]): readonly Topology[] => [
  ...new Map(fillings.map((topology) => [filling(topology), topology])).values(),
]

function withTier(topology: Topology, index: number, choice: Tier): Topology {
  // The cast is sound: a tier is exchanged only for one of the same role.
  const tiers = topology.tiers.map((tier, at) => (at === index ? choice : tier))
  return { ...topology, tiers: tiers as [...Tier<Intermediary>[], Tier<AppServer>] }
}

function accepts(topology: Topology, choice: Tier): boolean {
  const { role, name } = choice.server
  if (topology.excludes?.[name] || !topology.tiers.some((tier) => tier.server.role === role)) return false
  return !topology.fixed?.includes(role) || topology.tiers.some((tier) => tier.server.name === name)
}
