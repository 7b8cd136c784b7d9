import { join } from 'node:path'
import type { Runtime } from '../topologies/runtimes/index.ts'
import { native } from '../topologies/runtimes/native.ts'
import { privateToolchain, systemToolchain, type Toolchain } from '../topologies/runtimes/toolchain.ts'
import type { Topology } from '../topologies/index.ts'
import { ROOT, servers } from './catalogue.ts'

/** The servers' programs. The private toolchain holds all servers of the catalogue, so that it is made only once. */
export async function toolchainFor(
  which: 'private' | 'system',
  topologies: readonly Topology[],
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<Toolchain> {
  if (which === 'private') return privateToolchain(await servers(), say, signal)
  const needed = new Map(
    topologies.flatMap(({ tiers }) => tiers.map((tier) => [tier.server.name, tier.server] as const)),
  )
  return systemToolchain([...needed.values()])
}

/** The runtime that brings topologies up with these programs. */
export const runtimeWith = (toolchain: Toolchain): Promise<Runtime> => native(toolchain, join(ROOT, 'apps'))
