import { randomUUID } from 'node:crypto'
import { GenericContainer } from 'testcontainers'
import type { Address } from '../../servers/index.ts'
import { ownerName } from '../owner.ts'
import { LABEL, OWNER_LABEL, type Docker } from './engine.ts'
import type { Container } from './files.ts'

/** Where a container is attached, and how it is told apart there. */
export type Attachment =
  | { readonly network: 'host' }
  /** The engine's own network, in which nothing need be reached. */
  | { readonly network: 'default' }
  | {
      readonly network: 'bridge'
      readonly name: string
      readonly address: string
      /** Name in the network's DNS. */
      readonly alias: string
      /** Address of the machine on which a port is published, under the same number. */
      readonly publish?: Address
    }

/** What a container needs beside its image and command. */
export interface ContainerOptions {
  readonly kind: 'service' | 'generator'
  /** What it is to be found by in lists of containers. */
  readonly title: string
  readonly attachment: Attachment
  /** CPUs to keep it on; none for wherever the kernel likes. */
  readonly cpus: readonly number[]
  readonly memoryBytes?: number | undefined
  /** Signal that ends it gracefully. @default SIGTERM */
  readonly stop?: NodeJS.Signals
  readonly environment: Readonly<Record<string, string>>
  /** Whether Testcontainers' own reaper (Ryuk) is there to remove it should the lab be killed. */
  readonly reaped: boolean
}

/** A container with what Testcontainers has no call for: CPU set, stop signal, fixed address, loopback-only ports. */
export class LabContainer extends GenericContainer {
  readonly #docker: Docker
  readonly #created = Promise.withResolvers<{ readonly container: Container; readonly exited: Promise<unknown> }>()

  constructor(docker: Docker, image: string, options: ContainerOptions) {
    super(image)
    this.#docker = docker
    const { attachment, cpus, memoryBytes, stop } = options
    this.withName(`gateway-lab-${options.title}-${randomUUID().slice(0, 8)}`)
    this.withLabels({ [LABEL]: options.kind, [OWNER_LABEL]: ownerName() })
    this.withEnvironment({ ...options.environment })
    this.withAutoCleanup(options.reaped)
    // Whatever the engine's default is, its log must be readable.
    this.withDefaultLogDriver()
    if (stop) this.createOpts.StopSignal = stop
    if (cpus.length > 0) this.hostConfig.CpusetCpus = cpus.join(',')
    // Without swap, or the limit would be none.
    if (memoryBytes !== undefined) Object.assign(this.hostConfig, { Memory: memoryBytes, MemorySwap: memoryBytes })
    if (attachment.network === 'host') this.withNetworkMode('host')
    else if (attachment.network === 'bridge') this.#attach(attachment)
  }

  #attach({ name, address, alias, publish }: Attachment & { network: 'bridge' }): void {
    this.withNetworkMode(name)
    this.createOpts.NetworkingConfig = {
      EndpointsConfig: { [name]: { IPAMConfig: { IPv4Address: address }, Aliases: [alias] } },
    }
    if (publish === undefined) return
    const port = `${publish.port}/tcp`
    this.createOpts.ExposedPorts = { [port]: {} }
    // Never all addresses of the machine, which Testcontainers would take.
    this.hostConfig.PortBindings = { [port]: [{ HostIp: publish.host, HostPort: String(publish.port) }] }
  }

  /** Starts it. One that ends at once is no error here: its state and its log tell more. */
  async begin(): Promise<Container> {
    const started = this.start()
    started.catch(this.#created.reject)
    const { container, exited } = await this.#created.promise
    try {
      await Promise.race([started, exited])
      return container
    } catch (error) {
      await container.remove({ force: true, v: true })
      throw error
    }
  }

  protected override async containerCreated(id: string): Promise<void> {
    const container = this.#docker.getContainer(id)
    // Asked for before it starts, or the end of a short life could be missed.
    const exited = container.wait({ condition: 'next-exit' })
    exited.catch(() => {})
    this.#created.resolve({ container, exited })
  }
}
