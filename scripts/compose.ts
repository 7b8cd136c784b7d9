import { readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Document, isMap } from 'yaml'
import type { Topology } from '../topologies/index.ts'
import { DEFAULT_BASE } from '../topologies/runtimes/base.ts'
import { THERE } from '../topologies/runtimes/containers/paths.ts'
import { CONTEXT, imagePackages } from '../topologies/runtimes/containers/images.ts'
import { EXIT } from '../topologies/runtimes/lab-error.ts'
import { serviceEnvironment } from '../topologies/runtimes/service-environment.ts'
import { ROOT, topologies } from './catalogue.ts'
import { answersAt } from './exporting/checks.ts'
import { placed } from './exporting/placed.ts'
import { userPath } from './save.ts'

/**
 * `npm run compose [-- FILE]` writes docker-compose.yml from the topologies; with `--check` it only says whether the
 * file is what they would give.
 */

export const COMPOSE_FILE = join(ROOT, 'docker-compose.yml')

const HEADER = ` Generated from topologies/ by \`npm run compose\`. Do not edit: the next run overwrites it.

 docker compose --profile three-tier up --build --wait    brings a topology up: http://127.0.0.1:8080/
 docker compose --profile three-tier down                 takes it down

 LAB_PORT chooses another port, LAB_APP another application of apps/ (default: pages).
 Images are of Debian 13, whose versions change for security fixes only; nothing runs as root.
 The networks' ranges are fixed, because tiers trust each other by address; if one is taken, change it throughout.`

const PORT = 8000
/** Stand for what Compose is to fill in, while every other dollar of a configuration is escaped. */
const MODULE = 'LAB_APP_OF_COMPOSE'
const PUBLISHED = 'LAB_PORT_OF_COMPOSE'

/** The text of docker-compose.yml for these topologies: a profile each. */
export function composeFile(all: readonly Topology[]): string {
  const parts = all.map((topology, index) => profile(topology, `10.47.${11 + index}`))
  const merged = (key: 'services' | 'networks' | 'configs') =>
    Object.assign({}, ...parts.map((part) => part[key])) as object
  const document = new Document({
    name: 'gateway-lab',
    services: merged('services'),
    networks: merged('networks'),
    configs: merged('configs'),
  })
  document.commentBefore = HEADER
  const services = document.get('services')
  if (isMap(services)) {
    for (const { value } of services.items)
      if (isMap(value)) value.comment = ' cpuset: "0"    # keeps this tier on CPU 0, as the lab does when it measures'
  }
  return escaped(document.toString({ lineWidth: 0, blockQuote: 'literal' }))
}

/** Dollars are Compose's, unless doubled. */
const escaped = (text: string) =>
  text.replaceAll('$', '$$$$').replaceAll(MODULE, '${LAB_APP:-pages}').replaceAll(PUBLISHED, '${LAB_PORT:-8080}')

function profile({ name, tiers }: Topology, range: string) {
  const services: Record<string, object> = {}
  const configs: Record<string, object> = {}
  const all = placed(
    { tiers },
    {
      host: (distance) => `${range}.${11 + distance}`,
      upstream: (role) => role,
      port: () => PORT,
      directory: () => THERE.service,
      cpus: () => 1,
      root: '',
      triplet: '',
      application: {
        directory: THERE.applications,
        module: MODULE,
        callable: 'application',
        mount: '',
        variables: {},
        statics: [{ prefix: '/static/', directory: `${THERE.applications}/static` }],
      },
      workers: 2,
      threads: 4,
    },
  )
  for (const [index, { tier, site, launch }] of all.entries()) {
    const { server } = tier
    const behind = tiers[index + 1]
    const { host } = site.address
    const service = `${name}-${server.role}`
    const files = Object.entries(launch.files).map(([file, content]) => ({
      id: `${service}-${file.replace(/\W/g, '-')}`,
      file,
      content,
    }))
    for (const { id, content } of files) configs[id] = { content }
    services[service] = {
      profiles: [name],
      image: `gateway-lab/${server.name}:trixie`,
      build: {
        context: `./${relative(ROOT, CONTEXT)}`,
        args: { BASE: DEFAULT_BASE, PACKAGES: imagePackages(server).join(' ') },
      },
      command: launch.argv,
      user: 'nobody:nogroup',
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      environment: { ...serviceEnvironment(site), ...launch.env },
      volumes: [`./apps:${THERE.applications}:ro`],
      ...(files.length > 0
        ? { configs: files.map(({ id, file }) => ({ source: id, target: `${THERE.service}/${file}` })) }
        : {}),
      networks: { [name]: { ipv4_address: host, aliases: [server.role] } },
      ...(index === 0 ? { ports: [`127.0.0.1:${PUBLISHED}:${PORT}`] } : {}),
      stop_signal: launch.stop,
      stop_grace_period: '10s',
      healthcheck: { test: ['CMD', 'bash', '-c', answersAt(site.address)], interval: '2s', timeout: '3s', retries: 15 },
      ...(behind ? { depends_on: { [`${name}-${behind.server.role}`]: { condition: 'service_healthy' } } } : {}),
    }
  }
  return { services, configs, networks: { [name]: { ipam: { config: [{ subnet: `${range}.0/24` }] } } } }
}

if (import.meta.main) {
  const words = process.argv.slice(2)
  const named = words.find((word) => !word.startsWith('-'))
  const file = named === undefined ? COMPOSE_FILE : userPath(named)
  const text = composeFile(await topologies())
  if (!words.includes('--check')) {
    await writeFile(file, text)
    process.stdout.write(`${file} is written.\n`)
  } else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    process.stderr.write(`${file} is not what the topologies give.\nRun npm run compose and commit what it writes.\n`)
    process.exitCode = EXIT.breach
  }
}
