import type { Tier } from '../../index.ts'
import type { Launch, Site } from '../../servers/index.ts'
import type { Usage } from '../index.ts'
import { LabError } from '../lab-error.ts'
import { contextSwitchesOf, processOf, threadTimesOf, usageOf, type Process } from '../processes.ts'
import { STOP_MS, type Handle } from '../service.ts'
import { cgroupOf, type Cgroup } from './cgroup.ts'
import type { Docker } from './engine.ts'
import { fileOf, outputOf, type BindMount, type Container } from './files.ts'
import { lookInside, type Inside } from './inside.ts'
import { LabContainer, type ContainerOptions } from './lab-container.ts'

/** What a server needs beside its site to be started in a container. */
export interface Berth extends Omit<ContainerOptions, 'kind' | 'title' | 'stop'> {
  readonly docker: Docker
  readonly image: string
  /** The applications: folder of the lab's, copied to where the service looks for them. */
  readonly applications: { readonly here: string; readonly there: string }
  /** Folder that the service shares with the lab, for what the probe saw; absent where none can be shared. */
  readonly events?: { readonly here: string; readonly there: string } | undefined
  /** Folders of the user's application. */
  readonly mounts: readonly BindMount[]
}

/** Starts a server in a container of its own image, as `nobody`. */
export async function startContainer({ server }: Tier, launch: Launch, site: Site, berth: Berth): Promise<Handle> {
  const { docker, image, applications, events, mounts } = berth
  const created = new LabContainer(docker, image, { ...berth, kind: 'service', title: server.name, stop: launch.stop })
    .withCommand([...launch.argv])
    .withCopyDirectoriesToContainer([{ source: applications.here, target: applications.there }])
    .withCopyContentToContainer(
      Object.entries(launch.files).map(([name, content]) => ({ content, target: `${site.directory}/${name}` })),
    )
    .withBindMounts([...mounts, ...(events ? [{ source: events.here, target: events.there, mode: 'z' as const }] : [])])
  const container = await created.begin().catch((cause: Error) => {
    throw new LabError(
      `${server.title} (${server.role}) could not be started in a container: ${cause.message}`,
      'If it is not clear what to do: npm run lab -- doctor.',
      { cause },
    )
  })
  return handle(container, launch, site)
}

async function handle(container: Container, launch: Launch, site: Site): Promise<Handle> {
  const { State } = await container.inspect()
  let ending = State.Running ? undefined : describe(State)
  if (ending === undefined) {
    // Also when nobody asks: a service must be known to be dead as soon as it is.
    const whenGone = async () => (ending = describe((await container.inspect()).State))
    container
      .wait()
      .then(whenGone)
      .catch(() => (ending ??= 'is gone'))
  }
  const cgroup = cgroupOf(State.Pid, container.id)
  return {
    ended: () => ending,
    processes: async () => (cgroup ? processesOf(cgroup) : (await lookInside(container)).processes),
    usage: async (what) => (cgroup && what === 'cpu' ? cpuOf(cgroup) : memoryOf(await lookInside(container), cgroup)),
    contextSwitches: () => (cgroup ? contextSwitchesOf(processesOf(cgroup)) : undefined),
    threadTimes: () => (cgroup ? threadTimesOf(processesOf(cgroup)) : undefined),
    logs: async () => {
      const texts = [
        outputOf(container),
        ...(launch.logs ?? []).map((name) => fileOf(container, `${site.directory}/${name}`)),
      ]
      return (await Promise.all(texts)).filter(Boolean).join('\n')
    },
    stop: async () => {
      await container.stop({ t: STOP_MS / 1000 }).catch(ignoreGone)
      await container.remove({ force: true, v: true }).catch(ignoreGone)
    },
  }
}

const processesOf = (cgroup: Cgroup): readonly Process[] => cgroup.pids().flatMap((pid) => processOf(pid) ?? [])

async function cpuOf(cgroup: Cgroup): Promise<Usage> {
  return { ...(await usageOf(processesOf(cgroup), 'cpu')), cpuSeconds: cgroup.cpuSeconds() }
}

/** What the cgroup tells where it can be read, and memory, which only a look from inside can. */
async function memoryOf(inside: Inside, cgroup: Cgroup | undefined): Promise<Usage> {
  const { processes, cpuSeconds, pssBytes, cgroupBytes } = inside
  const rest = cgroup ? await cpuOf(cgroup) : { ...(await usageOf(processes, 'cpu')), cpuSeconds }
  return { ...rest, pssBytes, ...(pssBytes === null && cgroupBytes !== undefined ? { cgroupBytes } : {}) }
}

/** `ended (exit code 3)`, or why the kernel ended it. */
function describe({ ExitCode, OOMKilled }: { readonly ExitCode: number; readonly OOMKilled: boolean }): string {
  return OOMKilled ? 'was ended by the kernel: its memory limit was reached' : `ended (exit code ${ExitCode})`
}

/** Stopped (304), removed (404), or just being removed (409): somebody was faster, which is all that is wanted. */
function ignoreGone(error: { readonly statusCode?: number }): void {
  if (![304, 404, 409].includes(error.statusCode ?? 0)) throw error
}
