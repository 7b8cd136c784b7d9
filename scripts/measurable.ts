import type { Placement } from '../topologies/runtimes/index.ts'
import { LabError } from '../topologies/runtimes/lab-error.ts'

/**
 * Refuses one CPU for generator and servers: it would take its time from them, the more the faster they are. `what` begins the
 * sentence: `A plan`.
 */
export function refuseOneCpu(
  { services, generator }: Placement,
  what: string,
  todo = 'Run it on a machine, or in a container, with two CPUs or more.',
): void {
  if (generator.some((cpu) => services.includes(cpu)))
    throw new LabError(
      `${what} needs two CPUs, and the lab may use one: its generator would take its time from the servers.`,
      todo,
    )
}

/** Containers in a private network are loaded by a process beside them for one window each: there is no taking turns. */
export const bridged = (what: string, exitCode: number): LabError =>
  new LabError(
    `${what} takes many short windows from this machine, which cannot reach into a private network of containers.`,
    'Use --network host, or --runtime native.',
    { exitCode },
  )
