import { connect } from 'node:net'
import { once } from 'node:events'
import { hostname } from 'node:os'
import { getContainerRuntimeClient, type ContainerRuntimeClient } from 'testcontainers'
import { LabError } from '../lab-error.ts'

/** Client of the engine's HTTP interface (dockerode). */
export type Docker = ContainerRuntimeClient['container']['dockerode']

/** A Docker Engine that answers. */
export interface Engine {
  readonly docker: Docker
  /** `Docker Engine 26.1.5`. */
  readonly title: string
  /** Address of the engine's machine on which ports are published and the lab reaches them. */
  readonly host: string
  /** Whether its containers run on this machine itself, not in a virtual machine, and can share this network. */
  readonly isLocal: boolean
}

/** What a container, network or image of the lab's is: `service`, `generator`, `network`, `image` or `base`. */
export const LABEL = 'gateway-lab'
/** The process that made a container or network and will remove it (`owner.ts`). */
export const OWNER_LABEL = 'gateway-lab.owner'

/** Older ones know no `one-shot` statistics and no cgroup version 2. */
const OLDEST = 20
const ANSWER_MS = 10_000
const LOOPBACK = /^(localhost|127\.|\[?::1\]?$)/

/** The machine's engine, found the way Testcontainers finds it: DOCKER_HOST, the usual sockets, a rootless one. */
export async function engine(): Promise<Engine> {
  const named = URL.parse(process.env['DOCKER_HOST'] ?? '')
  if (named) {
    refuseRemote(named.hostname)
    const why = await trouble()
    if (why) throw why
  }
  const client = await inTime(getContainerRuntimeClient()).catch(async (cause: unknown) => {
    throw (await trouble()) ?? silent(cause)
  })
  const { docker, info } = { docker: client.container.dockerode, info: client.info.containerRuntime }
  const { host, socketPath } = docker.modem as { readonly host?: string; readonly socketPath?: string }
  // Testcontainers silently takes another engine when the one that DOCKER_HOST names gives no good answer.
  if (named && (socketPath ?? host) !== (named.pathname || named.hostname)) throw silent(undefined)
  refuseRemote(host)
  if (Number.parseInt(`${info.serverVersion}`, 10) < OLDEST) {
    throw new LabError(
      `The Docker Engine ${info.serverVersion} is too old.`,
      `Install ${OLDEST}.10 or newer, or use --runtime native.`,
    )
  }
  // A desktop's engine runs in a virtual machine of another name; inside a container the machine's name is another.
  const { Name } = (await docker.info()) as { readonly Name: string }
  const isLocal = Name === hostname() && info.operatingSystemType === 'linux' && !/desktop/i.test(info.operatingSystem)
  return {
    docker,
    title: `Docker Engine ${info.serverVersion}`,
    // Testcontainers takes a sandbox that looks like a container for one, and names the bridge's address.
    host: isLocal || info.host === 'localhost' ? '127.0.0.1' : info.host,
    isLocal,
  }
}

const silent = (cause: unknown): LabError =>
  new LabError('The Docker Engine takes calls but does not answer.', 'Restart it, or use --runtime native.', { cause })

function refuseRemote(host = ''): void {
  if (host === '' || LOOPBACK.test(host)) return
  throw new LabError(
    `The Docker Engine is on another machine (${host}).`,
    'The lab loads only what runs on this machine: unset DOCKER_HOST, or run the lab over there.',
  )
}

async function inTime<Value>(answer: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('It gave no answer.')), ANSWER_MS)
  })
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}

/** Why no engine answers, asked of the socket itself: Testcontainers does not say. Undefined when it takes calls. */
async function trouble(): Promise<LabError | undefined> {
  const address = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock'
  const url = URL.parse(address)
  const socket =
    url?.protocol === 'unix:'
      ? connect({ path: url.pathname })
      : connect({ port: Number(url?.port || 2375), host: url?.hostname ?? 'localhost' })
  const outcome = await once(socket, 'connect').then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code,
  )
  socket.destroy()
  if (outcome === undefined) return undefined
  return outcome === 'EACCES'
    ? new LabError(
        `You have no permission to use the Docker Engine (${address}).`,
        'Join its group (usermod -aG docker USER, then log in anew), or use --runtime native.',
      )
    : new LabError(
        `No Docker Engine answers (${address}).`,
        'Install one (apt-get install docker.io) and start it, set DOCKER_HOST, or use --runtime native.',
      )
}
