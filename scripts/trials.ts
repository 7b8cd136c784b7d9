import type { Verdict } from '../reports/run.ts'
import type { Suite } from '../suites/conformance/index.ts'
import { judgeAll } from '../suites/judging/judge.ts'
import type { Tier, Topology } from '../topologies/index.ts'
import type { Runtime, UpOptions } from '../topologies/runtimes/index.ts'
import type { AppServer, Intermediary, Role } from '../topologies/servers/index.ts'
import { isIntermediary, LAB_VARIANT, upAlone } from './alone.ts'

/** One line of configuration at one tier, to see which rules it decides. */
export interface Trial {
  readonly tier: Tier
  /** The line as it is written. */
  readonly text: string
  readonly says: string
  /** Clauses that the line is known to decide. */
  readonly about: readonly string[]
  readonly lines: Readonly<Partial<Record<Role, readonly string[]>>>
}

/** A server in another of its variants. */
export interface VariantTrial extends Trial {
  /** The topology with it. */
  readonly topology: Topology
}

/** What is needed to try. */
export interface Bench {
  readonly runtime: Runtime
  readonly suites: readonly Suite[]
  readonly options: UpOptions & { readonly signal: AbortSignal }
}

/** Every line of a tier's server, each alone. */
export const lineTrials = (tier: Tier): readonly Trial[] =>
  (tier.server.lines ?? []).map(({ text, says, about }) => {
    return { tier, text, says, about, lines: { [tier.server.role]: [text] } }
  })

/** Every other variant of the servers of a topology, each alone, as `--server` takes it. */
export const variantTrials = (topology: Topology): readonly VariantTrial[] =>
  topology.tiers.flatMap(({ server, variant }, index) =>
    Object.entries(server.variants)
      .filter(([other]) => other !== variant && other !== LAB_VARIANT)
      .map(([other, says]): VariantTrial => {
        const tier = { server, variant: other } as Tier
        // The cast is sound: a tier is exchanged for one of the same server.
        const tiers = topology.tiers.map((each, at) => (at === index ? tier : each))
        const tried = { ...topology, tiers: tiers as [...Tier<Intermediary>[], Tier<AppServer>] }
        const text = `--server ${server.role}=${server.name}/${other}`
        return { topology: tried, tier, text, says, about: [], lines: {} }
      }),
  )

/** The verdicts at one tier of a chain, with these lines in force there. */
export async function verdictsInChain(
  topology: Topology,
  { server }: Tier,
  lines: Trial['lines'],
  { runtime, suites, options }: Bench,
): Promise<readonly Verdict[]> {
  if (suites.every((suite) => suite.alone)) return []
  await using deployment = await runtime.up(topology, { ...options, lines })
  return await judgeAll(suites, deployment.target, options.signal, { at: ({ role }) => role === server.role })
}

/** The verdicts at a tier's server alone, with these lines in force there; none of a server that calls the application. */
export async function verdictsAlone(
  tier: Tier,
  lines: Trial['lines'],
  { runtime, suites, options }: Bench,
): Promise<readonly Verdict[]> {
  if (!isIntermediary(tier) || !suites.some((suite) => suite.alone)) return []
  await using alone = await upAlone(runtime, tier, { ...options, lines })
  return alone ? await judgeAll(suites, alone.target, options.signal) : []
}
