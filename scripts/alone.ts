import { startedOrigin, type AloneTarget } from '../suites/judging/origin.ts'
import type { Tier, Topology } from '../topologies/index.ts'
import type { Deployment, Runtime, UpOptions } from '../topologies/runtimes/index.ts'
import type { Intermediary } from '../topologies/servers/index.ts'

/** Where the lab's own origin listens: a neighbour of the first tier's address. */
const ORIGIN_HOST = '127.0.0.10'

/** The variant of a cache in which rules can be told apart: nothing is kept longer than a response says. */
export const LAB_VARIANT = 'lab'

/** An intermediary that is up in front of the lab's own origin. Disposing takes both down. */
export interface Alone extends AsyncDisposable {
  readonly deployment: Deployment
  readonly target: AloneTarget
}

/** Brings an intermediary up in front of an origin of its own; undefined where its servers cannot reach that. */
export async function upAlone(
  runtime: Runtime,
  tier: Tier<Intermediary>,
  options: UpOptions,
): Promise<Alone | undefined> {
  await using stack = new AsyncDisposableStack()
  const origin = stack.use(await startedOrigin(ORIGIN_HOST))
  const deployment = await runtime.alone(tier, origin.address, options)
  if (!deployment) return undefined
  stack.use(deployment)
  const owned = stack.move()
  return {
    deployment,
    target: { hops: deployment.target.hops, origin },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/**
 * The intermediaries of some topologies, each once, as they are judged alone: in the variant that is deployed, and in the
 * one for telling rules apart where there is one.
 */
export function intermediaries(topologies: readonly Topology[]): readonly Tier<Intermediary>[] {
  const deployed = topologies.flatMap(({ tiers }) => tiers.filter(isIntermediary))
  const both = deployed.flatMap(({ server, variant }) => [
    { server, variant },
    ...(LAB_VARIANT in server.variants ? [{ server, variant: LAB_VARIANT }] : []),
  ])
  return [...new Map(both.map((tier) => [`${tier.server.name}/${tier.variant}`, tier])).values()]
}

/** Whether a tier stands in front of another one. */
export function isIntermediary(tier: Tier): tier is Tier<Intermediary> {
  return tier.server.role !== 'app'
}
