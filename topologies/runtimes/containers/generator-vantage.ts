import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { PassThrough } from 'node:stream'
import { createInterface } from 'node:readline'
import type { Outpost, Vantage } from '../index.ts'
import { LabError } from '../lab-error.ts'
import { lastWordsOf } from '../last-words.ts'
import type { StartedService } from '../service.ts'
import type { Docker } from './engine.ts'
import { LabContainer } from './lab-container.ts'

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url))

/** Where a generator is put: the network of the services, and an image with nothing but a distribution in it. */
interface Post {
  readonly docker: Docker
  readonly image: string
  readonly reaped: boolean
  readonly network: { readonly name: string; address(n: number): string }
}

/**
 * Load from a container beside the services. A published port would not do: behind it stands a relay of the engine's,
 * which limits the throughput and uses CPU time that nobody is charged with.
 */
export function generatorVantage({ docker, image, reaped, network }: Post, edge: StartedService): Vantage {
  return {
    edge: new URL(`http://${edge.address.host}:${edge.address.port}/`),
    start: async (script, environment, cpus) => {
      const container = await new LabContainer(docker, image, {
        kind: 'generator',
        title: 'generator',
        attachment: { network: 'bridge', name: network.name, address: network.address(10), alias: 'generator' },
        cpus,
        environment,
        reaped,
      })
        // The checkout may be closed to others.
        .withUser(`${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`)
        .withBindMounts([
          { source: CHECKOUT, target: '/lab', mode: 'ro' },
          { source: nodeForLinux(), target: '/usr/local/bin/node', mode: 'ro' },
        ])
        .withCommand(['node', `/lab/${script}`])
        .begin()
      return outpost(container, docker)
    },
  }
}

async function outpost(container: Awaited<ReturnType<LabContainer['begin']>>, docker: Docker): Promise<Outpost> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const lastWords = lastWordsOf(stderr)
  const output = await container.logs({ stdout: true, stderr: true, follow: true })
  docker.modem.demuxStream(output, stdout, stderr)
  output.on('end', () => stdout.end())
  return {
    lines: createInterface({ input: stdout }),
    lastWords,
    [Symbol.asyncDispose]: async () => container.remove({ force: true, v: true }),
  }
}

/** The lab's own Node for Linux, which its package brings along on Linux only. */
function nodeForLinux(): string {
  const node = `${CHECKOUT}/node_modules/node-linux-${process.arch}/bin/node`
  if (existsSync(node)) return node
  throw new LabError(
    'The generator needs a Node for Linux to run in a container.',
    `Get it with: npm install --no-save --force node-linux-${process.arch}`,
  )
}
