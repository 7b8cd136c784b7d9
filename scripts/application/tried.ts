import type { Topology } from '../../topologies/index.ts'
import type { Runtime, UpOptions } from '../../topologies/runtimes/index.ts'
import { answerAll } from './answered.ts'
import type { ChosenApplication, Mounted } from './index.ts'
import { readyOn } from './ready.ts'

/**
 * Makes an application ready on a runtime, brings up the simplest of the topologies and asks for everything once: what does not
 * work is told before anything is measured. How it is brought up there.
 */
export async function tryOut(
  runtime: Runtime,
  topologies: readonly Topology[],
  chosen: ChosenApplication,
  size: Pick<UpOptions, 'workers' | 'threads' | 'placement'> & { readonly signal: AbortSignal },
  say: (line: string) => void,
): Promise<Mounted> {
  const up = await readyOn(runtime, chosen, say, size.signal)
  const simplest = topologies.reduce((best, other) => (other.tiers.length < best.tiers.length ? other : best))
  say(`asking your application in ${simplest.name}`)
  await using deployment = await runtime.up(simplest, { ...up, ...size, abrupt: true })
  await answerAll(deployment, chosen.requests, size.signal)
  return up
}
