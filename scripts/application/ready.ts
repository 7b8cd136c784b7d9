import type { Runtime } from '../../topologies/runtimes/index.ts'
import type { ChosenApplication, Mounted } from './index.ts'
import { loaded } from './loading.ts'
import { withPackages } from './mounted.ts'
import { packagesOf } from './packages.ts'

/**
 * Makes an application ready on a runtime, before any server is started: its requirements are installed for that runtime's Python,
 * which then loads it once. How it is brought up there. Throws what is wrong with it in its own words.
 */
export async function readyOn(
  runtime: Runtime,
  { says, up, requirements }: ChosenApplication,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<Mounted> {
  if (!says) return up
  const whole = requirements === undefined ? up : withPackages(up, await packagesOf(requirements, runtime, say, signal))
  await loaded(runtime, whole, signal)
  return whole
}
